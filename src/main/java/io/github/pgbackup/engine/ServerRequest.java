package io.github.pgbackup.engine;

import io.github.pgbackup.postgres.PostgresVersion;
import java.nio.file.Path;
import java.util.Map;

/**
 * A request for a server from an {@link Engine}.
 *
 * @param source the version of the source's server; the throw-away server has the same major version
 * @param superuser the name of the bootstrap superuser (OID 10): the same as in the source, so that it owns the same
 *     objects
 * @param serverLog the file for the server's log; created with access for the owner only
 * @param parameters configuration parameters that take precedence over {@link ServerParameters}, except those for the
 *     server's addresses and files
 */
public record ServerRequest(PostgresVersion source, String superuser, Path serverLog, Map<String, String> parameters) {

    public ServerRequest {
        parameters = Map.copyOf(parameters);
    }

    /** A request without additional parameters. */
    public ServerRequest(PostgresVersion source, String superuser, Path serverLog) {
        this(source, superuser, serverLog, Map.of());
    }
}
