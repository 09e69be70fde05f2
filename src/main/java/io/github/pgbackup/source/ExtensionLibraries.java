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
 * The libraries of the source's extensions, and those that its server preloads. Some extensions can only be created in a
 * server that preloads their library.
 *
 * @param preloaded shared_preload_libraries, in its order, without directories; empty when the role may not read it, which
 *     takes pg_read_all_settings
 * @param libraries of each extension: those of its functions, and the one that bears its name, which may not exist
 */
public record ExtensionLibraries(Optional<List<String>> preloaded, Map<String, Set<String>> libraries) {

    /** A database without extensions, of a server that preloads nothing. */
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

    /** Asks in the transaction that the session is in. */
    public static ExtensionLibraries of(Session session) throws SQLException {
        Map<String, Set<String>> libraries = new LinkedHashMap<>();
        session.list(LIBRARIES, row -> {
            Set<String> ofExtension =
                    libraries.computeIfAbsent(row.getString(1), name -> new LinkedHashSet<>(Set.of(name)));
            String file = row.getString(2);
            return file == null || ofExtension.add(library(file));
        });
        // A setting that the role may not read is missing from the view.
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

    /** {@code $libdir/pg_cron.so} is {@code pg_cron}: directory and suffix are those of the source's packages. */
    private static String library(String file) {
        return file.substring(file.lastIndexOf('/') + 1).replaceFirst("\\.(so|dylib|dll)$", "");
    }

    /** Those that the source preloads for its extensions, in the source's order. */
    public List<String> preloadedForExtensions() {
        Set<String> all = all();
        return preloaded.orElse(List.of()).stream().filter(all::contains).toList();
    }

    /** Every library of every extension. */
    public Set<String> all() {
        return libraries.values().stream().flatMap(Set::stream).collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
