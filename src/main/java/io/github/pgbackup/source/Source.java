package io.github.pgbackup.source;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.container.Container;
import io.github.pgbackup.container.ContainerState;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The database to back up. Every session is read-only and has the application name {@code pgbackup}. */
public sealed interface Source permits UrlSource {

    /**
     * The application name of all our sessions, including pg_dump's, so that a database administrator can find them.
     */
    String APPLICATION_NAME = "pgbackup";

    /**
     * How long the source may take to answer a query that is normally instantaneous. Slower queries run while a
     * {@link ProductionWatcher} watches.
     */
    Duration SILENCE = Duration.ofSeconds(15);

    /** The oldest server whose catalogs and functions match the plugin's queries. */
    int OLDEST_MAJOR = 13;

    /**
     * Connects once, to find out which of the URL's hosts answers and whether a session with it can hold a snapshot.
     *
     * @throws CannotVerifyException when no host answers, the role may not connect, or there is a pooler in transaction
     *     mode
     */
    static Source open(JdbcUrl url, Credentials credentials, SessionLimits limits, Console console) {
        return UrlSource.open(url, credentials, limits, console);
    }

    /**
     * Connects once, inside a container.
     *
     * @param url from {@link JdbcUrl#inContainer}
     * @param state the inspected state of the container
     * @throws CannotVerifyException when no server answers there, the role may not connect, or the container lacks
     *     PostgreSQL's client programs
     */
    static Source open(
            JdbcUrl url, Credentials credentials, SessionLimits limits, Container container, ContainerState state)
            throws InterruptedException {
        return UrlSource.open(url, credentials, limits, container, state);
    }

    /**
     * A new session: read-only by default, without a search path, in UTC, for queries that are answered within
     * {@link #SILENCE}.
     *
     * @throws CannotVerifyException when the connection fails
     */
    Session connect();

    /** The identity when the source was opened. */
    ServerIdentity identity();

    /**
     * The name or address of the server's machine, as seen from here; the loopback address for a server in a container.
     */
    String host();

    /** The state of the server's container when the source was opened. */
    Optional<ContainerState> container();

    /** The client programs in the server's container, the only ones that can reach it; empty when any program can. */
    Optional<ClientPrograms> programs();

    /**
     * The environment for a pg_dump of the same database of the same server, including the password.
     *
     * @param client the version of that pg_dump
     * @throws CannotVerifyException when it is too old for an option of the URL
     */
    Map<String, String> pgDumpEnvironment(PostgresVersion client);

    /** Host, port and database as configured, for a log line; contains no secret. */
    String describe();
}
