package io.github.pgbackup.source;

import static io.github.pgbackup.test.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ProductionWatcherIT {

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    private static final Duration MAXIMUM_BLOCKING = Duration.ofSeconds(1);

    private static final BlockingLimits LIMITS = new BlockingLimits(MAXIMUM_BLOCKING, Duration.ofHours(1));

    private final List<String> sentences = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void create_a_table() {
        PRODUCTION.createDatabase("shop");
        PRODUCTION.execute("shop", """
                create table orders as select 1 as id;
                create role plain login password 's3cret';
                grant select on orders to plain;
                """);
    }

    @Test
    void a_migration_and_the_reader_behind_it_continue_once_the_callback_releases_the_snapshot() throws Exception {
        // A plain role: seeing who waits must not require pg_monitor.
        Source source = Production.source(PRODUCTION.url("shop"), "plain", "s3cret");
        try (Connection migration = PRODUCTION.connect("shop");
                Connection reader = PRODUCTION.connect("shop");
                Snapshot snapshot = Snapshot.take(source, Duration.ofSeconds(2));
                ProductionWatcher watcher = ProductionWatcher.start(
                        source,
                        snapshot.session().pid(),
                        LIMITS,
                        sentence -> {
                            sentences.add(sentence);
                            snapshot.abandon();
                        },
                        sentences::add)) {
            int pid = new Session(migration).pid();
            CompletableFuture<Void> altering = run(migration, "alter table orders add column note text");
            await(() -> waiting() == 1);
            CompletableFuture<Void> reading = run(reader, "create temp table t as select * from orders");
            await(() -> waiting() == 2);

            altering.get(10, TimeUnit.SECONDS);
            reading.get(10, TimeUnit.SECONDS);

            assertThat(sentences)
                    .containsExactly(
                            "Pid " + pid + " (role postgres, application test) waits for AccessExclusiveLock on"
                                    + " public.orders, which one of our sessions has locked, for more than 1 s.");
            await(() -> watcher.observations().blocked().isPresent());
            assertThat(watcher.observations().blocked()).hasValue(sentences.get(0));
            assertThat(watcher.observations().failure()).isEmpty();
        }
    }

    /** CREATE INDEX CONCURRENTLY waits for every older snapshot, but neither readers nor writers wait for it. */
    @Test
    void an_index_that_is_built_concurrently_may_wait_for_the_snapshot_for_longer() throws Exception {
        Source source = Production.source(PRODUCTION, "shop");
        try (Connection migration = PRODUCTION.connect("shop");
                Snapshot snapshot = Snapshot.take(source, Duration.ofSeconds(2));
                ProductionWatcher watcher = watch(source, snapshot, LIMITS)) {
            CompletableFuture<Void> indexing = run(migration, "create index concurrently on orders (id)");
            await(() -> waiting() == 1);
            int samples = watcher.observations().samples();
            // Samples are 0.5 s apart: four of them take longer than others may wait for a lock.
            await(() -> watcher.observations().samples() > samples + 4);

            assertThat(sentences).isEmpty();
            assertThat(indexing).isNotDone();
            snapshot.release();
            indexing.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void that_wait_has_a_limit_too() throws Exception {
        Source source = Production.source(PRODUCTION, "shop");
        try (Connection migration = PRODUCTION.connect("shop");
                Snapshot snapshot = Snapshot.take(source, Duration.ofSeconds(2));
                ProductionWatcher watcher =
                        watch(source, snapshot, new BlockingLimits(Duration.ofHours(1), MAXIMUM_BLOCKING))) {
            int pid = new Session(migration).pid();
            run(migration, "create index concurrently on orders (id)").get(10, TimeUnit.SECONDS);

            assertThat(sentences)
                    .containsExactly("Pid " + pid + " (role postgres, application test) waits for ShareLock on our"
                            + " transaction, as commands with CONCURRENTLY do, for more than 1 s.");
            assertThat(watcher.observations().failure()).isEmpty();
        }
    }

    @Test
    void a_session_behind_such_an_index_has_the_limit_of_a_lock() throws Exception {
        Source source = Production.source(PRODUCTION, "shop");
        try (Connection migration = PRODUCTION.connect("shop");
                Connection next = PRODUCTION.connect("shop");
                Snapshot snapshot = Snapshot.take(source, Duration.ofSeconds(2));
                ProductionWatcher watcher = watch(source, snapshot, LIMITS)) {
            int pid = new Session(migration).pid();
            int behind = new Session(next).pid();
            CompletableFuture<Void> indexing = run(migration, "create index concurrently on orders (id)");
            await(() -> waiting() == 1);
            // Conflicts with the lock of the index, not with ours.
            run(next, "analyze orders").get(10, TimeUnit.SECONDS);
            indexing.get(10, TimeUnit.SECONDS);

            assertThat(sentences)
                    .containsExactly("Pid " + behind + " (role postgres, application test) waits for"
                            + " ShareUpdateExclusiveLock on public.orders, behind pid " + pid
                            + ", which waits for the end of our transaction, for more than 1 s.");
            assertThat(watcher.observations().failure()).isEmpty();
        }
    }

    private ProductionWatcher watch(Source source, Snapshot snapshot, BlockingLimits limits) throws Exception {
        return ProductionWatcher.start(
                source,
                snapshot.session().pid(),
                limits,
                sentence -> {
                    sentences.add(sentence);
                    snapshot.abandon();
                },
                sentences::add);
    }

    @Test
    void waits_for_other_sessions_do_not_matter() throws Exception {
        Source source = Production.source(PRODUCTION, "shop");
        try (Connection holder = PRODUCTION.connect("shop");
                Connection waiter = PRODUCTION.connect("shop");
                Session ours = source.connect();
                ProductionWatcher watcher = ProductionWatcher.start(
                        source,
                        ours.pid(),
                        new BlockingLimits(Duration.ofMillis(1), Duration.ofMillis(1)),
                        sentences::add,
                        sentences::add)) {
            holder.setAutoCommit(false);
            new Session(holder).execute("lock table orders");
            CompletableFuture<Void> waiting = run(waiter, "alter table orders set (fillfactor = 90)");
            await(() -> waiting() == 1);
            int samples = watcher.observations().samples();
            await(() -> watcher.observations().samples() > samples + 2);

            holder.rollback();
            waiting.get(10, TimeUnit.SECONDS);
            assertThat(sentences).isEmpty();
        }
    }

    @Test
    void a_transaction_id_of_one_of_our_sessions_is_seen() throws Exception {
        Source source = Production.source(PRODUCTION, "shop");
        try (Session writer = source.connect();
                ProductionWatcher watcher =
                        ProductionWatcher.start(source, writer.pid(), LIMITS, sentences::add, sentences::add)) {
            await(() -> watcher.observations().samples() > 0);
            assertThat(watcher.observations().transactionIds()).isEmpty();

            writer.execute("begin read write");
            String id = writer.text("select pg_current_xact_id()::text");
            await(() -> !watcher.observations().transactionIds().isEmpty());
            writer.execute("rollback");

            assertThat(watcher.observations().transactionIds()).containsExactly(id);
        }
    }

    @Test
    void when_it_loses_its_session_it_reports_that_and_opens_another() throws Exception {
        Source source = Production.source(PRODUCTION, "shop");
        try (ProductionWatcher watcher = ProductionWatcher.start(
                source,
                0,
                new BlockingLimits(Duration.ofSeconds(10), Duration.ofSeconds(10)),
                sentences::add,
                sentences::add)) {
            await(() -> watcher.observations().samples() > 0);
            PRODUCTION.query(
                    "shop",
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'pgbackup'");
            await(() -> watcher.observations().failure().isPresent());

            assertThat(watcher.observations().failure().orElseThrow())
                    .matches(
                            "The production watcher could not query the source for some time after \\d+ samples: FATAL: terminating"
                                    + " connection due to administrator command");
            int samples = watcher.observations().samples();
            await(() -> watcher.observations().samples() > samples + 2);
            assertThat(sentences).isEmpty();
        }
    }

    @Test
    void when_it_cannot_see_for_longer_than_others_may_wait_it_calls_back() throws Exception {
        PRODUCTION.execute("shop", "create role limited login password 's3cret'; grant select on orders to limited");
        Source source = Production.source(PRODUCTION.url("shop"), "limited", "s3cret");
        try (ProductionWatcher watcher = ProductionWatcher.start(source, 0, LIMITS, sentences::add, sentences::add)) {
            await(() -> watcher.observations().samples() > 0);
            PRODUCTION.execute("shop", "alter role limited nologin");
            PRODUCTION.query(
                    "shop", "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'limited'");
            await(() -> !sentences.isEmpty());

            assertThat(sentences)
                    .singleElement()
                    .asString()
                    .startsWith(
                            "Cannot tell whether other sessions wait for our locks. The production watcher could not query the source"
                                    + " for some time after ")
                    .contains("does not let role `limited` connect to database `shop` from here");
        }
    }

    @Test
    void the_server_ends_all_of_our_sessions_that_the_callback_has_not_ended() throws Exception {
        PRODUCTION.execute("shop", "create sequence numbers; grant select on numbers to plain");
        Source source = Production.source(PRODUCTION.url("shop"), "plain", "s3cret");
        try (Session holder = source.connect();
                Session dump = source.connect();
                ProductionWatcher watcher =
                        ProductionWatcher.start(source, holder.pid(), LIMITS, sentences::add, sentences::add)) {
            dump.execute("begin");
            dump.execute("lock table public.orders in access share mode");
            // Like pg_dump's read, but not possible with LOCK.
            dump.number("select last_value from public.numbers");

            PRODUCTION.execute("shop", "drop sequence numbers");

            assertThat(sentences).hasSize(1);
            assertThat(sentences.get(0)).contains("waits for AccessExclusiveLock on public.numbers");
            assertThatThrownBy(() -> dump.execute("select 1")).hasMessageContaining("terminating connection");
            assertThat(holder.number("select 1")).isEqualTo(1);
            assertThat(watcher.observations().failure()).isEmpty();
        }
    }

    @Test
    void it_stops_within_a_second() throws Exception {
        ProductionWatcher watcher = ProductionWatcher.start(
                Production.source(PRODUCTION, "shop"), 0, LIMITS, sentences::add, sentences::add);
        await(() -> watcher.observations().samples() > 0);
        long began = System.nanoTime();
        watcher.close();

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
        assertThat(watcher.observations().failure()).isEmpty();
        await(() -> PRODUCTION
                .query("shop", "select count(*) from pg_stat_activity where application_name = 'pgbackup'")
                .equals("0"));
    }

    private static int waiting() {
        return Integer.parseInt(PRODUCTION.query(
                "shop", "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = 'shop'"));
    }

    private static CompletableFuture<Void> run(Connection connection, String sql) {
        return CompletableFuture.runAsync(() -> {
            try {
                new Session(connection).execute(sql);
            } catch (java.sql.SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
