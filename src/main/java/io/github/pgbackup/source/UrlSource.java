package io.github.pgbackup.source;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.Container;
import io.github.pgbackup.container.ContainerClient;
import io.github.pgbackup.container.ContainerState;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.postgres.SessionSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.HostSpec;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * A source configured by a JDBC URL, or by a container and its loopback interface. With several hosts, all sessions and
 * pg_dump use the one that answered first.
 */
final class UrlSource implements Source {

    /**
     * Startup options: they apply from the first statement on and override settings of the role and the database. The
     * server ends a session and its locks one minute after the network to us has failed; the default is hours.
     * tcp_user_timeout is not shorter, because it also ends a dump that reads nothing for that long.
     */
    private static final String STARTUP_OPTIONS = "-c default_transaction_read_only=on -c statement_timeout=0"
            + " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
            + " -c tcp_user_timeout=60000";

    /** Time limit for a cancel request, which is sent when the server may be unresponsive. */
    private static final int CANCEL_SECONDS = 2;

    private final JdbcUrl url;
    private final Credentials credentials;
    private final SessionLimits limits;
    private final JdbcUrl.Host host;
    private final Optional<String> hostAddress;
    private final @Nullable Inside inside;
    private final ServerIdentity identity;

    /** The database's encoding, by PostgreSQL's name. */
    private final String encoding;

    private UrlSource(
            JdbcUrl url,
            Credentials credentials,
            SessionLimits limits,
            JdbcUrl.Host host,
            @Nullable Inside inside,
            Optional<String> hostAddress,
            ServerIdentity identity,
            String encoding) {
        this.url = url;
        this.credentials = credentials;
        this.limits = limits;
        this.host = host;
        this.inside = inside;
        this.hostAddress = hostAddress;
        this.identity = identity;
        this.encoding = encoding;
    }

    /**
     * How to reach the server from inside its container.
     *
     * @param port the port that it listens on there
     */
    private record Inside(Container container, ContainerState state, ContainerClient programs, int port) {}

    static UrlSource open(JdbcUrl url, Credentials configured, SessionLimits limits, Console console) {
        Credentials credentials = configured.withPasswordFile(url, console);
        try {
            JdbcUrl.Host host = chosenHost(url, credentials);
            return open(url, credentials, limits, host, null);
        } catch (SQLException failure) {
            throw ConnectionFailure.of(failure, url, credentials);
        }
    }

    /** The official images take the server's first role and its port from the container's environment. */
    static UrlSource open(
            JdbcUrl url, Credentials configured, SessionLimits limits, Container container, ContainerState state)
            throws InterruptedException {
        Map<String, String> environment = state.environment();
        String user = url.user()
                .or(() -> Optional.ofNullable(configured.user()))
                .orElseGet(() -> environment.getOrDefault("POSTGRES_USER", "postgres"));
        Credentials credentials = new Credentials(user, configured.password());
        String port = environment.getOrDefault("PGPORT", "");
        Inside inside = new Inside(
                container,
                state,
                ContainerClient.of(container, "container " + state.name()),
                port.matches("\\d{1,5}") ? Integer.parseInt(port) : 5432);
        try {
            return open(url, credentials, limits, url.hosts().get(0), inside);
        } catch (SQLException failure) {
            throw ConnectionFailure.of(failure, url, credentials);
        }
    }

    private static UrlSource open(
            JdbcUrl url, Credentials credentials, SessionLimits limits, JdbcUrl.Host host, @Nullable Inside inside)
            throws SQLException {
        try (Session session = new Session(connection(url, host, credentials, inside))) {
            Optional<String> address = address(host);
            int version = (int) session.number("select current_setting('server_version_num')::int");
            if (version / 10000 < OLDEST_MAJOR) {
                throw new CannotVerifyException(
                        "The server at " + url.servers() + " runs PostgreSQL " + PostgresVersion.ofNumber(version)
                                + ", expected " + OLDEST_MAJOR + " or newer.",
                        Remedy.USE_A_POSTGRESQL_OF_13_OR_NEWER);
            }
            if (Pooler.isBehind(session)) {
                try (Session other = new Session(connection(url, host, credentials, inside))) {
                    Pooler.refuseTransactionMode(session, other, host, url);
                }
            }
            pinSettings(session, limits);
            String encoding = String.valueOf(session.text("select pg_catalog.getdatabaseencoding()"));
            return new UrlSource(url, credentials, limits, host, inside, address, ServerIdentity.of(session), encoding);
        }
    }

    @Override
    public Session connect() {
        Connection connection = null;
        try {
            connection = connection(url, host, credentials, inside);
            Session session = new Session(connection);
            pinSettings(session, limits);
            return session;
        } catch (SQLException failure) {
            if (connection != null) {
                try {
                    connection.close();
                } catch (SQLException closing) {
                    failure.addSuppressed(closing);
                }
            }
            throw ConnectionFailure.of(failure, url, credentials);
        }
    }

    @Override
    public ServerIdentity identity() {
        return identity;
    }

    @Override
    public String host() {
        return host.libpqName();
    }

    @Override
    public Optional<ContainerState> container() {
        return Optional.ofNullable(inside).map(Inside::state);
    }

    @Override
    public Optional<ClientPrograms> programs() {
        return Optional.ofNullable(inside).map(Inside::programs);
    }

