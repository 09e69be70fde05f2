package io.github.pgbackup.run;

import static io.github.pgbackup.test.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.DockerProxy;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.SecondDaemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Docker daemon hangs, dies, or its network freezes: nothing is known about the backup, the run ends soon, and the
 * throw-away container ends by itself.
 */
@Timeout(240)
@Tag("alone")
final class DaemonFaultIT {

    /** The limit that a build can rely on. */
    private static final Duration SOON = Duration.ofSeconds(30);

    /** A container that nobody can stop ends 40 s after the last heartbeat. */
    private static final Duration BY_ITSELF = Duration.ofSeconds(60);

    private static final String SILENT = "The Docker daemon at %s has not answered for 12 s\\.\n"
            + "Check the daemon \\(docker info\\) and its log, and run it again; or restore without Docker:"
            + " <restore><engine>local \\(-Dpgbackup\\.restore\\.engine\\)\\.";

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    @TempDir
    private Path directory;

    private List<String> containers;
    private List<String> volumes;

    /** Where the run is when the network freezes. */
    enum Stage {
        TARGET,
        RESTORE,
        TEAR_DOWN
    }

    @BeforeAll
    static void create() {
        Docker.require(15);
        PRODUCTION.createDatabase("shop");
        PRODUCTION.execute("shop", "create table orders as select 1 as id");
        PRODUCTION.createDatabase("slow_restore");
        // The name of its cluster distinguishes the throw-away server from production.
        PRODUCTION.execute("slow_restore", """
                create function slow(id int) returns int immutable language plpgsql as $$begin
                    if current_setting('cluster_name') = 'pgbackup' then perform pg_catalog.pg_sleep(100); end if;
                    return id; end$$;
                create table orders as select 1 as id;
                create index on orders (slow(id));
                """);
    }

    @BeforeEach
    void list_what_exists() {
        containers = Docker.containers("pgbackup-");
        volumes = Docker.danglingVolumes();
    }

