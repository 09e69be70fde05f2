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

/** The database that is backed up. Every session is read-only and bears the application name {@code pgbackup}. */
public sealed interface Source permits UrlSource {

    /** The application name of all our sessions, pg_dump's too, by which a database administrator finds them. */
    String APPLICATION_NAME = "pgbackup";

    /**
     * How long the source may be silent about a question that takes no time. Who asks one that may take longer does so
     * beside a {@link ProductionWatcher}.
     */
    Duration SILENCE = Duration.ofSeconds(15);

    /** The oldest server whose catalogs and functions are what the queries here expect. */
    int OLDEST_MAJOR = 13;

    /**
     * Connects once, to learn which of the URL's hosts answers and whether a session with it can hold a snapshot.
     *
     * @throws CannotVerifyException when nothing answers, the role may not connect, or a pooler in transaction mode is
     *     in between
     */
    static Source open(JdbcUrl url, Credentials credentials, SessionLimits limits, Console console) {
        return UrlSource.open(url, credentials, limits, console);
    }

    /**
     * Connects once, inside a container.
     *
     * @param url of {@link JdbcUrl#inContainer}
     * @param state as the container was looked at
     * @throws CannotVerifyException when nothing answers there, the role may not connect, or the container has not
     *     PostgreSQL's client programs
     */
    static Source open(
            JdbcUrl url, Credentials credentials, SessionLimits limits, Container container, ContainerState state)
            throws InterruptedException {
        return UrlSource.open(url, credentials, limits, container, state);
    }

    /**
     * A new session, read-only by default, without a search path, in UTC, for questions that are answered within
     * {@link #SILENCE}.
     *
     * @throws CannotVerifyException when the connection fails
     */
    Session connect();

    /** As it was when the source was opened. */
    ServerIdentity identity();

    /** The name or address of the server's machine, as seen from here; the loopback for one in a container. */
    String host();

    /** The container that the server is in, as it was when the source was opened. */
    Optional<ContainerState> container();

    /** The client programs beside the server, which are the only ones that can reach it; empty where any can. */
    Optional<ClientPrograms> programs();

    /**
     * Everything that pg_dump needs to reach the same database of the same server, the password among it.
     *
     * @param client the version of that pg_dump
     * @throws CannotVerifyException when it is too old for what the URL asks for
     */
    Map<String, String> pgDumpEnvironment(PostgresVersion client);

    /** Host, port and database as configured, for a log line; no secret. */
    String describe();
}
