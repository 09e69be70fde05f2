package io.github.pgbackup.test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.postgresql.Driver;

/**
 * A real PostgreSQL server that stands in for production: TCP on 127.0.0.1 at a free port, a superuser with a random
 * password (SCRAM), UTF-8 and the C locale. It ends, and its files are removed, with {@link #close()} or with this JVM,
 * however that dies.
 *
 * <p>{@code @AutoClose static ProductionServer production = ProductionServer.start();} makes one for a test class.
 * {@link #shared()} is one for all test classes in the JVM; there each test works in a database of its own.
 */
public final class ProductionServer implements AutoCloseable {

    private static final String HOST = "127.0.0.1";

    /** Who runs the server when the tests are run by root. */
    private static final String SERVER_USER = "postgres";

    private static final Duration START = Duration.ofSeconds(30);

    /**
     * Runs the server ("$@") until standard input ends, whose other end this JVM holds. A Ctrl-C in the terminal
     * reaches this shell too, hence the trap; PostgreSQL sets signal handlers of its own.
     */
    private static final String LEASE = """
            trap '' INT HUP TERM
            directory=$1; shift
            "$@" </dev/null >>"$directory/server.log" 2>&1 & server=$!
            read -r end_of_lease
            kill -QUIT "$server" 2>/dev/null
            wait "$server"
            rm -rf -- "$directory"
            """;

    private final Path bin;
    private final String superuser;
    private final Path directory;
    private final String password = UUID.randomUUID().toString();
    private final int port = freePort();
    private final Process lease;

    private ProductionServer(Path bin, String superuser, List<String> settings) throws IOException {
        this.bin = bin;
        this.superuser = superuser;
        directory = Files.createTempDirectory("pgbackup-production-");
        initdb();
        lease = new ProcessBuilder(leased(settings)).start();
        awaitReady();
    }

    /** A server of the newest programs found, with the superuser {@code postgres}. */
    public static ProductionServer start() {
        return start(Programs.newest().bin());
    }

    /** A server of the newest programs found, with this superuser. */
    public static ProductionServer start(String superuser) {
        return start(Programs.newest().bin(), superuser);
    }

    /** A server of these programs, with the superuser {@code postgres}. */
    public static ProductionServer start(Path bin) {
        return start(bin, "postgres");
    }

    /**
     * A server of these programs, with this superuser and these settings.
     *
     * @param bin the directory of {@code initdb} and {@code postgres}
     * @param superuser the bootstrap superuser's name
     * @param settings as in postgresql.conf: {@code "wal_level=logical"}
     */
    public static ProductionServer start(Path bin, String superuser, String... settings) {
        try {
            return new ProductionServer(bin, superuser, List.of(settings));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One server for the whole JVM, started when it is first asked for. Don't close it; make a database of your own. */
    public static ProductionServer shared() {
        return Shared.SERVER;
    }

    /** Its programs. */
    public Path bin() {
        return bin;
    }

    public String host() {
        return HOST;
    }

    public int port() {
        return port;
    }

    public String superuser() {
        return superuser;
    }

    public String password() {
        return password;
    }

    /** The JDBC URL of a database, without user and password. */
    public String url(String database) {
        return "jdbc:postgresql://" + HOST + ":" + port + "/" + database;
    }

    /** What the server logged so far; a connection's application_name leads each line. */
    public String log() {
        return read(directory.resolve("server.log"));
    }

    /** A connection as the superuser. */
    public Connection connect(String database) throws SQLException {
        return connect(database, superuser, password);
    }

    public Connection connect(String database, String user, String userPassword) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", userPassword);
        properties.setProperty("ApplicationName", "test");
        // Not by DriverManager: in a hook of src/it it does not see this class path.
        return new Driver().connect(url(database), properties);
    }

    /** The first column of the first row, as text. */
    public String query(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException("In database " + database + ": " + e.getMessage(), e);
        }
    }

    /** Runs statements, separated by semicolons, as the superuser. */
    public void execute(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("In database " + database + ": " + e.getMessage(), e);
        }
    }

    /** Runs the statements of a class path resource, such as {@code "scenario/directus.sql"}, as the superuser. */
    public void load(String database, String resource) {
        try (InputStream sql = ProductionServer.class.getClassLoader().getResourceAsStream(resource)) {
            if (sql == null) {
                throw new IllegalArgumentException("There is no resource " + resource + " on the class path.");
            }
            execute(database, new String(sql.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates an empty database; fails when it exists. */
    public void createDatabase(String name) {
        execute("postgres", "CREATE DATABASE \"" + name.replace("\"", "\"\"") + "\"");
    }

    /** Ends the server at once and removes its files. */
    @Override
    public void close() {
        try {
            lease.getOutputStream().close();
            if (!lease.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("The PostgreSQL server in " + directory + " did not end.");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void initdb() throws IOException {
        Path passwordFile = Files.writeString(directory.resolve("password"), password);
        Path log = directory.resolve("initdb.log");
        List<String> command = new ArrayList<>(unprivileged());
        if (!command.isEmpty()) {
            var owner =
                    directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(SERVER_USER);
            Files.setOwner(directory, owner);
            Files.setOwner(passwordFile, owner);
        }
        command.addAll(List.of(
                bin.resolve("initdb").toString(),
                "--pgdata=" + directory.resolve("data"),
                "--username=" + superuser,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync"));
        Process initdb = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (initdb.onExit().join().exitValue() != 0) {
            throw new IllegalStateException("initdb failed: " + read(log));
        }
        Files.delete(passwordFile);
    }

    private List<String> leased(List<String> settings) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", LEASE, "lease", directory.toString()));
        command.addAll(unprivileged());
        command.addAll(List.of(
                bin.resolve("postgres").toString(),
                "-D",
                directory.resolve("data").toString()));
        List<String> all = new ArrayList<>(List.of(
                "listen_addresses=" + HOST,
                "port=" + port,
                "unix_socket_directories=",
                "fsync=off",
                "log_line_prefix=%a: "));
        all.addAll(settings);
        all.forEach(setting -> command.addAll(List.of("-c", setting)));
        return command;
    }

    private void awaitReady() {
        Instant deadline = Instant.now().plus(START);
        while (true) {
            try {
                connect("postgres").close();
                return;
            } catch (SQLException e) {
                if (Instant.now().isAfter(deadline)) {
                    String log = log();
                    close();
                    throw new IllegalStateException("The PostgreSQL server did not start: " + log, e);
                }
                pause();
            }
        }
    }

    /** As root, a prefix that gives up root's rights: PostgreSQL refuses to run with them. */
    private static List<String> unprivileged() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return List.of();
        }
        return List.of("setpriv", "--reuid=" + SERVER_USER, "--regid=" + SERVER_USER, "--clear-groups");
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while the PostgreSQL server started.", e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Shared {
        static final ProductionServer SERVER = start();
    }
}