    @AfterEach
    void no_thread_is_left() {
        await(
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("pgbackup")),
                Duration.ofSeconds(20));
    }

    private record Ended(VerificationReport report, Duration afterwards) {}

    private VerificationRun run(String host, String database, String root) throws IOException {
        return VerificationRun.of(PRODUCTION, database, Files.createDirectory(directory.resolve(root)))
                .with("restore.engine", "container")
                .daemon(host);
    }

    /** Acts when the process titles in the container show that the restore is building the index. */
    private static Runnable whenRestoring(Function<String[], String> docker, Runnable action) {
        return () -> {
            Thread thread = new Thread(() -> {
                await(
                        () -> docker.apply(new String[] {"ps", "--quiet", "--filter", "name=pgbackup-"})
                                .lines()
                                .anyMatch(id -> docker.apply(new String[] {"top", id})
                                        .matches("(?s).* slow_restore \\S+ CREATE INDEX.*")),
                        Duration.ofSeconds(60));
                action.run();
            });
            thread.setDaemon(true);
            thread.start();
        };
    }

    private static Ended end(VerificationRun run, AtomicReference<Instant> fault) {
        VerificationReport report = run.run();
        assertThat(fault.get()).as("the fault happened; " + run.log()).isNotNull();
        return new Ended(report, Duration.between(fault.get(), Instant.now()));
    }

    private static void assertNotVerified(Ended ended, String problem) {
        assertThat(ended.report().problemText()).matches(problem);
        assertThat(ended.report().verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(ended.afterwards()).isLessThan(SOON);
    }

    private Ended frozen(Stage stage, DockerProxy way) throws IOException {
        AtomicReference<Instant> fault = new AtomicReference<>();
        Runnable freeze = () -> {
            fault.set(Instant.now());
            way.freeze();
        };
        VerificationRun run = run(way.host(), stage == Stage.RESTORE ? "slow_restore" : "shop", stage.name());
        switch (stage) {
            case TARGET -> {
                // The container runs, and the engine checks whether its server is ready.
                way.freezeAt("/exec HTTP");
                run.at("dump", () -> {
                    await(way::isFrozen, Duration.ofSeconds(60));
                    fault.set(Instant.now());
                });
            }
            case RESTORE ->
                run.at(
                        "restore",
                        whenRestoring(arguments -> Docker.run("", arguments).output(), freeze));
            case TEAR_DOWN -> run.at("tear down", freeze);
        }
        return end(run, fault);
    }

    @Test
    void a_frozen_network_to_the_daemon_ends_the_run() throws Exception {
        Map<Stage, Future<Ended>> runs = new EnumMap<>(Stage.class);
        ExecutorService threads = Executors.newCachedThreadPool();
        for (Stage stage : Stage.values()) {
            runs.put(stage, threads.submit(() -> {
                try (DockerProxy way = DockerProxy.start()) {
                    Ended ended = frozen(stage, way);
                    // While the connection exists, because closing it would also close the container's input.
                    await(
                            () -> containers.containsAll(Docker.containers("pgbackup-"))
                                    && volumes.containsAll(Docker.danglingVolumes()),
                            BY_ITSELF);
                    return ended;
                }
            }));
        }
        threads.shutdown();
        for (Stage stage : Stage.values()) {
            Ended ended = runs.get(stage).get();
            assertNotVerified(ended, SILENT.formatted("tcp://127\\.0\\.0\\.1:\\d+"));
            if (stage != Stage.TARGET) {
                assertThat(ended.report()
                                .restored()
                                .target()
                                .orElseThrow()
                                .removal()
                                .get("Docker daemon"))
                        .endsWith(
                                " has not answered for 12 s. The container ends by itself within 40 s, and its volumes are removed with it.");
            }
        }
    }

    @Test
    void a_daemon_that_has_a_full_disk_or_hangs_or_dies_ends_the_run() throws Exception {
        assumeThat(System.getProperty("user.name")).as("mounts are for root").isEqualTo("root");
        // The path of a Unix socket must be short.
        Path place = Files.createTempDirectory("pgtest-");
        shell("mount -t tmpfs -o size=2g none \"$1\"", place);
        try (SecondDaemon daemon = SecondDaemon.start(place, "postgres:15");
                DaemonFinder finder = new DaemonFinder(Map.of("DOCKER_HOST", daemon.host()))) {
            AtomicReference<String> silence = new AtomicReference<>();
            finder.onSilence(silence::set);
            assertThat(finder.find()).isPresent();
            AtomicReference<Instant> fault = new AtomicReference<>();
            VerificationRun full = run(daemon.host(), "slow_restore", "full").at("restore", () -> {
                fault.set(Instant.now());
                shell("cat /dev/zero >\"$1/others\"", place);
            });

            assertNotVerified(
                    end(full, fault),
                    "The disk with the restored database is filling up: \\d+ MiB are free in " + place
                            + "/data; at least \\d+ MiB must stay free\\.\nMake room there, .*");
            assertThat(daemon.docker("ps", "--all", "--quiet")).isEmpty();
            assertThat(daemon.docker("volume", "ls", "--quiet")).isEmpty();

            Files.delete(place.resolve("others"));
            fault.set(null);
            VerificationRun hanging = run(daemon.host(), "slow_restore", "hanging")
                    .at("restore", whenRestoring(daemon::docker, () -> {
                        fault.set(Instant.now());
                        daemon.freeze();
                    }));

            assertNotVerified(end(hanging, fault), SILENT.formatted("unix://\\S+"));

            // Another attempt searches for the daemon again.
            await(() -> silence.get() != null);
            daemon.goOn();
            assertThat(finder.require("the test").memory()).isPositive();
            await(() -> daemon.docker("ps", "--all", "--quiet").isEmpty(), BY_ITSELF);
            assertThat(daemon.docker("volume", "ls", "--quiet")).isEmpty();

            VerificationRun dying = run(daemon.host(), "slow_restore", "dying")
                    .at("restore", whenRestoring(daemon::docker, () -> {
                        assertThat(daemon.containerProcesses()).isNotEmpty();
                        fault.set(Instant.now());
                        daemon.kill();
                    }));
            Ended ended = end(dying, fault);

            assertNotVerified(ended, "(?s).*Docker daemon.*");
            assertThat(directory.resolve("dying/verify-backup/logs/pg_restore.log"))
                    .isNotEmptyFile();
            // Nothing is left that could end the container or close its standard input.
            await(() -> daemon.containerProcesses().isEmpty(), BY_ITSELF);
        } finally {
            delete(place);
        }
    }

    /** A daemon that was killed leaves its mounts behind. */
    private static void delete(Path directory) {
        shell("grep -o \" $1[^ ]*\" /proc/mounts | sort -r | xargs -r umount --lazy; rm -rf \"$1\"", directory);
    }

    private static void shell(String script, Path directory) {
        try {
            new ProcessBuilder("sh", "-c", script, "sh", directory.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
