package io.github.pgbackup.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.engine.local.LocalEngine;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.source.SilentConsole;
import io.github.pgbackup.test.Programs;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cost of observing, in the JVM and in the server, while a migration holds locks. */
final class ObserverCostIT {

    private static final int ROUNDS = 6;
    private static final long ROUND_MILLIS = 1_500;

    /**
     * Share of two processors, the smallest machine that a CI service offers. Alone on it, the observer takes 1.5 to
     * 1.9 %. Other tests that run at the same time leave cold caches, which make it look more expensive.
     */
    private static final double MOST = 0.03;

    @TempDir
    private Path logs;

    @Test
    void the_observer_uses_little_of_two_processors() throws Exception {
        SilentConsole console = new SilentConsole();
        List<Double> shares = new ArrayList<>();
        try (PostgresServer server = new LocalEngine(
                        Installations.find(List.of(Programs.ofMajor(15).bin()), System.getenv(), console),
                        (group, artifact, version) -> {
                            throw new IllegalStateException(artifact);
                        },
                        Path.of(System.getProperty("java.io.tmpdir")),
                        console)
                .start(new ServerRequest(PostgresVersion.ofNumber(150_000), "postgres", logs.resolve("log")))) {
            try (Session session = server.connect("postgres")) {
                session.execute("create table a (id int); create table b (id int); create table c (id int)");
            }
            try (Rehearsal rehearsal = Rehearsal.begin(server, "postgres", "postgres");
                    Session session = server.connect("postgres")) {
                session.execute("begin; lock a; lock b; insert into c values (1)");
                // On a busy machine, caches are cold in every round but the best one.
                while (shares.size() < ROUNDS && shares.stream().noneMatch(share -> share < MOST)) {
                    shares.add(share(session) / 2);
                }
                session.execute("rollback");
                assertThat(rehearsal.end().observation().samples()).isGreaterThan(shares.size() * ROUND_MILLIS / 100);
            }
        }

        assertThat(shares).anyMatch(share -> share < MOST);
    }

    /** Share of one processor. */
    private static double share(Session session) throws Exception {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long thread = Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().equals("pgbackup lock observer"))
                .mapToLong(Thread::getId)
                .max()
                .orElseThrow();
        // The observer's own session sets its settings; the session that samples is the newest.
        long pid = session.number("select pid from pg_stat_activity where datname = 'template1'"
                + " and backend_type = 'client backend' order by backend_start desc limit 1");
        long began = System.nanoTime();
        long used = threads.getThreadCpuTime(thread) + nanosOf(pid);
        Thread.sleep(ROUND_MILLIS);
        return (threads.getThreadCpuTime(thread) + nanosOf(pid) - used) / (double) (System.nanoTime() - began);
    }

    private static long nanosOf(long pid) throws Exception {
        return Long.parseLong(
                Files.readString(Path.of("/proc/" + pid + "/schedstat")).split(" ", 2)[0]);
    }
}
