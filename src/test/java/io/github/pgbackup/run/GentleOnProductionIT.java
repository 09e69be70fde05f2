package io.github.pgbackup.run;

import static io.github.pgbackup.test.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.plan.Tag;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Production comes first: the impact of a run, and how a run yields. */
@Timeout(120)
@org.junit.jupiter.api.Tag("alone")
final class GentleOnProductionIT {

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    /** This version does not check during a query whether its client is still connected. */
    @AutoClose
    private static ProductionServer old;

    private static final String OURS = "select count(*) from pg_stat_activity where application_name = 'pgbackup'";

    @TempDir
    private Path directory;

    @BeforeAll
    static void create_a_table_without_a_delay() {
        PRODUCTION.createDatabase("kiosk");
        PRODUCTION.execute("kiosk", "create table orders as select generate_series(1, 100000) as id");
    }

    @BeforeAll
    static void create_two_tables_with_a_delay() {
        old = ProductionServer.start(Programs.ofMajor(13).bin());
        Stream.of(PRODUCTION, old).forEach(server -> {
            server.createDatabase("shop");
            for (String table : new String[] {"orders", "items"}) {
                server.execute("shop", """
                        create table %s as
                        select i as id, (select string_agg(md5(i::text || j), '') from generate_series(1, 60) j) as note
                        from generate_series(1, 40000) i""".formatted(table));
            }
        });
    }

