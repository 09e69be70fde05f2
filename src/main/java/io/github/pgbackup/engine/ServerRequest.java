package io.github.pgbackup.engine;

import io.github.pgbackup.postgres.PostgresVersion;
import java.nio.file.Path;
import java.util.Map;

/**
 * What is asked of an {@link Engine}.
 *
 * @param source the version of the server that was backed up; the throw-away server has the same major version
 * @param superuser the name of the bootstrap superuser (OID 10): the same as the source's, so that what it owns there
 *     it owns here too
 * @param serverLog the file the server's log is appended to; created readable by its owner alone
 * @param parameters configuration parameters that take precedence over {@link ServerParameters}, but for those that decide
 *     where the server listens and keeps its files
 */
public record ServerRequest(PostgresVersion source, String superuser, Path serverLog, Map<String, String> parameters) {

    public ServerRequest {
        parameters = Map.copyOf(parameters);
    }

    /** Without parameters of its own. */
    public ServerRequest(PostgresVersion source, String superuser, Path serverLog) {
        this(source, superuser, serverLog, Map.of());
    }
}
