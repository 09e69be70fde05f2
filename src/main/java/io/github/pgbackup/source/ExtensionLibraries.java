package io.github.pgbackup.source;

import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The libraries of the source's extensions, and those that its server preloads. Some extensions can only be created in
 * a server that preloads their library.
 *
 * @param preloaded shared_preload_libraries, in order, without directories; empty when the role may not read the
 *     setting, which requires pg_read_all_settings
 * @param libraries by extension: the libraries of its functions, and the one with its own name, which may not exist
 */
public record ExtensionLibraries(Optional<List<String>> preloaded, Map<String, Set<String>> libraries) {

    /** For a database without extensions on a server that preloads nothing. */
    public static final ExtensionLibraries NONE = new ExtensionLibraries(Optional.of(List.of()), Map.of());

    /** plpgsql is part of every server. */
    private static final String LIBRARIES = """
            select distinct e.extname, p.probin
            from pg_catalog.pg_extension e
            left join pg_catalog.pg_depend d
                on d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and d.refobjid = e.oid
                and d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.deptype = 'e'
            left join pg_catalog.pg_proc p on p.oid = d.objid
            where e.extname <> 'plpgsql'
            order by 1, 2""";

    public ExtensionLibraries {
        preloaded = preloaded.map(List::copyOf);
    }

    /** Runs in the session's current transaction. */
    public static ExtensionLibraries of(Session session) throws SQLException {
        Map<String, Set<String>> libraries = new LinkedHashMap<>();
        session.list(LIBRARIES, row -> {
            Set<String> ofExtension =
                    libraries.computeIfAbsent(row.getString(1), name -> new LinkedHashSet<>(Set.of(name)));
            String file = row.getString(2);
            return file == null || ofExtension.add(library(file));
        });
        // The view omits a setting that the role may not read.
        Optional<List<String>> preloaded = session
                .list(
                        "select setting from pg_catalog.pg_settings where name = 'shared_preload_libraries'",
                        row -> row.getString(1))
                .stream()
                .findFirst()
                .map(ExtensionLibraries::libraries);
        return new ExtensionLibraries(preloaded, libraries);
    }

    private static List<String> libraries(String setting) {
        return Stream.of(setting.split(",", -1))
                .map(each -> library(each.strip().replace("\"", "")))
                .filter(each -> !each.isEmpty())
                .toList();
    }

    /** {@code pg_cron} for {@code $libdir/pg_cron.so}: directory and suffix depend on the source's packages. */
    private static String library(String file) {
        return file.substring(file.lastIndexOf('/') + 1).replaceFirst("\\.(so|dylib|dll)$", "");
    }

    /** The libraries that the source preloads for its extensions, in the source's order. */
    public List<String> preloadedForExtensions() {
        Set<String> all = all();
        return preloaded.orElse(List.of()).stream().filter(all::contains).toList();
    }

    /** Every library of every extension. */
    public Set<String> all() {
        return libraries.values().stream().flatMap(Set::stream).collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
