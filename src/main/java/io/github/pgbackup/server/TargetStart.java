package io.github.pgbackup.server;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.Setting;
import io.github.pgbackup.backup.Backup;
import io.github.pgbackup.engine.Engine;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.postgres.SqlState;
import io.github.pgbackup.source.ExtensionLibraries;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Starts a throw-away server that preloads the libraries that extensions of the backup need. The source's
 * shared_preload_libraries names them. If our role may not read that setting, or the source no longer preloads them,
 * the libraries themselves report it when a session loads them.
 *
 * @param parameters the configured parameters; a configured shared_preload_libraries replaces what is found here
 */
record TargetStart(
        Engine engine, Backup.Origin source, Path log, Map<String, String> parameters, ExtensionLibraries extensions) {

    private static final String PRELOADED = "shared_preload_libraries";

    private static final String PG_CRON = "pg_cron";

    /** undefined_file: the library does not exist. */
    private static final String NO_SUCH_FILE = "58P01";

    /**
     * A running server.
     *
     * @param preloaded its shared_preload_libraries; empty when there are none
     */
    record Started(PostgresServer server, String preloaded) {}

    /** The result of loading libraries in a session. */
    private record Loaded(Set<String> missing, Set<String> refused) {}

    Started start() throws InterruptedException, SQLException {
        String configured = parameters.get(PRELOADED);
        if (configured != null) {
            return start(configured);
        }
        List<String> wanted = extensions.preloadedForExtensions();
        Started started;
        CannotVerifyException failure = null;
        try {
            started = start(String.join(",", wanted));
        } catch (CannotVerifyException e) {
            if (wanted.isEmpty()) {
                throw e;
            }
            failure = e;
            started = start("");
        }
        Set<String> more;
        try {
            Loaded loaded = load(started.server());
            if (failure != null) {
                throw withoutLibraries(wanted, loaded, failure);
            }
            more = toPreload(loaded, wanted);
        } catch (SQLException | RuntimeException e) {
            started.server().stop();
            throw e;
        }
        if (more.isEmpty()) {
            return started;
        }
        started.server().stop();
        List<String> all = new ArrayList<>(wanted);
        all.addAll(more);
        return start(String.join(",", all));
    }

    private Started start(String preloaded) throws InterruptedException {
        Map<String, String> all = new LinkedHashMap<>();
        if (!preloaded.isEmpty()) {
            all.put(PRELOADED, preloaded);
            // Preloaded libraries must not act: their background workers would run jobs and call other servers.
            all.put("max_worker_processes", "0");
            if (List.of(preloaded.split(",", -1)).contains(PG_CRON)) {
                // A server allows pg_cron in one database only, so the source's database is that one.
                all.put("cron.database_name", source.database());
            }
        }
        all.putAll(parameters);
        try {
            PostgresServer server =
                    engine.start(new ServerRequest(source.version(), source.superuser(), log, Map.copyOf(all)));
            return new Started(server, preloaded);
        } catch (CannotVerifyException e) {
            throw parameters.isEmpty()
                    ? e
                    : new CannotVerifyException(
                            e.fact() + " It was started with " + String.join(", ", parameters.keySet()) + " from "
                                    + Setting.RESTORE_PARAMETERS + ".",
                            Remedy.CORRECT_THE_PARAMETERS,
                            e);
        }
    }

    private Loaded load(PostgresServer server) throws SQLException {
        Loaded loaded = new Loaded(new LinkedHashSet<>(), new LinkedHashSet<>());
        if (extensions.all().isEmpty()) {
            return loaded;
        }
        try (Session session = server.connect("template1")) {
            for (String library : extensions.all()) {
                try {
                    session.execute("load '" + library.replace("'", "''") + "'");
                } catch (SQLException e) {
                    boolean lost = SqlState.of(e).isOfTheConnection();
                    if (lost) {
                        throw e;
                    }
                    (NO_SUCH_FILE.equals(e.getSQLState()) ? loaded.missing() : loaded.refused()).add(library);
                }
            }
        }
        return loaded;
    }

    private CannotVerifyException withoutLibraries(List<String> wanted, Loaded loaded, CannotVerifyException failure) {
        List<String> missing =
                wanted.stream().filter(loaded.missing()::contains).toList();
        if (missing.isEmpty()) {
            return failure;
        }
        return new CannotVerifyException(
                "The throw-away server lacks libraries that the source preloads and extensions of the archive need: "
                        + missing.stream()
                                .map(library -> library + " (extension " + extensionsOf(library) + ")")
                                .collect(Collectors.joining(", "))
                        + ".",
                Remedy.HAVE_THE_EXTENSIONS);
    }

    private String extensionsOf(String library) {
        return extensions.libraries().entrySet().stream()
                .filter(each -> each.getValue().contains(library))
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(", "));
    }

    /** Libraries that cannot be loaded in a session. A library with the extension's name loads the others itself. */
    private Set<String> toPreload(Loaded loaded, List<String> already) {
        Set<String> preload = new LinkedHashSet<>();
        extensions.libraries().forEach((extension, libraries) -> {
            if (already.contains(extension)) {
                return;
            }
            if (loaded.refused().contains(extension)) {
                preload.add(extension);
            } else {
                libraries.stream().filter(loaded.refused()::contains).forEach(preload::add);
            }
        });
        preload.removeAll(already);
        return preload;
    }
}
