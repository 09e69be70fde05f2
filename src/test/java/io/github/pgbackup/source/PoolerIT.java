package io.github.pgbackup.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Uses a real PgBouncer; skipped without the program, except in CI. */
@Timeout(60)
final class PoolerIT {

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    @TempDir
    Path directory;

    private final int port = unusedPort();
    private Process pgbouncer;

    @AfterEach
    void stop_pgbouncer() throws InterruptedException {
        if (pgbouncer != null) {
            pgbouncer.destroy();
            pgbouncer.waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void transaction_mode_is_found_by_two_sessions_that_share_a_backend() throws Exception {
        start("pool_mode = transaction", "ignore_startup_parameters = extra_float_digits,options");

        assertThatThrownBy(() -> source())
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage("A connection pooler in transaction mode answers at 127.0.0.1:" + port + ": two of our"
                        + " sessions share one backend, so no snapshot can be held for the dump. Name the server's own"
                        + " address and port in <source><url> (-Dpgbackup.source.url).");
        assertThat(PRODUCTION.query(
                        "postgres", "select count(*) from pg_stat_activity where query like 'set statement_timeout%'"))
                .as("a setting of ours would stay in the pooled backend, for production to find")
                .isEqualTo("0");
    }

    @Test
    void startup_options_that_the_pooler_rejects_are_reported() throws Exception {
        start("pool_mode = transaction", "ignore_startup_parameters = extra_float_digits");

        assertThatThrownBy(() -> source())
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage("A connection pooler at 127.0.0.1:" + port + " rejects the startup options that"
                        + " make our sessions read-only: unsupported startup parameter: options. Name the server's own"
                        + " address and port in <source><url> (-Dpgbackup.source.url).");
    }

    @Test
    void session_mode_keeps_a_snapshot_and_our_settings_although_it_drops_the_startup_options() throws Exception {
        start("pool_mode = session", "ignore_startup_parameters = extra_float_digits,options");

        try (Session session = source().connect()) {
            assertThat(session.text("show default_transaction_read_only")).isEqualTo("on");
            assertThat(session.pid()).isNotEqualTo((int) session.number("select pg_backend_pid()"));
        }
        assertThatCode(() ->
                        Snapshot.take(source(), java.time.Duration.ofSeconds(1)).close())
                .doesNotThrowAnyException();
    }

    private Source source() {
        return Production.source(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres", PRODUCTION.superuser(), PRODUCTION.password());
    }

    private void start(String... settings) throws IOException, InterruptedException {
        Optional<Path> program = Stream.concat(
                        Stream.of(System.getenv("PATH").split(File.pathSeparator)), Stream.of("/usr/sbin"))
                .map(place -> Path.of(place, "pgbouncer"))
                .filter(Files::isExecutable)
                .findFirst();
        if (System.getenv("CI") == null) {
            assumeTrue(program.isPresent(), "PgBouncer is not installed");
        }
        Path users = directory.resolve("users.txt");
        Files.writeString(users, "\"" + PRODUCTION.superuser() + "\" \"" + PRODUCTION.password() + "\"\n");
        List<String> configuration = new ArrayList<>(List.of(
                "[databases]",
                "* = host=127.0.0.1 port=" + PRODUCTION.port(),
                "[pgbouncer]",
                "listen_addr = 127.0.0.1",
                "listen_port = " + port,
                "unix_socket_dir =",
                "auth_type = scram-sha-256",
                "auth_file = " + users));
        configuration.addAll(List.of(settings));
        Path file = Files.write(directory.resolve("pgbouncer.ini"), configuration);
        List<String> command = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            // It refuses to run as root.
            command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        command.addAll(List.of(program.orElseThrow().toString(), file.toString()));
        Path log = directory.resolve("pgbouncer.log");
        pgbouncer = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        while (!listens()) {
            assertThat(pgbouncer.isAlive()).as(() -> read(log)).isTrue();
            Thread.sleep(20);
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static int unusedPort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