    @ParameterizedTest
    @CsvSource({
        "new, custom, gzip:9, 1",
        "old, custom, gzip:9, 1",
        "new, directory, gzip:9, 2",
        "old, directory, gzip:9, 2"
    })
    void a_migration_that_waits_for_the_dump_continues_with_the_readers_behind_it(
            String server, String format, String compression, String jobs) throws Exception {
        ProductionServer production = server.equals("old") ? old : PRODUCTION;
        Duration maximumBlocking = Duration.ofSeconds(1);
        CompletableFuture<Duration> migration = new CompletableFuture<>();
        CompletableFuture<Duration> reader = new CompletableFuture<>();
        CompletableFuture<String> left = new CompletableFuture<>();

        VerificationReport report = VerificationRun.of(production, "shop", directory)
                .with("backup.format", format)
                .with("backup.compression", compression)
                .with("backup.jobs", jobs)
                .with("maximumBlocking", maximumBlocking.toString())
                .at(
                        "dump",
                        () -> new Thread(() -> {
                                    await(() -> production
                                            .query("shop", OURS + " and query like 'COPY %'")
                                            .equals(jobs));
                                    run(
                                            migration,
                                            () -> production.execute(
                                                    "shop",
                                                    "alter table orders add column if not exists noted boolean"));
                                    await(() -> waiting(production) == 1);
                                    run(reader, () -> production.query("shop", "select count(*) from orders"));
                                    migration.join();
                                    await(() -> production.query("shop", OURS).equals("0"));
                                    left.complete("none");
                                })
                                .start())
                .run();

        Duration waited = migration.get(10, TimeUnit.SECONDS);
        assertThat(waited).isBetween(maximumBlocking, maximumBlocking.plusSeconds(1));
        assertThat(reader.get(10, TimeUnit.SECONDS)).isLessThan(maximumBlocking.plusSeconds(1));
        assertThat(left.get(1, TimeUnit.SECONDS)).isEqualTo("none");
        assertThat(report.acquired().snapshot().orElseThrow().held())
                .isBetween(maximumBlocking, Duration.ofSeconds(60));
        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.outcome().problem().orElseThrow().fact())
                .matches(
                        "The dump was cancelled to protect production: Pid \\d+ \\(role postgres, application test\\)"
                                + " waits for \\w+ on public\\.orders, which one of our sessions has locked, for more than 1 s\\.");
    }

    @Test
    void after_the_time_out_none_of_our_sessions_runs_in_production() {
        AtomicBoolean dumping = new AtomicBoolean();
        VerificationReport report = VerificationRun.of(old, "shop", directory)
                .with("backup.maximumRate", "1MB")
                .with("timeout", "PT4S")
                .at(
                        "dump",
                        () -> new Thread(() -> {
                                    await(() -> old.query("shop", OURS + " and query like 'COPY %'")
                                            .equals("1"));
                                    dumping.set(true);
                                })
                                .start())
                .run();

        assertThat(old.query("shop", OURS)).isEqualTo("0");
        assertThat(dumping).isTrue();
        assertThat(report.outcome().problem().orElseThrow().fact())
                .isEqualTo("The time-out of 4 s for the whole run has expired.");
        assertThat(report.outcome().duration()).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void a_migration_that_waits_for_the_inspection_afterwards_also_continues() throws Exception {
        CompletableFuture<Duration> migration = new CompletableFuture<>();

        VerificationReport report = VerificationRun.of(PRODUCTION, "kiosk", directory)
                .with("maximumBlocking", "PT0.5S")
                .expect(new Tag(
                        "expectations",
                        null,
                        List.of(new Tag(
                                "query",
                                null,
                                List.of(
                                        new Tag("name", "slow", List.of()),
                                        new Tag(
                                                "sql",
                                                "select count(pg_sleep(case current_setting('cluster_name') when 'pgbackup' then 0"
                                                        + " else 6 end)) from (select from orders limit 1) one",
                                                List.of()),
                                        new Tag("returns", "1", List.of()))))))
                .at(
                        "production afterwards",
                        () -> new Thread(() -> {
                                    await(() -> PRODUCTION
                                            .query("kiosk", OURS + " and wait_event = 'PgSleep'")
                                            .equals("1"));
                                    run(
                                            migration,
                                            () -> PRODUCTION.execute(
                                                    "kiosk",
                                                    "alter table orders add column if not exists noted boolean"));
                                })
                                .start())
                .run();

        assertThat(migration.get(10, TimeUnit.SECONDS)).isBetween(Duration.ofMillis(500), Duration.ofMillis(1500));
        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.outcome().problem().orElseThrow().fact())
                .matches("The final inspection was cancelled to protect production: Pid \\d+ \\(role postgres,"
                        + " application test\\) waits for AccessExclusiveLock on public\\.orders, which one of our sessions"
                        + " has locked, for more than 500 ms\\.");
    }

    /**
     * The migration has recreated a view, and then needs a table. We hold a lock on that table and wait for the view. The
     * inspection afterwards releases all its locks if one is not available at once; pg_dump cannot.
     */
    @ParameterizedTest
    @ValueSource(strings = {"dump", "production afterwards"})
    void a_migration_that_holds_a_lock_that_we_wait_for_is_not_blocked_by_us(String stage) throws Exception {
        String gallery = "gallery of the " + stage;
        PRODUCTION.createDatabase(gallery);
        PRODUCTION.execute(gallery, """
                create table orders as select generate_series(1, 1000) as id;
                create view first_look as select id from orders;
                create view second_look as select id from orders;
                """);
        CompletableFuture<Duration> altered = new CompletableFuture<>();
        try (Connection migration = PRODUCTION.connect(gallery);
                Statement statement = migration.createStatement()) {
            migration.setAutoCommit(false);

            VerificationReport report = VerificationRun.of(PRODUCTION, gallery, directory)
                    .at(stage, () -> {
                        execute(statement, "create or replace view second_look as select id from orders");
                        beside(true, () -> {
                            await(() -> !PRODUCTION
                                    .query("postgres", OURS + " and wait_event_type = 'Lock'")
                                    .equals("0"));
                            pause(Duration.ofMillis(1200)); // our own look for a deadlock is over
                            run(
                                    altered,
                                    () -> execute(statement, "alter table orders add column noted boolean; rollback"));
                        });
                    })
                    .run();

            assertThat(altered.get(10, TimeUnit.SECONDS)).isLessThan(Duration.ofMillis(950));
            if (stage.equals("dump")) {
                assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
                assertThat(report.outcome().problem().orElseThrow().fact())
                        .matches("The dump was cancelled to protect production: Pid \\d+ \\(role postgres, application"
                                + " test\\) waits for AccessExclusiveLock on public\\.orders, held by one of our sessions that"
                                + " in turn waits for this pid\\.");
            } else {
                BackupVerificationIT.assertPassed(report);
            }
        }
    }

    private static void execute(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void an_expectation_about_what_others_have_locked_is_not_called_a_failure_of_the_backup() throws Exception {
        PRODUCTION.createDatabase("depot");
        PRODUCTION.execute("depot", """
                create table orders as select generate_series(1, 1000) as id;
                create index orders_by_id on orders (id);
                """);
        try (Connection migration = PRODUCTION.connect("depot");
                Statement statement = migration.createStatement()) {
            migration.setAutoCommit(false);
            VerificationReport report = VerificationRun.of(PRODUCTION, "depot", directory)
                    .with("lockWaitTimeout", "PT0.5S")
                    .expect(QueryTag.of("rows", "select count(*) from public.orders", "1000"))
                    .at(
                            "production afterwards", // which only who reads the rows waits for
                            () -> execute(statement, "reindex index orders_by_id"))
                    .run();

            assertThat(report.failedChecks()).isEmpty();
            assertThat(report.problemText())
                    .startsWith("A query failed: canceling statement due to lock timeout (SQLSTATE 55P03).\n");
            assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        }
    }

    @Test
    void a_dump_cancelled_by_a_standby_is_reported_with_a_remedy() {
        assertConflict("custom", true)
                .startsWith("The source is a standby; it cancelled the dump to continue replication. pg_dump says:\n")
                .endsWith(
                        "\nSet hot_standby_feedback = on or a longer max_standby_streaming_delay on the standby, or give"
                                + " <source><url> (-Dpgbackup.source.url) the primary. See docs/ci.md#standbys.");
    }

    @Test
    void a_snapshot_session_ended_by_a_standby_is_reported_with_a_remedy() {
        assertConflict("directory", false)
                .isEqualTo(
                        "The standby ended one of our sessions: it conflicts with recovery (SQLSTATE 40001).\n"
                                + "Raise max_standby_streaming_delay on the standby or set hot_standby_feedback = on. See docs/ci.md#standbys.");
    }

    private AbstractStringAssert<?> assertConflict(String format, boolean inTheDump) {
        try (ProductionServer primary = ProductionServer.start()) {
            primary.createDatabase("shop");
            primary.execute("shop", """
                    create table orders as
                    select i as id, repeat(md5(i::text), 60) as note from generate_series(1, 20000) i""");
            try (ProductionServer standby = primary.standby("max_standby_streaming_delay=0")) {
                VerificationRun run = VerificationRun.of(standby, "shop", directory)
                        .with("backup.format", format)
                        .with("backup.compression", "none")
                        .with("backup.jobs", format.equals("custom") ? "1" : "2")
                        .at(
                                inTheDump ? "dump" : VerificationRun.AFTER_DUMP,
                                () -> beside(inTheDump, () -> {
                                    await(() -> !inTheDump
                                            || standby.query("shop", OURS + " and query like 'COPY %'")
                                                    .equals("1"));
                                    primary.execute("shop", "delete from orders where id > 10");
                                    primary.execute("shop", "vacuum orders");
                                    String end = primary.query("shop", "select pg_current_wal_lsn()");
                                    await(() -> standby.query(
                                                    "shop", "select pg_last_wal_replay_lsn() >= '" + end + "'")
                                            .equals("t"));
                                }));
                if (format.equals("custom")) {
                    run.with("backup.maximumRate", "5MB");
                }
                VerificationReport report = run.run();
                assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
                return assertThat(report.problemText());
            }
        }
    }

    @Test
    void a_maximum_rate_makes_the_server_wait_for_us() throws Exception {
        CompletableFuture<String> waited = new CompletableFuture<>();

        VerificationReport report = VerificationRun.of(PRODUCTION, "shop", directory)
                .with("backup.compression", "none")
                .with("backup.maximumRate", "50 MB/s")
                .at(
                        "dump",
                        () -> new Thread(() -> {
                                    await(() -> PRODUCTION
                                            .query("shop", OURS + " and wait_event = 'ClientWrite'")
                                            .equals("1"));
                                    waited.complete("for its client");
                                })
                                .start())
                .run();

        BackupVerificationIT.assertPassed(report);
        assertThat(report.acquired().archive().orElseThrow().bytes()).isGreaterThan(100_000_000);
        assertThat(report.acquired().archive().orElseThrow().duration())
                .isGreaterThan(Duration.ofMillis(
                        report.acquired().archive().orElseThrow().bytes() / 53_000));
        assertThat(waited).isCompletedWithValue("for its client");
        assertThat(report.acquired().snapshot().orElseThrow().held())
                .isGreaterThan(report.acquired().archive().orElseThrow().duration());
    }

    @ParameterizedTest
    @CsvSource({"custom, 1", "directory, 1", "directory, 2"})
    void production_sees_at_most_two_connections_more_than_jobs(String format, int jobs) throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        AtomicInteger most = new AtomicInteger();
        Thread sampler = new Thread(() -> {
            try (Connection connection = PRODUCTION.connect("shop")) {
                Session session = new Session(connection);
                while (!ended.get()) {
                    int ours = (int) session.number(OURS);
                    most.accumulateAndGet(ours, Math::max);
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        sampler.start();

        VerificationReport report = VerificationRun.of(PRODUCTION, "kiosk", directory)
                .with("backup.format", format)
                .with("backup.jobs", "" + jobs)
                .with("comparison", "content")
                .run();

        ended.set(true);
        sampler.join();
        BackupVerificationIT.assertPassed(report);
        assertThat(most.get()).isBetween(3, jobs + 2);
    }

    private static void pause(Duration pause) {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int waiting(ProductionServer server) {
        return Integer.parseInt(server.query(
                "shop", "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = 'shop'"));
    }

    private static void beside(boolean otherThread, Runnable action) {
        if (otherThread) {
            new Thread(action).start();
        } else {
            action.run();
        }
    }

    private static void run(CompletableFuture<Duration> duration, Runnable statement) {
        new Thread(() -> {
                    long began = System.nanoTime();
                    try {
                        statement.run();
                        duration.complete(Duration.ofNanos(System.nanoTime() - began));
                    } catch (RuntimeException e) {
                        duration.completeExceptionally(e);
                    }
                })
                .start();
    }
}
