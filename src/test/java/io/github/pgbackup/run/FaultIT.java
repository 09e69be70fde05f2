package io.github.pgbackup.run;

import static io.github.pgbackup.test.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.postgres.RunningProcess;
import io.github.pgbackup.report.Evidence;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.TcpProxy;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A dependency of a run fails during the run: nothing is known about the backup, and the run says why, ends soon, and leaves
 * nothing behind.
 */
@Timeout(180)
final class FaultIT {

    /** The maximum time until the run ends, for every fault and stage. */
    private static final Duration SOON = Duration.ofSeconds(30);

    /** The maximum time until everything of a run is gone. */
    private static final Duration GONE = Duration.ofSeconds(20);

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    private static Path work;

    @TempDir
    private Path directory;

    /** The stage of the run when the fault occurs, and how the run is kept there. */
    enum Stage {
        GUARD,
        SNAPSHOT,
        DUMP,
        SOURCE_OBSERVATIONS,
        PRODUCTION_AFTERWARDS;

        String line() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    @BeforeAll
    static void create() throws IOException {
        work = Files.createTempDirectory("pgtest-work-");
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        fill(PRODUCTION);
    }

    /** The throw-away server differs from production in that it does not listen. */
    private static void fill(ProductionServer server) {
        server.createDatabase("shop");
        server.execute("shop", """
                create table orders as select id, sha512(id::text::bytea) as note from generate_series(1, 60000) id;
                create function slow_in_production() returns int language plpgsql as $$begin
                    if current_setting('listen_addresses') <> '' then perform pg_catalog.pg_sleep(60); end if;
                    return 1; end$$;
                create function slow_in_the_target() returns int language plpgsql as $$begin
                    if current_setting('listen_addresses') = '' then perform pg_catalog.pg_sleep(60); end if;
                    return 1; end$$;
                """);
        server.createDatabase("slow_restore");
        server.execute("slow_restore", """
                create function slow(id int) returns int immutable language plpgsql as $$begin
                    if current_setting('listen_addresses') = '' then perform pg_catalog.pg_sleep(60); end if;
                    return id; end$$;
                create table orders as select 1 as id;
                create index on orders (slow(id));
                """);
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        await(
                () -> processes(".*(pgbackup-\\d+/|bin/pg_dump |bin/pg_restore ).*")
                        .isEmpty(),
                GONE);
        try (Stream<Path> left = Files.list(work)) {
            assertThat(left).isEmpty();
        }
        await(
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("pgbackup")),
                GONE);
        await(
                () -> query(PRODUCTION, "select count(*) from pg_stat_activity where application_name = 'pgbackup'")
                        .equals("0"),
                GONE);
    }

    @AfterAll
    static void remove() throws IOException {
        Files.delete(work);
    }

