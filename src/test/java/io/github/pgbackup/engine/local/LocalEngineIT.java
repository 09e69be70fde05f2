package io.github.pgbackup.engine.local;

import static io.github.pgbackup.test.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.engine.Isolation;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.Removal;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.OwnerOnly;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.RunningProcess;
import io.github.pgbackup.postgres.Session;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

@DisabledOnOs(OS.WINDOWS)
@Timeout(180)
@Tag("alone")
class LocalEngineIT {

    private static final PostgresVersion INSTALLED = PostgresVersion.parse("15.18");

    @TempDir
    private Path logs;

    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    @Test
    void a_server_is_ready_answers_as_its_superuser_and_leaves_nothing() throws Exception {
        long started = System.nanoTime();
        PostgresServer server = engine().start(request("workflow_admin"));
        System.out.println(
                "Ready after " + Duration.ofNanos(System.nanoTime() - started).toMillis() + " ms.");
        Path directory = directory(server);
        try (server;
                Session session = server.connect("postgres")) {
            assertThat(session.text("SELECT rolname FROM pg_roles WHERE oid = 10"))
                    .isEqualTo("workflow_admin");
            assertThat(session.text("SELECT current_user")).isEqualTo("workflow_admin");
            assertThat(session.number("SELECT current_setting('server_version_num')::int / 10000"))
                    .isEqualTo(15);
            assertThat(server.version().major()).isEqualTo(15);
        }
        Removal removal = server.stop();

        assertThat(removal.complete()).isTrue();
        assertThat(removal.facts()).hasSize(2).containsEntry("server directory", directory + " is gone");
        assertThat(removal.facts().get("server process")).endsWith(" has ended");
        assertThat(directory).doesNotExist();
        assertThat(server.stop()).isSameAs(removal);
    }

    @Test
    void psql_runs_a_script_as_the_servers_user_and_reaches_no_network() throws Exception {
        Path script = Files.writeString(logs.resolve("script.sql"), """
                select current_user;
                \\! id -u
                \\! cat /proc/self/net/dev
                """);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rw-------"));
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (PostgresServer server = engine().start(request("workflow_admin"))) {
            int status = server.psql(script, List.of("--no-psqlrc", "--tuples-only", "--no-align", "--file=-"))
                    .run(stdout -> stdout.transferTo(printed));

            List<String> said = printed.toString(StandardCharsets.UTF_8).lines().toList();
            assertThat(status).isZero();
            assertThat(said.get(0)).isEqualTo("workflow_admin");
            assertThat(said.get(1)).isEqualTo(userId(server));
            assertThat(said.stream().filter(line -> line.contains(":")).map(line -> line.split(":", 2)[0].strip()))
                    .containsExactly("lo");
        }
    }

