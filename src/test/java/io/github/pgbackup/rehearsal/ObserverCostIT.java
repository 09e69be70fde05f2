package io.github.pgbackup.rehearsal;

import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.engine.local.LocalEngine;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.source.SilentConsole;
import io.github.pgbackup.test.Programs;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ObserverCostIT {
    @TempDir
    private Path logs;

    @Test
    void cost() throws Exception {
        SilentConsole console = new SilentConsole();
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
            for (int round = 0; round < 3; round++) {
                measure(server, "idle", 0);
                measure(server, "locks", 3);
            }
        }
    }

    private void measure(PostgresServer server, String what, int locks) throws Exception {
        try (Rehearsal rehearsal = Rehearsal.begin(server, "postgres", "postgres");
                Session session = server.connect("postgres")) {
            if (locks > 0) {
                session.execute("begin; lock a; lock b; insert into c values (1)");
            }
            long pid = session.number(
                    "select pid from pg_stat_activity where datname = 'template1' and backend_type = 'client backend' order by backend_start desc limit 1");
            long thread = Thread.getAllStackTraces().keySet().stream()
                    .filter(each -> each.getName().equals("pgbackup lock observer"))
                    .mapToLong(Thread::getId)
                    .max()
                    .orElseThrow();
            var threads = ManagementFactory.getThreadMXBean();
            long cpu = threads.getThreadCpuTime(thread);
            long ticks = ticks(pid);
            long at = System.nanoTime();
            Thread.sleep(5_000);
            double wall = System.nanoTime() - at;
            System.out.printf(
                    "%s: JVM %.2f %%, server %.2f %% of one core%n",
                    what,
                    100 * (threads.getThreadCpuTime(thread) - cpu) / wall,
                    100 * (ticks(pid) - ticks) / wall);
            session.execute("rollback");
            System.out.println(rehearsal.end().observation());
        }
    }

    private static long ticks(long pid) throws Exception {
        return Long.parseLong(Files.readString(Path.of("/proc/" + pid + "/schedstat")).split(" ")[0]);
    }
}
