package io.github.pgbackup.source;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An exported snapshot, under which source and archive can be compared row by row. Every table that pg_dump reads is
 * locked in ACCESS SHARE mode before the snapshot is taken. Otherwise a TRUNCATE in between would make the table look
 * empty, because TRUNCATE is not MVCC-safe (manual, TRUNCATE).
 */
public final class Snapshot implements AutoCloseable {

    /** How often the list of tables may change while we lock them before we report a running migration. */
    private static final int ATTEMPTS = 5;

    /** Keeps each LOCK TABLE statement readable in the server's log; 10,000 tables take 20 statements. */
    private static final int RELATIONS_PER_STATEMENT = 500;

    /**
     * Well below the server's default deadlock_timeout of 1 s. We hold locks while we wait for another one. Because we
     * release them all after this time, a migration never waits longer for us and never dies in a deadlock with us.
     */
    private static final Duration ONE_WAIT = Duration.ofMillis(250);

    private static final Duration PAUSE = Duration.ofMillis(100);

    private static final String BEGIN =
            "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL lock_timeout = " + ONE_WAIT.toMillis();

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String OUT_OF_MEMORY = "53200";

    private static final String SYNTAX_OR_RIGHTS = "42";

    /** undefined_table, invalid_schema_name, wrong_object_type: the table was dropped or replaced. */
    private static final Set<String> TABLE_GONE = Set.of("42P01", "3F000", "42809");

    private static final String RELATIONS = """
            select c.oid::bigint as oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name,
                   c.relkind in ('v', 'm') as view
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'v', 'm') and %s
            order by 2
            """.formatted(DumpedRelations.CONDITION);

    private static final String TABLE_SIZES = """
            select n.nspname || '.' || c.relname,
                   greatest(pg_catalog.pg_relation_size(c.oid), 8192)
                   + coalesce(pg_catalog.pg_relation_size(nullif(c.reltoastrelid, 0)), 0)
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'r' and %s
            """.formatted(DumpedRelations.CONDITION);

    private record Relation(long oid, String name, boolean view) {}

    private final Session session;
    private final String id;
    private final Instant takenAt;
    private final int tables;
    private final long taken = System.nanoTime();
    private boolean held = true;

    private Snapshot(Session session, String id, Instant takenAt, int tables) {
        this.session = session;
        this.id = id;
        this.takenAt = takenAt;
        this.tables = tables;
    }

    /**
     * Takes the locks, then the snapshot, in its own session. Works on a standby, too.
     *
     * @param lockWait how long to retry while others hold a conflicting lock
     * @throws CannotVerifyException when a table stays locked, or when tables keep changing
     */
    public static Snapshot take(Source source, Duration lockWait) throws InterruptedException {
        Session session = source.connect();
        try {
            return take(session, lockWait);
        } catch (SQLException failure) {
            close(session);
            if (OUT_OF_MEMORY.equals(failure.getSQLState())) {
                throw new CannotVerifyException(
                        "The source's lock table is full: each table that is dumped takes a lock.",
                        Remedy.raiseMaxLocksPerTransaction(source.describe()));
            }
            CannotVerifyException known = new CannotVerifyException(
                    "No snapshot could be taken of " + source.describe() + ": " + failure.getMessage(),
                    Remedy.CHECK_THE_SERVERS_LOG,
                    failure);
            throw ConnectionFailure.isTransient(failure) ? known.asTransient() : known;
        } catch (InterruptedException | RuntimeException failure) {
            close(session);
            throw failure;
        }
    }

    private static Snapshot take(Session session, Duration lockWait) throws SQLException, InterruptedException {
        long began = System.nanoTime();
        int changed = 0;
        while (changed < ATTEMPTS) {
            List<Relation> relations = relations(session);
            List<String> tables = names(relations, false);
            try {
                awaitViews(session, names(relations, true));
                session.execute(BEGIN);
                lock(session, tables);
                // LOCK takes no snapshot; this query does.
                Snapshot snapshot = session.one(
                        "select pg_catalog.pg_export_snapshot(), statement_timestamp()",
                        row -> new Snapshot(
                                session,
                                row.getString(1),
                                row.getObject(2, OffsetDateTime.class).toInstant(),
                                tables.size()));
                if (relations(session).equals(relations)) {
                    session.execute("SET LOCAL lock_timeout = " + lockWait.toMillis());
                    session.answersWithin(Duration.ZERO);
                    return snapshot;
                }
                changed++;
                session.execute("ROLLBACK");
            } catch (SQLException failure) {
                session.execute("ROLLBACK");
                String state = String.valueOf(failure.getSQLState());
                if (TABLE_GONE.contains(state)) {
                    changed++;
                } else if (!state.equals(LOCK_NOT_AVAILABLE)) {
                    throw failure;
                } else if (System.nanoTime() - began >= lockWait.toNanos()) {
                    throw blocked(session, relations, lockWait);
                } else {
                    Thread.sleep(PAUSE.toMillis());
                }
            }
        }
        throw CannotVerifyException.ofTransient(
                "Tables were created, renamed or dropped during all " + ATTEMPTS + " attempts to take the snapshot.",
                Remedy.RUN_WHEN_NO_MIGRATION_RUNS,
                null);
    }

