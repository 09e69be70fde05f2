package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.report.Evidence;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many runs in one JVM, as in a reactor of many modules, leave nothing behind, like a single run.
 *
 * <p>{@code -Dpgbackup.soak=50} runs as many with the local engine, and a tenth of it with containers.
 */
@Tag("alone")
final class SoakIT {

    private static final int RUNS = Integer.getInteger("pgbackup.soak", 5);

    /** Runs before the measurement, to load classes and fill pools. */
    private static final int WARM_UP = 2;

    /** Additional memory that the JVM may need after that, in kB; a leaked connection or report in each run is far more. */
    private static final long NOISE = 4_000;

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    @TempDir
    private Path directory;

    @BeforeAll
    static void create() {
        PRODUCTION.createDatabase("shop");
        PRODUCTION.execute("shop", """
                create table orders as select id, md5(id::text) as note from generate_series(1, 1000) id;
                alter table orders add primary key (id);
                """);
    }

    /** Resources that can leak, except those that the report proves to be gone. */
    private record Held(List<String> processes, List<String> threads, long descriptors, long heap) {

        @Override
        public String toString() {
            return "%d processes, %d threads, %d descriptors, %d kB of heap"
                    .formatted(processes.size(), threads.size(), descriptors, heap);
        }
    }

    @Test
    void runs_with_the_local_engine_leave_nothing() throws Exception {
        soak("local", RUNS);
    }

    @Test
    void runs_with_containers_leave_nothing() throws Exception {
        Docker.require(15);
        soak("container", Math.max(2, RUNS / 10));
    }

    private void soak(String engine, int runs) throws Exception {
        Path work = Files.createTempDirectory("pgtest-work-");
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (int i = 0; i < WARM_UP; i++) {
            run(engine, work);
        }
        Held before = held();
        for (int i = 0; i < runs; i++) {
            run(engine, work);
        }
        Held after = held();
        System.out.println("Soak of " + runs + " runs, " + engine + ": before " + before + "; after " + after + ".");

        assertThat(after.processes()).isEqualTo(before.processes());
        assertThat(after.threads()).hasSizeLessThanOrEqualTo(before.threads().size());
        assertThat(after.descriptors()).isLessThanOrEqualTo(before.descriptors() + 2);
        assertThat(after.heap()).isLessThan(before.heap() + NOISE);
        assertThat(PRODUCTION.query(
                        "postgres", "select count(*) from pg_stat_activity where application_name = 'pgbackup'"))
                .isEqualTo("0");
        Files.delete(work); // it is empty
    }

    private void run(String engine, Path work) throws IOException {
        VerificationReport report = VerificationRun.of(PRODUCTION, "shop", directory)
                .with("restore.engine", engine)
                .with("workDirectory", work.toString())
                .with("comparison", "content")
                .run();
        BackupVerificationIT.assertPassed(report);
        assertThat(report.restored().target().orElseThrow().removal().values())
                .allMatch(fact -> fact.matches(".*(is gone|has ended)"));
        Evidence.write(report, directory.resolve("verify-backup"));
    }

    private static Held held() throws InterruptedException {
        // A container's heartbeat notices its end only at the next beat.
        Thread.sleep(6_000);
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return new Held(
                ProcessHandle.current()
                        .descendants()
                        .map(process -> process.info().command().orElse("?"))
                        .filter(command -> !command.endsWith("/postgres")) // production's own come and go
                        .sorted()
                        .toList(),
                Thread.getAllStackTraces().keySet().stream()
                        .map(Thread::getName)
                        .filter(name ->
                                !name.equals("process reaper")) // of the JDK, which keeps idle ones for a minute
                        .sorted()
                        .toList(),
                ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                        ? system.getOpenFileDescriptorCount()
                        : 0,
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1000);
    }
}