    @Override
    public Map<String, String> pgDumpEnvironment(PostgresVersion client) {
        Map<String, String> environment = new LinkedHashMap<>(url.libpqEnvironment(host, credentials, client));
        // libpq would try all addresses of a name, in its own order; another address may be another server.
        hostAddress.ifPresent(address -> environment.put("PGHOSTADDR", address));
        if (inside != null) {
            environment.put("PGPORT", "" + inside.port());
        }
        environment.put("PGAPPNAME", APPLICATION_NAME);
        // pg_dump pins the other settings that affect the text of values and names; we compare the archive's text with
        // our own.
        environment.put("PGTZ", "UTC");
        // Otherwise the archive would get a client_encoding set for the database or the role, which may lack
        // characters.
        environment.put("PGCLIENTENCODING", encoding);
        environment.merge(
                "PGOPTIONS",
                STARTUP_OPTIONS + " -c bytea_output=hex -c quote_all_identifiers=off",
                (theirs, ours) -> theirs + " " + ours);
        return environment;
    }

    @Override
    public String describe() {
        return (inside == null ? "" + host : "container " + inside.state().name()) + "/" + url.database(credentials);
    }

    /**
     * The driver's choice among several hosts. The driver takes a read-only session for one on a standby, so it chooses
     * over a connection without our options, which runs nothing but the driver's own query.
     */
    private static JdbcUrl.Host chosenHost(JdbcUrl url, Credentials credentials) throws SQLException {
        Properties properties = url.driverProperties(credentials);
        if (url.hosts().size() == 1 && properties.getProperty(PGProperty.TARGET_SERVER_TYPE.getName()) == null) {
            return url.hosts().get(0);
        }
        try (Connection connection = connection(url.hosts(), properties)) {
            HostSpec spec =
                    connection.unwrap(PgConnection.class).getQueryExecutor().getHostSpec();
            return new JdbcUrl.Host(spec.getHost(), spec.getPort());
        }
    }

    private static Connection connection(
            JdbcUrl url, JdbcUrl.Host host, Credentials credentials, @Nullable Inside inside) throws SQLException {
        Properties properties = url.driverProperties(credentials);
        if (inside != null) {
            properties.putAll(inside.container().driverProperties(inside.port()));
        }
        // The host is chosen only once; a fail-over during a run is an error.
        properties.remove(PGProperty.TARGET_SERVER_TYPE.getName());
        PGProperty.OPTIONS.set(
                properties,
                url.options().map(theirs -> theirs + " " + STARTUP_OPTIONS).orElse(STARTUP_OPTIONS));
        return connection(List.of(host), properties);
    }

    private static Connection connection(List<JdbcUrl.Host> hosts, Properties properties) throws SQLException {
        PGProperty.APPLICATION_NAME.set(properties, APPLICATION_NAME);
        // Server errors can quote values of rows in their detail.
        PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
        // Named statements would stay in a pooler's backend, and no statement runs often enough to benefit.
        PGProperty.PREPARE_THRESHOLD.set(properties, 0);
        PGProperty.SOCKET_TIMEOUT.set(properties, (int) SILENCE.toSeconds());
        PGProperty.CANCEL_SIGNAL_TIMEOUT.set(properties, CANCEL_SECONDS);
        String servers = hosts.stream().map(JdbcUrl.Host::toString).collect(Collectors.joining(","));
        Connection connection = new Driver().connect("jdbc:postgresql://" + servers + "/", properties);
        if (connection == null) {
            throw new SQLException("The driver rejected its own URL.");
        }
        return connection;
    }

    /**
     * The address that the driver has just connected to: the first address of the name, which Java caches. Empty when
     * only a SOCKS proxy knows it.
     */
    private static Optional<String> address(JdbcUrl.Host host) {
        try {
            return Optional.of(InetAddress.getByName(host.libpqName()).getHostAddress());
        } catch (UnknownHostException onlyTheProxyKnows) {
            return Optional.empty();
        }
    }

    /**
     * Pins settings of a role or a database that could change the result or the duration of our queries. Row-level
     * security is off, so that a policy causes an error instead of silently hiding rows from a count. Each of our
     * queries uses one process in production instead of three.
     */
    private static void pinSettings(Session session, SessionLimits limits) throws SQLException {
        session.execute(
                """
                set statement_timeout = %d;
                set lock_timeout = %d;
                set idle_in_transaction_session_timeout = 0;
                set default_transaction_read_only = on;
                set jit = off;
                set max_parallel_workers_per_gather = 0;
                """.formatted(limits.statement().toMillis(), limits.lockWait().toMillis()) + SessionSettings.ALIKE);
        // Available since 14 and 17; with set_config, older servers need no separate statement.
        session.list("""
                select set_config(name, '0', false) from pg_catalog.pg_settings
                where name in ('idle_session_timeout', 'transaction_timeout')
                """, row -> row.getString(1));
        checkClientConnection(session);
    }

    /**
     * Since 14, a backend in the middle of a query can check whether its client is still connected, but only when asked
     * to. Without this, the query of a killed build would continue in production and hold its locks.
     */
    private static void checkClientConnection(Session session) throws SQLException {
        try {
            session.list("""
                    select set_config(name, '500ms', false) from pg_catalog.pg_settings
                    where name = 'client_connection_check_interval'
                    """, row -> row.getString(1));
        } catch (PSQLException e) {
            if (!PSQLState.INVALID_PARAMETER_VALUE.getState().equals(e.getSQLState())) {
                throw e;
            }
            // not supported by the server's operating system
        }
    }
}
