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
 * One exported snapshot under which source and archive can be compared to the row. Every table that pg_dump reads is
 * locked in ACCESS SHARE mode before the snapshot is taken: a TRUNCATE between the two would show an empty table, since
 * it is not transaction-safe for older snapshots (manual, TRUNCATE).
 */
public final class Snapshot implements AutoCloseable {

    /** How often the list of tables may change under our hands before we call it a migration. */
    private static final int ATTEMPTS = 5;

    /** A statement of LOCK TABLE stays readable in the server's log, and 10,000 tables are no more than 20 of them. */
    private static final int RELATIONS_PER_STATEMENT = 500;

    /**
     * Well below the server's deadlock_timeout (1 s by default). We hold locks while we wait for one; giving all of
     * them back this soon means that a migration never waits longer for us and never dies in a deadlock with us.
     */
    private static final Duration ONE_WAIT = Duration.ofMillis(250);

    private static final Duration PAUSE = Duration.ofMillis(100);

    private static final String BEGIN =
            "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL lock_timeout = " + ONE_WAIT.toMillis();

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String OUT_OF_MEMORY = "53200";

    private static final String SYNTAX_OR_RIGHTS = "42";

    /** undefined_table, invalid_schema_name, wrong_object_type: the table is another thing by now, or none. */
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
     * Takes the locks, then the snapshot, in a session of its own. Works on a standby too.
     *
     * @param lockWait how long to go on trying while others hold what conflicts with ACCESS SHARE
     * @throws CannotVerifyException when a table stays locked, or tables come and go all the time
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
                // LOCK takes no snapshot, this does.
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
                "Tables were created, renamed or dropped each of the " + ATTEMPTS
                        + " times that the snapshot was to be taken.",
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
     * Waits until nobody has a view locked. Whoever reads its definition, pg_dump first, waits for a migration that has made
     * it anew and has not come to its end, and should have no lock on a table by then, or both are in a deadlock when the
     * migration wants that table. We hold no view, so that it can be made anew or refreshed all the time.
     *
     * <p>LOCK TABLE knows no materialized views, and asks for rights on all that a view reads. A query that is parsed and not
     * run asks for neither, and locks what it names.
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
                // A schema of views alone that our role may not use, a view that reads itself: pg_dump minds neither.
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

    /** What is asked in a transaction. */
    public interface Questions<T> {
        T ask(Session session) throws SQLException;
    }

    /**
     * Asks under a snapshot that nothing is exported of and no table was locked for. Where a lock is not had at once, all
     * are given back and everything is asked anew, as in {@link #take}. The transaction stays open.
     *
     * @param lockWait how long to go on trying
     * @throws SQLException with SQLSTATE 55P03 after that
     */
    public static <T> T ask(Session session, Duration lockWait, Questions<T> questions)
            throws SQLException, InterruptedException {
        long began = System.nanoTime();
        while (true) {
            try {
                session.execute(BEGIN);
                return questions.ask(session);
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

    /** Only ACCESS EXCLUSIVE conflicts with our mode, so whoever holds it or waits for it is in the way. */
    private static CannotVerifyException blocked(Session session, List<Relation> relations, Duration lockWait)
            throws SQLException {
        List<String> inTheWay = session.list(
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
                            + (queryStart == null ? "" : ", by a query that began at " + queryStart.toInstant()) + ".";
                },
                session.connection()
                        .createArrayOf(
                                "oid", relations.stream().map(Relation::oid).toArray()));
        return CannotVerifyException.ofTransient(
                inTheWay.isEmpty()
                        ? "A table could not be locked for reading within " + seconds(lockWait)
                                + "; who held it is gone by now."
                        : inTheWay.get(0),
                Remedy.WAIT_FOR_THE_SESSION_THAT_LOCKS,
                null);
    }

    /** Role and application, as far as the server tells them to our role. */
    static String who(@Nullable String role, @Nullable String application) {
        return "role " + (role == null ? "unknown" : role)
                + (application == null || application.isEmpty() ? "" : ", application " + application);
    }

    static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    /** What {@code pg_dump --snapshot} and {@code SET TRANSACTION SNAPSHOT} take. */
    public String id() {
        return id;
    }

    /** By the server's clock. */
    public Instant takenAt() {
        return takenAt;
    }

    /** For how long production has held it, and what it keeps from VACUUM. */
    public Duration age() {
        return Duration.ofNanos(System.nanoTime() - taken);
    }

    /** How many tables are locked. */
    public int tables() {
        return tables;
    }

    /**
     * Whether the server's lock table holds each of our tables three times and is not full then: beside this snapshot
     * pg_dump locks them all, and once more the workers of several jobs together (manual, max_locks_per_transaction).
     */
    public boolean leavesRoomForWorkers() throws SQLException {
        return 3L * tables <= session.number("""
                        select pg_catalog.current_setting('max_locks_per_transaction')::bigint
                            * (pg_catalog.current_setting('max_connections')::bigint
                               + pg_catalog.current_setting('max_prepared_transactions')::bigint)""");
    }

    /**
     * Each table with rows of its own, {@code schema.table} without quotes, and its bytes, those in its TOAST table too. The
     * planner's pages would be none of a table that was never analysed.
     */
    public Map<String, Long> tableSizes() throws SQLException {
        Map<String, Long> sizes = new HashMap<>();
        session.list(TABLE_SIZES, row -> sizes.put(row.getString(1), row.getLong(2)) == null);
        return sizes;
    }

    /**
     * The session that holds the snapshot; its queries see it, and may take their time. It must not end the transaction.
     */
    public Session session() {
        return session;
    }

    /**
     * Ends the transaction and the session, and with them the locks.
     *
     * @return the transaction id that the server assigned, which it does at the first write; empty is the proof that there was none
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
     * Frees the tables at once, from any thread, whatever the session is doing: its query is cancelled and the connection
     * cut. There is no proof then, {@link #release} fails.
     */
    public void abandon() {
        session.cancel();
    }

    /** Ends the session if the snapshot was not let go before. */
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