    private static List<Relation> relations(Session session) throws SQLException {
        return session.list(
                RELATIONS, row -> new Relation(row.getLong("oid"), row.getString("name"), row.getBoolean("view")));
    }

    private static List<String> names(List<Relation> relations, boolean views) {
        return relations.stream()
                .filter(relation -> relation.view() == views)
                .map(Relation::name)
                .toList();
    }

    private static void lock(Session session, List<String> tables) throws SQLException {
        for (List<String> batch : batches(tables)) {
            session.execute(batch.stream()
                    .map(table -> "ONLY " + table)
                    .collect(Collectors.joining(", ", "LOCK TABLE ", " IN ACCESS SHARE MODE")));
        }
    }

    /**
     * Waits until no other session holds an exclusive lock on a view. If a migration has replaced a view but not yet
     * committed, pg_dump and every other session that reads the view's definition must wait. If such a session held a
     * lock on a table, it would deadlock with the migration as soon as the migration needs that table. We lock no
     * views, so they can be replaced or refreshed at any time.
     *
     * <p>LOCK TABLE does not support materialized views and requires privileges on everything that a view reads. A
     * query that is parsed but not run needs neither and locks the relations that it names.
     */
    private static void awaitViews(Session session, List<String> views) throws SQLException {
        for (List<String> batch : batches(views)) {
            session.execute(BEGIN);
            try {
                session.parse(batch.stream().collect(Collectors.joining(", ", "select from ", " where false")));
            } catch (SQLException failure) {
                String state = String.valueOf(failure.getSQLState());
                if (!state.startsWith(SYNTAX_OR_RIGHTS) || TABLE_GONE.contains(state)) {
                    throw failure;
                }
                // A schema with only views that our role may not use, or a recursive view: neither matters to pg_dump.
            }
            session.execute("ROLLBACK");
        }
    }

    private static List<List<String>> batches(List<String> names) {
        return IntStream.rangeClosed(0, (names.size() - 1) / RELATIONS_PER_STATEMENT)
                .mapToObj(batch -> names.subList(
                        batch * RELATIONS_PER_STATEMENT, Math.min((batch + 1) * RELATIONS_PER_STATEMENT, names.size())))
                .filter(batch -> !batch.isEmpty())
                .toList();
    }

    /** Queries that run in one transaction. */
    public interface Queries<T> {
        T ask(Session session) throws SQLException;
    }

    /**
     * Queries under a snapshot that is not exported, without locking tables first. When a lock is not available
     * immediately, all locks are released and all queries are repeated, as in {@link #take}. The transaction stays
     * open.
     *
     * @param lockWait how long to retry
     * @throws SQLException with SQLSTATE 55P03 after that time
     */
    public static <T> T ask(Session session, Duration lockWait, Queries<T> queries)
            throws SQLException, InterruptedException {
        long began = System.nanoTime();
        while (true) {
            try {
                session.execute(BEGIN);
                return queries.ask(session);
            } catch (SQLException failure) {
                if (!LOCK_NOT_AVAILABLE.equals(failure.getSQLState())
                        || System.nanoTime() - began >= lockWait.toNanos()) {
                    throw failure;
                }
                session.execute("ROLLBACK");
                Thread.sleep(PAUSE.toMillis());
            }
        }
    }