    private static String userId(PostgresServer server) throws Exception {
        Process id = new ProcessBuilder("id", "-u", server.isolation().facts().get("operating system user")).start();
        return new String(id.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    @Test
    void nothing_can_reach_the_server_but_through_its_socket() throws Exception {
        try (PostgresServer server = engine().start(request("postgres"))) {
            Isolation isolation = server.isolation();

            assertThat(isolation.unreachable()).isTrue();
            assertThat(isolation.facts())
                    .containsEntry("listen_addresses", "''")
                    .containsEntry("TCP listeners", "none");
            assertThat(isolation.facts().keySet())
                    .containsExactly(
                            "listen_addresses",
                            "TCP listeners",
                            "socket directory",
                            "operating system user",
                            "network namespace",
                            "data directory",
                            "process limit");
            assertThat(isolation.facts().get("socket directory")).contains(", mode rwx------, owner ");
            assertThat(isolation.facts().get("data directory")).contains(", mode rwx------, owner ");
            assertThat(isolation.facts().get("network namespace")).contains(", its own (this build: net:[");
            boolean limit = "true".equals(System.getenv("CI"))
                    || Confinement.probe().limitsProcesses(); // a kernel before 5.14 has none of its own
            assertThat(isolation.facts()).containsEntry("process limit", limit ? "512" : "none of its own");
            System.out.println(isolation.facts());
        }
    }

    /** Otherwise the kernel might kill a production server on this machine. */
    @Test
    void when_memory_runs_out_the_server_is_killed_first() throws Exception {
        assumeThat(Files.exists(Path.of("/proc/self/oom_score_adj"))).isTrue();
        try (PostgresServer server = engine().start(request("postgres"));
                Session session = server.connect("postgres")) {
            assertThat(Files.readString(Path.of(
                            "/proc",
                            "" + session.connection().unwrap(PGConnection.class).getBackendPID(),
                            "oom_score_adj")))
                    .isEqualTo("1000\n");
        }
    }

    @Test
    void as_root_the_server_runs_as_another_user() throws Exception {
        assumeThat(System.getProperty("user.name")).isEqualTo("root");
        try (PostgresServer server = engine().start(request("postgres"))) {
            assertThat(server.isolation().facts().get("operating system user")).isIn("postgres", "nobody");
        }
    }

    @Test
    void a_client_program_reaches_the_server() throws Exception {
        try (PostgresServer server = engine().start(request("-o Neil, ä"))) {
            StringBuilder dumped = new StringBuilder();
            int status = server.command("pg_dump")
                    .arguments("--schema-only")
                    .run(standardOutput ->
                            dumped.append(new String(standardOutput.readAllBytes(), StandardCharsets.UTF_8)));

            assertThat(status).isZero();
            assertThat(dumped).contains("PostgreSQL database dump complete");
        }
    }

    @Test
    void the_log_is_for_its_owner_alone_and_holds_no_value_of_a_row() throws Exception {
        ServerRequest request = request("postgres");
        try (PostgresServer server = engine().start(request);
                Session session = server.connect("postgres")) {
            session.execute("CREATE TABLE t (secret text PRIMARY KEY)");
            session.execute("INSERT INTO t VALUES ('canary')");
            assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES ('canary')"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("canary");
        }

        assertThat(Files.readString(request.serverLog()))
                .contains("ready to accept connections")
                .doesNotContain("canary");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(request.serverLog())))
                .isEqualTo("rw-------");
    }

