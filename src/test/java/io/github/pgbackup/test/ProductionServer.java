package io.github.pgbackup.test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
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
import org.postgresql.Driver;

/**
 * A real PostgreSQL server that stands in for production: TCP on 127.0.0.1 at a free port, a superuser with a random
 * password (SCRAM), UTF-8 and the C locale. {@link #close()}, or any end of this JVM, ends it and removes its files.
 *
 * <p>{@code @AutoClose static ProductionServer production = ProductionServer.start();} starts one for a test class.
 * {@link #shared()} is one for all test classes in the JVM; there, each test uses a database of its own.
 */
public final class ProductionServer implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final Duration START = Duration.ofSeconds(30);

    private final Path bin;
    private final String superuser;
    private final String password;
    private final int port = Lease.freePort();
    private final Lease lease;

    private ProductionServer(Path bin, String superuser, List<String> settings) throws IOException {
        this.bin = bin;
        this.superuser = superuser;
        this.password = UUID.randomUUID().toString();
        Path directory = Files.createTempDirectory("pgbackup-production-");
        Path data = directory.resolve("data");
        initdb(directory, data);
        lease = new Lease(directory, "QUIT", postgres(data, settings));
        awaitConnection(url("postgres"), superuser, password, lease);
    }

    /** The standby of another server. */
    private ProductionServer(ProductionServer primary, List<String> settings) throws IOException {
        bin = primary.bin;
        superuser = primary.superuser;
        password = primary.password;
        Path directory = Files.createTempDirectory("pgbackup-standby-");
        Path data = primary.baseBackup(directory, "--write-recovery-conf");
        lease = new Lease(directory, "QUIT", postgres(data, settings));
        awaitConnection(url("postgres"), superuser, password, lease);
    }

    /** Copies its data directory with pg_basebackup into an empty directory. */
    public Path baseBackup(Path directory, String... options) throws IOException {
        Path data = directory.resolve("data");
        Lease.handOver(directory);
        List<String> line = new ArrayList<>(List.of(
                bin.resolve("pg_basebackup").toString(),
                "--pgdata=" + data,
                "--checkpoint=fast",
                "--no-sync",
                "--dbname=host=" + HOST + " port=" + port + " user=" + superuser + " password=" + password));
        line.addAll(List.of(options));
        run(directory, line.toArray(String[]::new));
        return data;
    }

    /** A server of the newest installed programs, with the superuser {@code postgres}. */
    public static ProductionServer start() {
        return start(Programs.newest().bin());
    }

    /** A server of the newest installed programs, with this superuser. */
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
     * @param superuser name of the bootstrap superuser
     * @param settings in the format of postgresql.conf: {@code "wal_level=logical"}
     */
    public static ProductionServer start(Path bin, String superuser, String... settings) {
        try {
            return new ProductionServer(bin, superuser, List.of(settings));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One server for the whole JVM, started on the first call. Do not close it; create a separate database. */
    public static ProductionServer shared() {
        return Shared.SERVER;
    }

    /**
     * A streaming standby of this server, which has everything that was committed here before. Close it before this
     * server.
     *
     * @param settings of the standby, such as {@code max_standby_streaming_delay=0}
     */
    public ProductionServer standby(String... settings) {
        try {
            return new ProductionServer(this, List.of(settings));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The directory of its programs. */
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

    /** The server's log so far; each line begins with a connection's application_name. */
    public String log() {
        return lease.log();
    }

    /** A connection as the superuser. */
    public Connection connect(String database) throws SQLException {
        return connect(database, superuser, password);
    }

    /** A connection as another user. */
    public Connection connect(String database, String user, String userPassword) throws SQLException {
        // A database name may contain characters that have a meaning in a URL.
        String name = URLEncoder.encode(database, StandardCharsets.UTF_8).replace("+", "%20");
        return connectTo(url(name), user, userPassword);
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

    /** Runs statements, separated by semicolons, as the superuser, in one transaction unless they say otherwise. */
    public void execute(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("In database " + database + ": " + e.getMessage(), e);
        }
    }

    /** Runs the statements of a class path resource, such as {@code "scenario/directus-migration.sql"}. */
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

    /** Creates an empty database; fails if it exists. */
    public void createDatabase(String name) {
        execute("postgres", "CREATE DATABASE \"" + name.replace("\"", "\"\"") + "\"");
    }

    /** Ends the server at once and removes its files. */
    @Override
    public void close() {
        lease.close();
    }

    static void awaitConnection(String url, String user, String password, Lease lease) {
        Instant deadline = Instant.now().plus(START);
        while (true) {
            try {
                connectTo(url, user, password).close();
                return;
            } catch (SQLException e) {
                if (Instant.now().isAfter(deadline)) {
                    String log = lease.log();
                    lease.close();
                    throw new IllegalStateException("The server did not start: " + log, e);
                }
                pause();
            }
        }
    }

    private static Connection connectTo(String url, String user, String password) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("ApplicationName", "test");
        // Not with DriverManager: in a hook of src/it, it does not see this class path.
        return new Driver().connect(url, properties);
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while a server started.", e);
        }
    }

    private void initdb(Path directory, Path data) throws IOException {
        Path passwordFile = Files.writeString(directory.resolve("password"), password);
        Lease.handOver(passwordFile);
        Lease.handOver(directory);
        run(
                directory,
                bin.resolve("initdb").toString(),
                "--pgdata=" + data,
                "--username=" + superuser,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync");
        Files.delete(passwordFile);
    }

    private static void run(Path directory, String... command) throws IOException {
        Path log = directory.resolve("preparation.log");
        Process process = new ProcessBuilder(Lease.unprivileged(List.of(command)))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (process.onExit().join().exitValue() != 0) {
            throw new IllegalStateException(command[0] + " failed: " + Files.readString(log));
        }
    }

    private List<String> postgres(Path data, List<String> settings) {
        List<String> command = new ArrayList<>(List.of(bin.resolve("postgres").toString(), "-D", data.toString()));
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

    private static final class Shared {
        static final ProductionServer SERVER = start();
    }
}