    /** Only ACCESS EXCLUSIVE conflicts with our mode, so the blocker is a session that holds it or waits for it. */
    private static CannotVerifyException blocked(Session session, List<Relation> relations, Duration lockWait)
            throws SQLException {
        List<String> blockers = session.list(
                """
                select l.relation::bigint, l.granted, l.pid, a.usename, a.application_name, a.query_start
                from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
                where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.relation = any (?)
                  and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
                order by l.granted desc, a.query_start, l.pid
                """,
                row -> {
                    long oid = row.getLong(1);
                    String relation = relations.stream()
                            .filter(candidate -> candidate.oid() == oid)
                            .map(candidate -> (candidate.view() ? "View " : "Table ") + candidate.name())
                            .findFirst()
                            .orElse("Table " + oid);
                    @Nullable OffsetDateTime queryStart = row.getObject(6, OffsetDateTime.class);
                    return relation + " could not be locked for reading within " + seconds(lockWait) + ": pid "
                            + row.getInt(3)
                            + " (" + who(row.getString(4), row.getString(5)) + ") "
                            + (row.getBoolean(2) ? "holds" : "waits for") + " an ACCESS EXCLUSIVE lock on it"
                            + (queryStart == null ? "" : ", in a query that began at " + queryStart.toInstant()) + ".";
                },
                session.connection()
                        .createArrayOf(
                                "oid", relations.stream().map(Relation::oid).toArray()));
        return CannotVerifyException.ofTransient(
                blockers.isEmpty()
                        ? "A table could not be locked for reading within " + seconds(lockWait)
                                + "; the session that held the lock has ended."
                        : blockers.get(0),
                Remedy.WAIT_FOR_THE_SESSION_THAT_LOCKS,
                null);
    }

    /** Role and application, as far as our role may see them. */
    static String who(@Nullable String role, @Nullable String application) {
        return "role " + (role == null ? "unknown" : role)
                + (application == null || application.isEmpty() ? "" : ", application " + application);
    }

    static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    /** The argument for {@code pg_dump --snapshot} and {@code SET TRANSACTION SNAPSHOT}. */
    public String id() {
        return id;
    }

    /** According to the server's clock. */
    public Instant takenAt() {
        return takenAt;
    }

    /** How long production has held the snapshot, and with it the dead rows that VACUUM cannot remove. */
    public Duration age() {
        return Duration.ofNanos(System.nanoTime() - taken);
    }

    /** Number of locked tables. */
    public int tables() {
        return tables;
    }

    /**
     * Whether the server's lock table has room for each of our tables three times: this snapshot locks all tables,
     * pg_dump locks them again, and so do the workers of several jobs together (manual, max_locks_per_transaction).
     */
    public boolean leavesRoomForWorkers() throws SQLException {
        return 3L * tables <= session.number("""
                        select pg_catalog.current_setting('max_locks_per_transaction')::bigint
                            * (pg_catalog.current_setting('max_connections')::bigint
                               + pg_catalog.current_setting('max_prepared_transactions')::bigint)""");
    }

    /**
     * The tables with rows of their own, {@code schema.table} without quotes, and their size in bytes, including their
     * TOAST tables. The planner's estimate would be zero for a table that was never analysed.
     */
    public Map<String, Long> tableSizes() throws SQLException {
        Map<String, Long> sizes = new HashMap<>();
        session.list(TABLE_SIZES, row -> sizes.put(row.getString(1), row.getLong(2)) == null);
        return sizes;
    }

    /**
     * The session that holds the snapshot. Its queries see the snapshot and have no time limit. They must not end the
     * transaction.
     */
    public Session session() {
        return session;
    }

    /**
     * Ends the transaction and the session, which releases the locks.
     *
     * @return the transaction id, which the server assigns at the first write; empty proves that there was none
     * @throws SQLException when the session was lost, so that there is no proof
     */
    public Optional<String> release() throws SQLException {
        held = false;
        try (session) {
            session.answersWithin(Source.SILENCE);
            Optional<String> transactionId =
                    Optional.ofNullable(session.text("select pg_catalog.pg_current_xact_id_if_assigned()::text"));
            session.execute("ROLLBACK");
            return transactionId;
        }
    }

    /**
     * Releases the tables at once, from any thread, whatever the session is doing: its query is cancelled and the
     * connection cut. There is no proof in that case: {@link #release} fails.
     */
    public void abandon() {
        session.cancel();
    }

    /** Ends the session unless the snapshot was released before. */
    @Override
    public void close() {
        if (held) {
            held = false;
            close(session);
        }
    }

    private static void close(Session session) {
        try {
            session.close();
        } catch (SQLException alreadyLost) {
            // As in abandon().
        }
    }
}