    @Test
    void a_server_that_does_not_start_is_reported_with_the_end_of_its_log() throws Exception {
        ServerRequest request = request("pg_reserved");
        Path work = workForEveryUser();

        assertThatThrownBy(() -> engine(work).start(request))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessageStartingWith("The throw-away server (PostgreSQL 15.")
                .hasMessageContaining("ended before it was ready. The end of its log: ")
                .hasMessageContaining("superuser name \"pg_reserved\" is disallowed")
                .hasMessageEndingWith("The whole log is " + request.serverLog() + ". If these programs cannot run here,"
                        + " name others with <binDirectory> or -Dpgbackup.binDirectory.");
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void without_programs_of_the_major_version_anywhere_the_message_lists_what_there_is() throws Exception {
        ServerRequest request =
                new ServerRequest(PostgresVersion.ofNumber(120022), "postgres", logs.resolve("server.log"));

        assertThatThrownBy(() -> engine().start(request))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessageStartingWith(
                        "The local engine needs initdb and postgres of PostgreSQL 12, the major version of the source; found 15.")
                .hasMessageEndingWith(
                        ", and the Maven repository has none for the platform linux-amd64. Install the server of PostgreSQL 12"
                                + " and, if it is not found, name its directory with <binDirectory> or -Dpgbackup.binDirectory.");
    }

    @Test
    void an_interrupt_during_the_start_leaves_nothing() throws Exception {
        Path work = workForEveryUser();
        List<Throwable> thrown = new ArrayList<>();
        Thread thread = new Thread(() -> {
            try {
                engine(work).start(request("postgres"));
            } catch (InterruptedException | RuntimeException e) {
                thrown.add(e);
            }
        });
        thread.start();
        awaitInitdb(work);
        thread.interrupt();
        thread.join();

        assertThat(thrown).singleElement().isInstanceOf(InterruptedException.class);
        assertThat(work).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothing_outlives_a_JVM_that_is_killed(boolean duringInitdb) throws Exception {
        Path work = workForEveryUser();
        Path ready = logs.resolve("ready");
        Process jvm = jvm(work, ready);
        if (duringInitdb) {
            awaitInitdb(work);
        } else {
            await(() -> Files.exists(ready));
        }
        List<RunningProcess> family = jvm.descendants()
                .map(process -> new RunningProcess(process.pid()))
                .toList();
        long killed = System.nanoTime();
        jvm.destroyForcibly().waitFor();
        await(() -> isEmpty(work) && family.stream().noneMatch(RunningProcess::runs));
        Duration took = Duration.ofNanos(System.nanoTime() - killed);
        System.out.println(
                "Gone " + took.toMillis() + " ms after the kill, " + (duringInitdb ? "during initdb." : "when ready."));

        assertThat(family).hasSizeGreaterThan(3);
        assertThat(took).isLessThan(Duration.ofSeconds(2));
    }

    /** It is stopped, because its reaction to the loss of its files depends on what it is doing. */
    private static RunningProcess hangingInitdb(Process jvm, Path work) throws Exception {
        awaitInitdb(work);
        RunningProcess initdb = initdbOf(jvm);
        signal("STOP", initdb.pid());
        return initdb;
    }

    /**
     * It reacts to no signal but SIGKILL, and hangs forever if its files are deleted first (postgres --single of 13).
     */
    @Test
    void an_initdb_that_hangs_does_not_outlive_a_JVM_that_is_killed() throws Exception {
        Path work = workForEveryUser();
        Process jvm = jvm(work, logs.resolve("ready"));
        RunningProcess initdb = hangingInitdb(jvm, work);

        jvm.destroyForcibly().waitFor();

        await(() -> isEmpty(work));
        assertThat(initdb.runs()).isFalse();
    }

    @Test
    void an_initdb_whose_JVM_and_shells_were_killed_is_ended_by_the_next_run() throws Exception {
        Path work = workForEveryUser();
        Process jvm = jvm(work, logs.resolve("ready"));
        RunningProcess initdb = hangingInitdb(jvm, work);
        for (ProcessHandle process : jvm.descendants().toList()) {
            if (process.info().command().orElse("").endsWith("sh")) {
                signal("KILL", process.pid());
            }
        }
        jvm.destroyForcibly().waitFor();
        assertThat(initdb.runs()).isTrue();
        Path left = onlyDirectory(work);
        Process stranger = new ProcessBuilder("sleep", "60")
                .directory(left.resolve("data").toFile())
                .start();

        engine(work).start(request("postgres")).close();

        assertThat(initdb.runs()).isFalse();
        assertThat(left).doesNotExist();
        assertThat(stranger.isAlive()).isTrue();
        stranger.destroyForcibly().waitFor();
    }

    private static RunningProcess initdbOf(Process jvm) {
        return jvm.descendants()
                .filter(process -> process.info().command().orElse("").endsWith("/initdb"))
                .map(process -> new RunningProcess(process.pid()))
                .findFirst()
                .orElseThrow();
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void an_interrupt_from_the_terminal_leaves_the_server_to_the_JVM() throws Exception {
        Path work = workForEveryUser();
        try (PostgresServer server = engine(work).start(request("postgres"))) {
            List<ProcessHandle> shells = ProcessHandle.current()
                    .descendants()
                    .filter(process -> process.info().command().orElse("").endsWith("sh"))
                    .toList();
            assertThat(shells).isNotEmpty();
            for (ProcessHandle shell : shells) {
                new ProcessBuilder("kill", "-INT", Long.toString(shell.pid()))
                        .start()
                        .waitFor();
                new ProcessBuilder("kill", "-TERM", Long.toString(shell.pid()))
                        .start()
                        .waitFor();
            }
            Thread.sleep(300);
            try (Session session = server.connect("postgres")) {
                assertThat(session.number("SELECT 1")).isEqualTo(1);
            }
            assertThat(server.stop().complete()).isTrue();
        }
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void leftovers_of_a_run_whose_shell_was_killed_too_are_removed_by_the_next() throws Exception {
        Path work = workForEveryUser();
        Path ready = logs.resolve("ready");
        Process jvm = jvm(work, ready);
        await(() -> Files.exists(ready));
        List<ProcessHandle> family = jvm.descendants().toList();
        RunningProcess postmaster = new RunningProcess(family.stream()
                .filter(process -> process.info().commandLine().orElse("").contains("bin/postgres -D"))
                .findFirst()
                .orElseThrow()
                .pid());
        List<ProcessHandle> shells = family.stream()
                .filter(process -> process.info().command().orElse("").endsWith("sh"))
                .toList();
        assertThat(shells).hasSize(2);
        shells.forEach(ProcessHandle::destroyForcibly);
        jvm.destroyForcibly().waitFor();
        assertThat(postmaster.runs()).isTrue();
        Path left = onlyDirectory(work);

        engine(work).start(request("postgres")).close();

        assertThat(postmaster.runs()).isFalse();
        assertThat(left).doesNotExist();
        assertThat(lines).contains("Removed " + left + ", left behind by a run that was killed.");
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void directories_of_others_are_never_removed_whatever_their_names() throws Exception {
        Path work = workForEveryUser();
        FileTime old = FileTime.from(Instant.now().minus(Duration.ofHours(1)));
        Path named = Files.createDirectories(work.resolve("pgbackup-production-1/data"));
        Path numbered = Files.createDirectories(work.resolve("pgbackup-1/data"));
        Path unfinished = Files.createDirectory(work.resolve("pgbackup-2"));
        Files.createFile(unfinished.resolve("owner"));
        for (Path directory : List.of(named.getParent(), numbered.getParent(), unfinished)) {
            Files.setLastModifiedTime(directory, old);
        }

        engine(work).start(request("postgres")).close();

        assertThat(named).exists();
        assertThat(numbered).exists();
        assertThat(unfinished).doesNotExist();
    }

    @Test
    void runs_at_the_same_time_leave_each_other_alone_in_this_JVM_and_in_another() throws Exception {
        Path work = workForEveryUser();
        Path ready = logs.resolve("ready");
        Process jvm = jvm(work, ready);
        await(() -> Files.exists(ready));
        try (PostgresServer first = engine(work).start(request("one"));
                PostgresServer second = engine(work).start(request("two"))) {
            // If the first sweep had unlocked it, a sweep from another JVM would remove it.
            Path readyToo = logs.resolve("ready too");
            Process another = jvm(work, readyToo);
            await(() -> Files.exists(readyToo));
            try (Session one = first.connect("postgres");
                    Session two = second.connect("postgres")) {
                assertThat(one.text("SELECT current_user")).isEqualTo("one");
                assertThat(two.text("SELECT current_user")).isEqualTo("two");
            }
            assertThat(lines).noneMatch(line -> line.startsWith("Removed "));
            try (var directories = Files.list(work)) {
                assertThat(directories).hasSize(4);
            }
            another.destroyForcibly().waitFor();
        } finally {
            jvm.destroyForcibly().waitFor();
        }
        await(() -> isEmpty(work));
    }

    /** Stray processes are found by its number, and the kernel reuses the number of a namespace that nobody holds. */
    @Test
    void the_network_of_a_server_that_died_is_held_until_it_is_stopped() throws Exception {
        PostgresServer server = engine().start(request("postgres"));
        String network = server.isolation().facts().get("network namespace");
        Path number = Path.of(network.substring(0, network.indexOf(',')));
        try (server) {
            Path directory = directory(server);
            String pid =
                    Files.readAllLines(directory.resolve("data/postmaster.pid")).get(0);
            ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
            await(() -> !Files.exists(directory));

            assertThat(heldByThisJvm()).contains(number);
        }
        assertThat(heldByThisJvm()).doesNotContain(number);
    }

    private static List<Path> heldByThisJvm() throws IOException {
        List<Path> held = new ArrayList<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                try {
                    held.add(Files.readSymbolicLink(descriptor));
                } catch (NoSuchFileException e) {
                    // another thread's, closed meanwhile
                }
            }
        }
        return held;
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 16})
    void if_no_server_is_installed_it_comes_from_the_Maven_repository(int major) throws Exception {
        Installations none = Installations.find(List.of(), Map.of(), console());
        assumeThat(none.server(major)).isEmpty();
        ServerRequest request =
                new ServerRequest(PostgresVersion.ofNumber(major * 10_000), "postgres", logs.resolve("server.log"));
        long started = System.nanoTime();
        try (PostgresServer server =
                        new LocalEngine(none, LocalEngineIT::fromMaven, temporary(), console()).start(request);
                Session session = server.connect("postgres")) {
            System.out.println("PostgreSQL " + server.version() + " from the Maven repository ready after "
                    + Duration.ofNanos(System.nanoTime() - started).toMillis() + " ms.");
            assertThat(session.number("SELECT current_setting('server_version_num')::int"))
                    .isEqualTo(server.version().number());
            assertThat(server.version().major()).isEqualTo(major);
            assertThat(server.isolation().unreachable()).isTrue();
        }
    }

    @Test
    void large_copies_pass_through_the_socket_in_both_directions() throws Exception {
        long size = 100_000_000;
        try (PostgresServer server = engine().start(request("postgres"));
                Session session = server.connect("postgres")) {
            session.execute("CREATE TABLE t (x text)");
            PGConnection connection = session.connection().unwrap(PGConnection.class);
            long started = System.nanoTime();
            CopyIn copy = connection.getCopyAPI().copyIn("COPY t FROM STDIN");
            byte[] megabyte = ("x".repeat(99) + "\n").repeat(10_000).getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < size / megabyte.length; i++) {
                copy.writeToCopy(megabyte, 0, megabyte.length);
            }
            long rows = copy.endCopy();
            long copiedIn = System.nanoTime();
            Counter counter = new Counter();
            long rowsOut = connection.getCopyAPI().copyOut("COPY t TO STDOUT", counter);
            System.out.println(
                    "COPY of 100 MB: in " + Duration.ofNanos(copiedIn - started).toMillis() + " ms, out "
                            + Duration.ofNanos(System.nanoTime() - copiedIn).toMillis() + " ms.");

            assertThat(rows).isEqualTo(size / 100).isEqualTo(rowsOut);
            assertThat(counter.bytes).isEqualTo(size);
        }
    }

    @Test
    void a_statement_can_be_cancelled_and_can_run_out_of_time() throws Exception {
        try (PostgresServer server = engine().start(request("postgres"));
                Session session = server.connect("postgres");
                Statement statement = session.connection().createStatement()) {
            Thread canceller = new Thread(() -> {
                try {
                    Thread.sleep(500);
                    statement.cancel();
                } catch (InterruptedException | SQLException e) {
                    lines.add(e.toString());
                }
            });
            long started = System.nanoTime();
            canceller.start();
            assertThatThrownBy(() -> statement.execute("SELECT pg_sleep(30)"))
                    .isInstanceOf(SQLException.class)
                    .hasMessage("ERROR: canceling statement due to user request");
            canceller.join();
            statement.setQueryTimeout(1);
            assertThatThrownBy(() -> statement.execute("SELECT pg_sleep(30)"))
                    .isInstanceOf(SQLException.class)
                    .hasMessage("ERROR: canceling statement due to user request");
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(4));
            statement.setQueryTimeout(0);
            assertThat(session.number("SELECT 1")).isEqualTo(1);
        }
    }