    private static List<ProcessHandle> processes(String commandLine) {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().commandLine().orElse("").matches(commandLine))
                .filter(process -> new RunningProcess(process.pid()).runs())
                .toList();
    }

    /** A run that ended because of a fault. */
    private record Ended(VerificationReport report, Duration afterwards, List<String> log) {}

    private static final class Fault {

        private final AtomicReference<@Nullable Instant> at = new AtomicReference<>();
        private CompletableFuture<Void> acting = CompletableFuture.completedFuture(null);

        /** Acts concurrently with the run, as soon as the condition holds. */
        Runnable when(BooleanSupplier condition, Runnable action) {
            return () -> acting = CompletableFuture.runAsync(() -> {
                await(condition, GONE);
                action.run();
                at.set(Instant.now());
            });
        }

        /** Acts at once, before the run continues. */
        Runnable now(Runnable action) {
            return () -> {
                action.run();
                at.set(Instant.now());
            };
        }

        Ended run(VerificationRun run) {
            VerificationReport report = run.run();
            acting.join(); // on a busy machine the run can be faster than whoever ended it
            Instant happened = at.get();
            assertThat(happened)
                    .as("the fault happened; the run said " + run.log())
                    .isNotNull();
            return new Ended(report, Duration.between(happened, Instant.now()), run.log());
        }
    }

    private static Ended fault(ProductionServer server, TcpProxy way, Stage stage, Path directory, Runnable action) {
        VerificationRun run = VerificationRun.of(server, "shop", directory)
                .with("source.url", way.url("shop"))
                .with("workDirectory", work.toString());
        if (stage == Stage.SOURCE_OBSERVATIONS) {
            run.expect(QueryTag.of("slow", "select public.slow_in_production()", "1"));
        }
        Fault fault = new Fault();
        return fault.run(run.at(
                stage.line(),
                switch (stage) {
                    case DUMP -> {
                        way.throttle(2_000_000); // of some 8 MB, of which the systems between may hold 4
                        yield fault.when(() -> way.carries(server, "COPY %"), action);
                    }
                    case SOURCE_OBSERVATIONS -> fault.when(() -> way.carries(server, "%slow_in_production%"), action);
                    default -> fault.now(action);
                }));
    }

    /** After a backend was killed, the server accepts no connections for a moment. */
    private static String query(ProductionServer server, String sql) {
        try {
            return server.query("postgres", sql);
        } catch (IllegalStateException e) {
            return "";
        }
    }

    /** The evidence contains everything before the fault, and reports no failure of the backup. */
    private static void assertNotVerified(Ended ended, String problem) {
        VerificationReport report = ended.report();
        assertThat(report.problemText()).matches("(?s)" + problem);
        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.failedChecks()).isEmpty();
        assertThat(report.outcome().stages()).isNotEmpty();
        assertThat(ended.afterwards()).isLessThan(SOON);
        if (report.restored().target().isPresent()) {
            assertThat(report.restored().target().orElseThrow().removal().values())
                    .noneMatch(fact -> fact.contains(" still "));
        }
    }

    // ---- the source ----

    /** The driver's message depends on the stage of the connection. */
    private static final String REFUSED =
            "(No PostgreSQL server can be reached at|The connection to) 127\\.0\\.0\\.1:\\d+.*";

    private static final String DUMP_LOST =
            "pg_dump could not reach the server, or lost its connection\\. pg_dump says:\n.*";
    private static final String LOST =
            "The source 127\\.0\\.0\\.1:\\d+/shop ended the connection, or it was lost \\(SQLSTATE 08...\\)\\.\n"
                    + "Read that server's log; for the throw-away server it is logs/server\\.log\\.";

    @ParameterizedTest
    @EnumSource
    void a_cut_connection_ends_the_run(Stage stage) {
        try (TcpProxy way = TcpProxy.to(PRODUCTION)) {
            assertNotVerified(
                    fault(PRODUCTION, way, stage, directory, way::cut),
                    switch (stage) {
                        case DUMP -> DUMP_LOST;
                        case SOURCE_OBSERVATIONS -> LOST;
                        default -> REFUSED;
                    });
        }
    }

    /** Neither data nor the end of a connection arrives, and the kernel considers all connections established. */
    @Test
    void a_frozen_network_ends_the_run() throws Exception {
        Map<Stage, Future<Ended>> runs = new EnumMap<>(Stage.class);
        ExecutorService threads = Executors.newCachedThreadPool();
        for (Stage stage : Stage.values()) {
            Path root = Files.createDirectory(directory.resolve(stage.name()));
            runs.put(stage, threads.submit(() -> {
                try (TcpProxy way = TcpProxy.to(PRODUCTION)) {
                    return fault(PRODUCTION, way, stage, root, way::freeze);
                }
            }));
        }
        threads.shutdown();
        for (Map.Entry<Stage, Future<Ended>> run : runs.entrySet()) {
            assertNotVerified(
                    run.getValue().get(),
                    switch (run.getKey()) {
                        case DUMP, SOURCE_OBSERVATIONS ->
                            "The source 127\\.0\\.0\\.1:\\d+/shop has not answered for 1\\d s\\.\n"
                                    + "Check the network between this machine and that server, and the server's log\\.";
                        default ->
                            "No PostgreSQL server can be reached at 127\\.0\\.0\\.1:\\d+: it did not answer in time\\..*";
                    });
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DUMP", "SOURCE_OBSERVATIONS"})
    void sessions_terminated_by_an_administrator_end_the_run(Stage stage) {
        try (TcpProxy way = TcpProxy.to(PRODUCTION)) {
            Ended ended = fault(
                    PRODUCTION,
                    way,
                    stage,
                    directory,
                    () -> PRODUCTION.query(
                            "postgres",
                            "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'pgbackup'"));
            assertNotVerified(
                    ended,
                    stage == Stage.DUMP
                            ? "(The dump was cancelled on the server\\. .*|" + DUMP_LOST + ")"
                            : SESSION_ENDED);
        }
    }

    private static final String SESSION_ENDED = LOST.replace("08...", "(08003|57P01)");

    @ParameterizedTest
    @EnumSource(names = {"DUMP", "SOURCE_OBSERVATIONS"})
    void a_killed_backend_ends_the_run(Stage stage) {
        try (TcpProxy way = TcpProxy.to(PRODUCTION)) {
            Ended ended = fault(
                    PRODUCTION,
                    way,
                    stage,
                    directory,
                    () -> kill(
                            PRODUCTION.query(
                                    "postgres",
                                    "select min(pid) from pg_stat_activity where application_name = 'pgbackup' and state = 'active'")));
            assertNotVerified(ended, stage == Stage.DUMP ? DUMP_LOST : LOST);
        }
    }

    private static void kill(String pid) {
        ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
    }

    @ParameterizedTest
    @EnumSource(names = {"DUMP", "PRODUCTION_AFTERWARDS"})
    void an_immediate_shutdown_of_the_server_ends_the_run(Stage stage) {
        try (ProductionServer server = ProductionServer.start();
                TcpProxy way = TcpProxy.to(server)) {
            fill(server);
            assertNotVerified(
                    fault(server, way, stage, directory, server::close), stage == Stage.DUMP ? DUMP_LOST : REFUSED);
        }
    }

    // ---- the disks ----

    /** Another user fills the disk. A disk that is too small from the beginning is tested in a Maven build. */
    @ParameterizedTest
    @CsvSource({
        "work, restore",
        "work, introspect",
        "evidence, dump",
        "evidence, check archive",
        "evidence, introspect",
        "evidence, production afterwards"
    })
    void a_disk_that_suddenly_fills_up_ends_the_run(String disk, String stage) throws Exception {
        assumeThat(System.getProperty("user.name")).as("mounts are for root").isEqualTo("root");
        Path small = Files.createDirectory(directory.resolve("small"));
        for (Path open : List.of(directory, small)) {
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        command("mount", "-t", "tmpfs", "-o", "size=128m", "none", small.toString());
        try {
            Path evidence = disk.equals("evidence") ? small : directory;
            Fault fault = new Fault();
            Ended ended = fault.run(VerificationRun.of(PRODUCTION, "shop", evidence)
                    .with("workDirectory", (disk.equals("work") ? small : work).toString())
                    .at(stage, fault.now(() -> fill(small.resolve("others")))));

            // After the introspection, only the evidence is written.
            if (disk.equals("evidence") && !stage.equals("dump") && !stage.equals("check archive")) {
                assertThat(ended.report().verdict()).isEqualTo(Verdict.PASS);
            } else {
                assertNotVerified(
                        ended,
                        disk.equals("work")
                                ? "The disk with the restored database is filling up: 0 MiB are free in " + small
                                        + "; at least 2 MiB must stay free\\.\n.*"
                                : ".*No space left on device.*");
            }
            if (disk.equals("evidence")) {
                fill(small.resolve("more of others")); // the files that the run deleted have made room
                assertThatThrownBy(() -> Evidence.write(ended.report(), small.resolve("verify-backup")))
                        .hasMessageContaining("No space left on device");
                assertThat(small.resolve("verify-backup/SUMMARY.txt"))
                        .satisfiesAnyOf(
                                summary -> assertThat(summary).doesNotExist(),
                                summary -> assertThat(summary).content().doesNotContain("PASS"));
            } else {
                assertThat(small).isDirectoryNotContaining("glob:**/pgbackup-*");
            }
        } finally {
            command("umount", "--lazy", small.toString());
        }
    }

    private static void command(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private static void fill(Path file) {
        byte[] block = new byte[1 << 12];
        try (OutputStream out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left on device");
        }
    }

    // ---- the target ----

    @ParameterizedTest
    @CsvSource({
        "target, postmaster, shop",
        "restore, postmaster, slow_restore",
        "restore, backend, slow_restore",
        "introspect, postmaster, shop",
        "introspect, backend, shop"
    })
    void a_killed_throw_away_server_ends_the_run(String stage, String process, String database) {
        VerificationRun run =
                VerificationRun.of(PRODUCTION, database, directory).with("workDirectory", work.toString());
        String kept = switch (stage) {
            case "restore" -> ".*CREATE INDEX";
            case "introspect" -> ".*SELECT";
            default -> ".*bin/postgres -D .*pgbackup-\\d+/data.*";
        };
        if (stage.equals("introspect")) {
            run.expect(QueryTag.of("slow", "select public.slow_in_the_target()", "1"));
        }
        Fault fault = new Fault();
        Ended ended = fault.run(run.at(
                stage,
                fault.when(
                        () -> !targets(kept).isEmpty(),
                        () -> targets(process.equals("backend") ? kept : ".*bin/postgres -D .*pgbackup-\\d+/data.*")
                                .forEach(ProcessHandle::destroyForcibly))));
        assertNotVerified(
                ended,
                switch (stage) {
                    case "restore" ->
                        "pg_restore lost its connection to the throw-away server: could not execute query: server closed the"
                                + " connection unexpectedly\\.\nRead logs/server\\.log: the server may have ended, or run out of memory\\.";
                    case "introspect" ->
                        "The throw-away server ended the connection, or it was lost \\(SQLSTATE 08006\\)\\.\n"
                                + "Read that server's log; for the throw-away server it is logs/server\\.log\\.";
                    default ->
                        "(?s)The throw-away server \\(PostgreSQL .*\\) ended before it was ready\\. The end of its log: .*"
                                + "|The throw-away server ended the connection, or it was lost( \\(SQLSTATE 08\\d+\\))?\\.\n.*";
                });
    }

    /** Processes of a server that is a child of this JVM, by their process titles. */
    private static List<ProcessHandle> targets(String commandLine) {
        return processes(".*bin/postgres -D .*pgbackup-\\d+/data.*").stream()
                .flatMap(postmaster -> Stream.concat(Stream.of(postmaster), postmaster.children()))
                .filter(process -> title(process.pid()).matches(commandLine))
                .toList();
    }

    private static String title(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"))
                    .replace('\0', ' ')
                    .strip();
        } catch (IOException e) {
            return "";
        }
    }
}
