package io.github.pgbackup.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class SnapshotIT {

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    private static final Duration WAIT = Duration.ofSeconds(2);

    private String database;
    private Source source;

    @BeforeEach
    void create_a_database() {
        database = "d" + UUID.randomUUID().toString().replace("-", "");
        PRODUCTION.createDatabase(database);
        PRODUCTION.execute(database, """
                create schema "Odd Schema";
                create table "Odd Schema"."Order Items" as select generate_series(1, 1000) as id;
                create table parent (id int) partition by list (id);
                create table child partition of parent for values in (1);
                create view looks as select * from parent;
                create materialized view summary as select count(*) as rows from parent;
                """);
        source = Production.source(PRODUCTION, database);
    }

    /** The planner's estimates are zero until the table is analysed, and autovacuum may be late. */
    @Test
    void a_table_that_was_never_analysed_has_its_size() throws Exception {
        PRODUCTION.execute(database, """
                create table fresh with (autovacuum_enabled = off) as select generate_series(1, 10000) as id;
                create table toasted (body text) with (autovacuum_enabled = off, toast.autovacuum_enabled = off);
                alter table toasted alter body set storage external;
                insert into toasted values (repeat('x', 1000000));
                """);
        try (Snapshot snapshot = Snapshot.take(source, WAIT)) {
            Map<String, Long> sizes = snapshot.tableSizes();
            assertThat(sizes.get("public.fresh")).isBetween(300_000L, 500_000L);
            assertThat(sizes.get("public.toasted")).isBetween(1_000_000L, 1_200_000L);
            assertThat(sizes.get("public.child")).isEqualTo(8192);
        }
    }

    @Test
    void every_table_that_is_dumped_is_locked_in_access_share_mode() throws Exception {
        try (Snapshot snapshot = Snapshot.take(source, WAIT)) {
            assertThat(snapshot.tables()).isEqualTo(3);
            assertThat(PRODUCTION.query(
                            database,
                            "select string_agg(relation::regclass || ' ' || mode, ', ' order by relation::regclass::text)"
                                    + " from pg_locks where relation >= 16384 and pid = "
                                    + snapshot.session().pid()))
                    .isEqualTo("\"Odd Schema\".\"Order Items\" AccessShareLock, child AccessShareLock,"
                            + " parent AccessShareLock");
        }
    }

    @Test
    void a_probe_under_the_snapshot_leaves_no_view_locked() throws Exception {
        try (Snapshot snapshot = Snapshot.take(source, Duration.ofSeconds(10))) {
            Probe.inTransaction(snapshot.session());

            assertThat(lockedViews()).isEmpty();
            Probe.of(snapshot.session());
            assertThat(lockedViews()).contains("looks");
        }
    }

    private List<String> lockedViews() throws SQLException {
        try (Session session = source.connect()) {
            return session.list(
                    "select c.relname from pg_locks l join pg_class c on c.oid = l.relation where c.relkind in ('v', 'm')"
                            + " and l.pid <> pg_backend_pid()",
                    row -> row.getString(1));
        }
    }

    /**
     * The migration has replaced a view, and then wants a table that a snapshot has locked. A session that reads the
     * view's definition at that time waits for the migration, which waits for the snapshot; a second later, the server
     * ends one of them.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {"refresh materialized view summary", "create or replace view looks as select id from parent"})
    void a_migration_that_holds_a_view_before_it_wants_a_table_is_not_killed(String first) throws Exception {
        try (Connection migration = PRODUCTION.connect(database);
                Statement statement = migration.createStatement()) {
            migration.setAutoCommit(false);
            statement.execute(first);
            CompletableFuture<Probe> looking = CompletableFuture.supplyAsync(() -> {
                try (Snapshot snapshot = Snapshot.take(source, Duration.ofSeconds(10))) {
                    return Probe.inTransaction(snapshot.session());
                } catch (InterruptedException | SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            Thread.sleep(1300); // until our session's own deadlock check, after a second, is over
            long began = System.nanoTime();
            statement.execute("alter table parent add column noted boolean");

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(900));
            migration.commit();
            assertThat(looking.get(10, TimeUnit.SECONDS).observations().get("columns"))
                    .startsWith("7 ");
        }
    }

    @Test
    void views_can_be_replaced_and_refreshed_at_any_time() throws Exception {
        try (Snapshot snapshot = Snapshot.take(source, WAIT)) {
            PRODUCTION.execute(
                    database,
                    "set lock_timeout = '2s'; refresh materialized view summary; drop view looks; drop materialized view summary");

            assertThat(snapshot.tables()).isEqualTo(3);
        }
    }

    @Test
    void views_that_our_role_may_not_use_and_one_that_reads_itself_are_no_obstacle() throws Exception {
        PRODUCTION.execute(database, """
                create role reader login password 'reader';
                grant usage on schema "Odd Schema" to reader;
                grant select on all tables in schema public, "Odd Schema" to reader;
                create schema closed;
                create view closed.looks as select 1 as one;
                create view circle as select 1 as one;
                create view half as select * from circle;
                create or replace view circle as select * from half;
                """);

        try (Snapshot snapshot =
                Snapshot.take(Production.source(PRODUCTION.url(database), "reader", "reader"), Duration.ofSeconds(1))) {
            assertThat(snapshot.tables()).isEqualTo(3);
        } finally {
            PRODUCTION.execute(database, "drop owned by reader; drop role reader");
        }
    }

    @Test
    void locking_takes_no_snapshot_so_a_truncate_before_it_is_seen_completely() throws Exception {
        // Snapshot relies on this: rows that are gone when LOCK returns are not in the snapshot.
        try (Session session = source.connect()) {
            session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
            session.execute("SET LOCAL lock_timeout = 1000");
            session.execute("LOCK TABLE ONLY public.child IN ACCESS SHARE MODE");
            PRODUCTION.execute(database, "truncate \"Odd Schema\".\"Order Items\"");
            PRODUCTION.execute(database, "insert into \"Odd Schema\".\"Order Items\" values (1), (2)");
            session.execute("LOCK TABLE ONLY \"Odd Schema\".\"Order Items\" IN ACCESS SHARE MODE");

            assertThat(session.number("select count(*) from \"Odd Schema\".\"Order Items\""))
                    .isEqualTo(2);
        }
    }

    @Test
    void a_truncate_between_snapshot_and_dump_waits_and_rows_written_meanwhile_are_not_seen() throws Exception {
        try (Snapshot snapshot = Snapshot.take(source, WAIT)) {
            PRODUCTION.execute(database, "insert into \"Odd Schema\".\"Order Items\" values (1001)");
            CompletableFuture<Void> truncate = CompletableFuture.runAsync(
                    () -> PRODUCTION.execute(database, "truncate \"Odd Schema\".\"Order Items\""));
            awaitWaiting("truncate%");

            // Like pg_dump.
            try (Session dump = source.connect()) {
                dump.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
                dump.execute("SET TRANSACTION SNAPSHOT '" + snapshot.id() + "'");
                assertThat(dump.number("select pg_catalog.count(*) from pg_catalog.pg_class where relname = 'child'"))
                        .isEqualTo(1);
            }
            assertThat(snapshot.session().number("select count(*) from \"Odd Schema\".\"Order Items\""))
                    .isEqualTo(1000);
            assertThat(truncate).isNotDone();

            assertThat(snapshot.release()).isEmpty();
            truncate.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void a_table_created_while_the_locks_are_taken_is_locked_in_the_next_attempt() throws Exception {
        try (Connection migration = PRODUCTION.connect(database);
                Statement statement = migration.createStatement()) {
            migration.setAutoCommit(false);
            statement.execute("lock table child in access exclusive mode");
            statement.execute("create table created_meanwhile ()");
            CompletableFuture<Snapshot> taking = take(Duration.ofSeconds(10));
            Thread.sleep(600);
            assertThat(taking).isNotDone();
            migration.commit();

            try (Snapshot snapshot = taking.get(10, TimeUnit.SECONDS)) {
                assertThat(snapshot.tables()).isEqualTo(4);
            }
        }
    }

    @Test
    void a_table_dropped_while_the_locks_are_taken_is_omitted_in_the_next_attempt() throws Exception {
        try (Connection migration = PRODUCTION.connect(database);
                Statement statement = migration.createStatement()) {
            migration.setAutoCommit(false);
            statement.execute("drop table child cascade");
            CompletableFuture<Snapshot> taking = take(Duration.ofSeconds(10));
            Thread.sleep(600);
            assertThat(taking).isNotDone();
            migration.commit();

            try (Snapshot snapshot = taking.get(10, TimeUnit.SECONDS)) {
                assertThat(snapshot.tables()).isEqualTo(2);
            }
        }
    }

    @Test
    void a_lock_that_is_not_granted_is_an_error_that_names_table_and_holder() throws Exception {
        try (Connection migration = PRODUCTION.connect(database);
                Statement statement = migration.createStatement()) {
            migration.setAutoCommit(false);
            statement.execute("lock table \"Odd Schema\".\"Order Items\" in access exclusive mode");
            int pid = new Session(migration).pid();

            assertThatThrownBy(() -> Snapshot.take(source, Duration.ofSeconds(1)))
                    .isInstanceOf(CannotVerifyException.class)
                    .hasMessageMatching("Table \"Odd Schema\"\\.\"Order Items\" could not be locked for reading within"
                            + " 1 s: pid " + pid + " \\(role postgres, application test\\) holds an ACCESS EXCLUSIVE"
                            + " lock on it, in a query that began at [-0-9T:.]+Z\\. Run the verification when that"
                            + " session has ended, or raise <lockWaitTimeout> \\(-Dpgbackup\\.lockWaitTimeout\\)\\.");
        }
    }

    @Test
    void while_it_waits_for_one_lock_it_releases_the_others_so_that_nobody_waits_for_us() throws Exception {
        try (Connection migration = PRODUCTION.connect(database);
                Statement statement = migration.createStatement()) {
            migration.setAutoCommit(false);
            statement.execute("lock table parent in access exclusive mode");
            CompletableFuture<Snapshot> taking = take(Duration.ofSeconds(3));
            Thread.sleep(300);
            long began = System.nanoTime();
            // Locked before parent, so we hold it whenever we wait for parent; a deadlock would be detected after 1 s.
            statement.execute("lock table child in access exclusive mode");

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(900));
            migration.rollback();
            taking.get(10, TimeUnit.SECONDS).close();
        }
    }

    @Test
    void a_transaction_id_would_be_found() throws Exception {
        try (Snapshot snapshot = Snapshot.take(source, WAIT)) {
            assertThat(snapshot.release()).isEmpty();
        }
        // The same query in a session that has written: it would prove nothing if it were always null.
        try (Connection writer = PRODUCTION.connect(database)) {
            Session session = new Session(writer);
            session.execute("begin");
            session.execute("create table written ()");
            assertThat(session.text("select pg_current_xact_id_if_assigned()::text"))
                    .isNotNull();
        }
    }

    @Test
    void closing_it_ends_its_session_and_frees_the_tables() throws Exception {
        Snapshot.take(source, WAIT).close();

        PRODUCTION.execute(database, "set lock_timeout = '2s'; drop table child");
    }

    @Test
    void abandoned_from_another_thread_it_frees_the_tables_in_the_middle_of_a_query() throws Exception {
        Snapshot snapshot = Snapshot.take(source, WAIT);
        CompletableFuture<Void> query = CompletableFuture.runAsync(() -> {
            try {
                snapshot.session().text("select pg_sleep(30)");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        Thread.sleep(200);
        snapshot.abandon();

        PRODUCTION.execute(database, "set lock_timeout = '2s'; drop table child");
        assertThatThrownBy(() -> query.get(10, TimeUnit.SECONDS))
                .cause()
                .hasCauseInstanceOf(SQLException.class); // whose own cause depends on what the driver was doing
        assertThatThrownBy(snapshot::release).isInstanceOf(SQLException.class);
    }

    @Test
    void a_lost_session_proves_nothing() throws Exception {
        try (Snapshot snapshot = Snapshot.take(source, WAIT)) {
            PRODUCTION.query(
                    database,
                    "select pg_terminate_backend(" + snapshot.session().pid() + ")");

            assertThatThrownBy(snapshot::release).isInstanceOf(SQLException.class);
        }
    }

    private CompletableFuture<Snapshot> take(Duration wait) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return Snapshot.take(source, wait);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void awaitWaiting(String query) throws InterruptedException {
        while (PRODUCTION
                .query(
                        database,
                        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '" + query
                                + "'")
                .equals("0")) {
            Thread.sleep(20);
        }
    }
}