    @Test
    void a_read_runs_out_of_time_and_a_close_ends_it() throws Exception {
        try (PostgresServer server = engine().start(request("postgres"))) {
            Session slow = server.connect("postgres");
            slow.connection().setNetworkTimeout(Runnable::run, 500);
            assertThatThrownBy(() -> slow.execute("SELECT pg_sleep(30)"))
                    .isInstanceOf(SQLException.class)
                    .hasRootCauseInstanceOf(java.net.SocketTimeoutException.class);

            Session aborted = server.connect("postgres");
            Thread closer = new Thread(() -> {
                try {
                    Thread.sleep(500);
                    aborted.connection().abort(Runnable::run);
                } catch (InterruptedException | SQLException e) {
                    lines.add(e.toString());
                }
            });
            closer.start();
            long started = System.nanoTime();
            assertThatThrownBy(() -> aborted.execute("SELECT pg_sleep(30)")).isInstanceOf(SQLException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(3));
            closer.join();
        }
    }

    @Test
    void a_long_work_directory_is_replaced_by_a_shorter_one() throws Exception {
        Path work = Files.createDirectories(workForEveryUser().resolve("w".repeat(90)));
        try (PostgresServer server = engine(work).start(request("postgres"))) {
            assertThat(directory(server)).hasParentRaw(Path.of("/tmp"));
        }
    }

