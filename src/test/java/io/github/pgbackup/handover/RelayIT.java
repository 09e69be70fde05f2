package io.github.pgbackup.handover;

import static io.github.pgbackup.test.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.engine.container.ContainerEngine;
import io.github.pgbackup.engine.local.LocalEngine;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.source.SilentConsole;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.Programs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;

/** The relay with the JDBC driver and psql, in front of servers of both engines. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(180)
final class RelayIT {

    private static final String ROLE = "the owner";
    private static final String DATABASE = "a b%+ü";
    private static final int CLIENTS = 50;

    @TempDir
    private Path logs;

    /** A kind of server. */
    record Kind(String engine, int major) {
        @Override
        public String toString() {
            return engine + " " + major;
        }
    }

    static Stream<Kind> kinds() {
        Stream<Kind> local = Stream.of(13, 15, 18).map(major -> new Kind("local", major));
        Stream<Kind> container = Docker.majors().map(major -> new Kind("container", major));
        return Stream.concat(local, container);
    }

    /** One server of each engine, for tests in which the version makes no difference. */
    static Stream<Kind> engines() {
        return kinds().filter(kind -> kind.major() == 18);
    }

    private interface Body {
        void run(PostgresServer server, Relay relay) throws Exception;
    }

    private void with(Kind kind, Body body) throws Exception {
        ServerRequest request = new ServerRequest(
                PostgresVersion.parse(kind.major() + ".1"),
                "postgres",
                logs.resolve("server.log"),
                Map.of("max_connections", "100"));
        Programs programs = Programs.ofMajor(kind.major());
        Installations installations = Installations.find(
                programs.directory() == null ? List.of() : List.of(programs.directory()),
                Map.of(),
                new SilentConsole());
        try (DaemonFinder daemons = new DaemonFinder(System.getenv())) {
            if (kind.engine().equals("local")) {
                programs.bin();
            }
            PostgresServer started = kind.engine().equals("local")
                    ? new LocalEngine(
                                    installations,
                                    (group, artifact, version) -> {
                                        throw new CannotVerifyException(artifact + " is not for tests.", Remedy.NONE);
                                    },
                                    Path.of(System.getProperty("java.io.tmpdir")),
                                    new SilentConsole())
                            .start(request)
                    : new ContainerEngine(daemons.require("the test"), null, installations, new SilentConsole())
                            .start(request);
            try (PostgresServer server = started) {
                try (Session session = server.connect("postgres")) {
                    session.execute("create role \"" + ROLE + "\" login");
                    session.execute("create database \"" + DATABASE + "\" owner \"" + ROLE + "\"");
                }
                try (Relay relay = Relay.open(server::open, Login.random(ROLE, DATABASE))) {
                    body.run(server, relay);
                }
            }
        }
    }

    private static Connection connect(Relay relay) throws SQLException {
        return connect(relay, ROLE, relay.login().password(), DATABASE);
    }

    private static Connection connect(Relay relay, String user, String password, String database) throws SQLException {
        RestoredConnection connection = new RestoredConnection(relay.port(), new Login(user, database, password));
        return DriverManager.getConnection(connection.url(), user, password);
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static long backends(PostgresServer server) {
        try (Session session = server.connect("postgres")) {
            return session.number("select count(*) from pg_stat_activity where usename = '" + ROLE + "'");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void only_the_role_with_its_password_reaches_its_database(Kind kind) throws Exception {
        with(kind, (server, relay) -> {
            String password = relay.login().password();
            try (Connection connection = connect(relay)) {
                assertThat(ask(connection, "select current_user || ', ' || current_database()"))
                        .isEqualTo(ROLE + ", " + DATABASE);
                assertThat(ask(connection, "show is_superuser")).isEqualTo("off");
            }
            assertRefused(
                    "28P01",
                    "password authentication failed for user \"the owner\"",
                    () -> connect(relay, ROLE, password + "x", DATABASE));
            assertRefused(
                    "28P01",
                    "password authentication failed for user \"postgres\"",
                    () -> connect(relay, "postgres", password, DATABASE));
            assertRefused(
                    "3D000",
                    "only the restored database \"" + DATABASE + "\" was handed over",
                    () -> connect(relay, ROLE, password, "postgres"));
            await(() -> backends(server) == 0);
            assertThat(relay.sessions()).isEqualTo(1);
        });
    }

    private static void assertRefused(String sqlState, String message, Callable<Connection> attempt) {
        assertThatThrownBy(attempt::call)
                .isInstanceOf(SQLException.class)
                .hasMessage("FATAL: " + message)
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo(sqlState);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void psql_connects_only_with_the_password(Kind kind) throws Exception {
        with(kind, (server, relay) -> {
            assertThat(psql(relay, relay.login().password(), "select current_user"))
                    .isEqualTo("the owner");
            assertThat(psql(relay, "wrong", "select current_user"))
                    .endsWith("FATAL:  password authentication failed for user \"the owner\"");
            assertThat(psql(relay, "", "select current_user")).contains("no password supplied");
        });
    }

    private static Process psql(Relay relay, String sql) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Programs.newest().bin().resolve("psql").toString(),
                "--no-psqlrc",
                "--tuples-only",
                "--no-align",
                "--no-password",
                "--command=" + sql);
        builder.environment()
                .putAll(Map.of(
                        "PGHOST",
                        "127.0.0.1",
                        "PGPORT",
                        "" + relay.port(),
                        "PGUSER",
                        ROLE,
                        "PGDATABASE",
                        DATABASE,
                        "PGPASSWORD",
                        relay.login().password()));
        return builder.redirectErrorStream(true).start();
    }

    private static String psql(Relay relay, String password, String sql) throws Exception {
        Relay same = relay;
        ProcessBuilder builder = new ProcessBuilder(
                Programs.newest().bin().resolve("psql").toString(),
                "--no-psqlrc",
                "--tuples-only",
                "--no-align",
                "--no-password",
                "--command=" + sql);
        builder.environment()
                .putAll(Map.of(
                        "PGHOST",
                        "127.0.0.1",
                        "PGPORT",
                        "" + same.port(),
                        "PGUSER",
                        ROLE,
                        "PGDATABASE",
                        DATABASE,
                        "PGPASSWORD",
                        password,
                        "PGPASSFILE",
                        "/dev/null"));
        Process process = builder.redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void a_request_to_cancel_reaches_its_session(Kind kind) throws Exception {
        with(kind, (server, relay) -> {
            ExecutorService threads = Executors.newCachedThreadPool();
            try (Connection first = connect(relay);
                    Connection second = connect(relay);
                    Statement ofFirst = first.createStatement();
                    Statement ofSecond = second.createStatement()) {
                Future<Boolean> cancelled = threads.submit(() -> ofFirst.execute("select pg_sleep(60)"));
                Future<Boolean> other = threads.submit(() -> ofSecond.execute("select pg_sleep(3)"));
                await(() -> sleeping(server) == 2);
                ofFirst.cancel();

                assertThatThrownBy(cancelled::get)
                        .hasRootCauseMessage("ERROR: canceling statement due to user request");
                assertThat(ask(first, "select 1")).isEqualTo("1");
                assertThat(other.get()).isTrue();
            } finally {
                threads.shutdownNow();
            }
        });
    }

    private static long sleeping(PostgresServer server) {
        try (Session session = server.connect("postgres")) {
            return session.number("select count(*) from pg_stat_activity where wait_event = 'PgSleep'");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void fifty_clients_work_at_once(Kind kind) throws Exception {
        with(kind, (server, relay) -> {
            ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
            List<Connection> connections = new ArrayList<>();
            try {
                List<Future<Connection>> connecting = new ArrayList<>();
                for (int i = 0; i < CLIENTS; i++) {
                    connecting.add(threads.submit(() -> connect(relay)));
                }
                for (Future<Connection> each : connecting) {
                    connections.add(each.get());
                }
                assertThat(backends(server)).isEqualTo(CLIENTS);
                List<Future<String>> asked = connections.stream()
                        .map(each -> threads.submit(() -> ask(each, "select count(*) from generate_series(1, 1000)")))
                        .toList();
                for (Future<String> each : asked) {
                    assertThat(each.get()).isEqualTo("1000");
                }
            } finally {
                for (Connection each : connections) {
                    each.close();
                }
                threads.shutdownNow();
            }
            await(() -> backends(server) == 0);
        });
    }

    @ParameterizedTest
    @MethodSource("engines")
    void rows_pass_unchanged_in_both_directions(Kind kind) throws Exception {
        with(kind, (server, relay) -> {
            try (Connection connection = connect(relay);
                    Statement statement = connection.createStatement()) {
                PGConnection driver = connection.unwrap(PGConnection.class);
                statement.execute("create table t as select i, md5(i::text) from generate_series(1, 100000) i");
                ByteArrayOutputStream rows = new ByteArrayOutputStream();
                driver.getCopyAPI().copyOut("copy t to stdout", rows);
                statement.execute("create table u (like t)");
                driver.getCopyAPI().copyIn("copy u from stdin", new ByteArrayInputStream(rows.toByteArray()));

                assertThat(ask(connection, "select count(*) from u")).isEqualTo("100000");
                assertThat(ask(connection, "select count(*) from (table t except table u) different"))
                        .isEqualTo("0");
            }
        });
    }

    @ParameterizedTest
    @MethodSource("engines")
    void a_killed_client_leaves_no_backend(Kind kind) throws Exception {
        with(kind, (server, relay) -> {
            Process sleeping = psql(relay, "select pg_sleep(600)");
            await(() -> sleeping(server) == 1);
            Process waiting = psql(relay, "select pg_advisory_lock(1), pg_advisory_lock_shared(2), pg_sleep(600)");
            await(() -> sleeping(server) == 2);
            sleeping.destroyForcibly();
            waiting.destroyForcibly();

            await(() -> backends(server) == 0);
        });
    }

    @ParameterizedTest
    @MethodSource("engines")
    void other_programs_cannot_connect_to_the_server(Kind kind) throws Exception {
        with(kind, (server, relay) -> {
            for (byte[] said : List.of(
                    "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                    new byte[] {
                        0,
                        0,
                        0,
                        8,
                        4,
                        (byte) 0xd2,
                        0x16,
                        0x2f,
                        0,
                        0,
                        0,
                        8,
                        4,
                        (byte) 0xd2,
                        0x16,
                        0x2f,
                        0,
                        0,
                        0,
                        8,
                        4,
                        (byte) 0xd2,
                        0x16,
                        0x2f,
                        0,
                        0,
                        0,
                        8,
                        4,
                        (byte) 0xd2,
                        0x16,
                        0x2f
                    },
                    // a request to cancel an unknown session
                    new byte[] {0, 0, 0, 16, 4, (byte) 0xd2, 0x16, 0x2e, 0, 0, 0, 1, 0, 0, 0, 2})) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
                    socket.getOutputStream().write(said);
                    assertThat(socket.getInputStream().readAllBytes())
                            .isIn((Object) new byte[0], new byte[] {'N', 'N', 'N'});
                }
            }
            assertThat(relay.sessions()).isZero();
        });
    }

    /** A client that claims it has authenticated, or answers with a forged proof. */
    @ParameterizedTest
    @MethodSource("engines")
    void a_forged_proof_is_refused(Kind kind) throws Exception {
        with(kind, (server, relay) -> {
            for (String proof : List.of("", "AAAA", "A".repeat(43) + "=", "no base64!")) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
                    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                    DataInputStream in = new DataInputStream(socket.getInputStream());
                    byte[] parameters =
                            ("user\0" + ROLE + "\0database\0" + DATABASE + "\0\0").getBytes(StandardCharsets.UTF_8);
                    out.writeInt(8 + parameters.length);
                    out.writeInt(3 << 16);
                    out.write(parameters);
                    message(in);
                    byte[] first = "n,,n=,r=abc".getBytes(StandardCharsets.UTF_8);
                    answer(out, "SCRAM-SHA-256\0", first);
                    String serverFirst = message(in);
                    String nonce = serverFirst.substring(serverFirst.indexOf("r="), serverFirst.indexOf(",s="));
                    answer(out, null, ("c=biws," + nonce + ",p=" + proof).getBytes(StandardCharsets.UTF_8));

                    assertThat(message(in)).startsWith("E").contains("28P01");
                    assertThat(in.read()).isNegative();
                }
            }
            assertThat(relay.sessions()).isZero();
        });
    }

    private static void answer(DataOutputStream out, String mechanism, byte[] bytes) throws Exception {
        byte[] name = mechanism == null ? new byte[0] : mechanism.getBytes(StandardCharsets.US_ASCII);
        out.write('p');
        out.writeInt(4 + name.length + (mechanism == null ? 0 : 4) + bytes.length);
        out.write(name);
        if (mechanism != null) {
            out.writeInt(bytes.length);
        }
        out.write(bytes);
    }

    private static String message(DataInputStream in) throws Exception {
        char type = (char) in.readUnsignedByte();
        byte[] body = new byte[in.readInt() - 4];
        in.readFully(body);
        return type + new String(body, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void closing_the_relay_ends_every_session(Kind kind) throws Exception {
        with(kind, (server, relay) -> {
            try (Connection connection = connect(relay)) {
                assertThat(backends(server)).isEqualTo(1);
                relay.close();

                assertThatThrownBy(() -> ask(connection, "select 1")).isInstanceOf(SQLException.class);
            }
            assertThatThrownBy(() -> connect(relay)).isInstanceOf(SQLException.class);
            await(() -> backends(server) == 0);
        });
    }
}