    @Test
    void a_work_directory_that_the_servers_user_cannot_reach_is_replaced() throws Exception {
        assumeThat(System.getProperty("user.name")).isEqualTo("root");
        Path work = Files.createDirectory(workForEveryUser().resolve("closed"), OwnerOnly.directory());
        try (PostgresServer server = engine(work).start(request("postgres"))) {
            assertThat(directory(server)).hasParentRaw(Path.of("/tmp"));
        }
    }

    private ServerRequest request(String superuser) {
        return new ServerRequest(INSTALLED, superuser, logs.resolve(superuser.hashCode() + ".log"));
    }

    private LocalEngine engine() throws InterruptedException {
        return engine(temporary());
    }

    private LocalEngine engine(Path work) throws InterruptedException {
        Installations installations = Installations.find(List.of(), System.getenv(), console());
        return new LocalEngine(installations, LocalEngineIT::fromMaven, work, console());
    }

    private static Path temporary() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    private Path workForEveryUser() throws IOException {
        Path work = Files.createDirectory(logs.resolve("work"));
        for (Path directory : List.of(logs, work)) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return work;
    }

    /** Resolves artifacts with a real Maven, as the plugin does. */
    private static Path fromMaven(String groupId, String artifactId, String version) {
        Path jar = Path.of(
                System.getProperty("user.home"),
                ".m2/repository",
                groupId.replace('.', '/'),
                artifactId,
                version,
                artifactId + "-" + version + ".jar");
        if (!Files.exists(jar)) {
            try {
                Process maven = new ProcessBuilder(
                                "mvn",
                                "-q",
                                "-B",
                                "dependency:get",
                                "-Dtransitive=false",
                                "-Dartifact=" + groupId + ":" + artifactId + ":" + version)
                        .inheritIO()
                        .start();
                assertThat(maven.waitFor()).isZero();
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return jar;
    }

    private Console console() {
        return new Console() {
            @Override
            public void info(String line) {
                lines.add(line);
            }

            @Override
            public void warn(String line) {
                lines.add(line);
            }

            @Override
            public void debug(String line) {
                lines.add(line);
            }
        };
    }

    /** A JVM that starts a server, signals that with a file, and waits to be killed. */
    private static Process jvm(Path work, Path ready) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Starter.class.getName(),
                        work.toString(),
                        ready.toString())
                .inheritIO()
                .start();
    }

    static final class Starter {
        public static void main(String... arguments) throws Exception {
            LocalEngineIT test = new LocalEngineIT();
            Path ready = Path.of(arguments[1]);
            PostgresServer server = test.engine(Path.of(arguments[0]))
                    .start(new ServerRequest(INSTALLED, "postgres", ready.resolveSibling("server.log")));
            Files.writeString(ready, server.version().toString());
            Thread.sleep(TimeUnit.MINUTES.toMillis(2));
        }
    }

    private static Path directory(PostgresServer server) {
        String data = server.isolation().facts().get("data directory");
        return Path.of(data.substring(0, data.indexOf(','))).getParent();
    }

    private static void awaitInitdb(Path work) throws InterruptedException {
        await(() -> !isEmpty(work) && Files.isDirectory(onlyDirectory(work).resolve("data/base/1")));
    }

    private static Path onlyDirectory(Path work) {
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(work)) {
            return directories.iterator().next();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isEmpty(Path directory) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static final class Counter extends OutputStream {

        private long bytes;

        @Override
        public void write(int b) {
            bytes++;
        }

        @Override
        public void write(byte[] buffer, int offset, int length) {
            bytes += length;
        }
    }
}
