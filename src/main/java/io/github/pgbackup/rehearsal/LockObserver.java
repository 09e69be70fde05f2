package io.github.pgbackup.rehearsal;

import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.postgres.Session;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the locks of one database, from another database of the same server, until it is closed.
 *
 * <p>A look every {@link #INTERVAL} would miss the locks of most schema changes, which last a millisecond. So the server holds
 * up every commit for two looks while it still has its locks: {@code commit_delay} waits before the commit's WAL is
 * flushed (manual, 19.5.1), which asks for {@code fsync} and {@code synchronous_commit}. What a transaction locked that has
 * written and committed is therefore seen however short it was.
 */
final class LockObserver implements AutoCloseable {

    /** Between two looks. */
    static final Duration INTERVAL = Duration.ofMillis(10);

    /** How long a commit keeps its locks for us: for two looks, also on a machine that is so busy that they come late. */
    private static final List<Duration> HOLDS =
            List.of(Duration.ofMillis(20), Duration.ofMillis(50), Duration.ofMillis(100));

    /** By so many looks it is decided how late they come. */
    private static final int LATEST = 100;

    /**
     * Together, commits are held up for so long and for a fiftieth of the time that has gone by; then no longer. A script of ten
     * thousand INSERTs that each commit would else take minutes.
     */
    private static final Duration MOST_HELD = Duration.ofSeconds(5);

    private static final int SHARE_HELD = 50;

    /** The first looks take ten times as long as those after them, and would come too late. */
    private static final int LOOKS_TO_WARM_UP = 200;

    private static final int LOOKS_TO_MEASURE = 20;

    private static final List<String> SETTINGS =
            List.of("fsync", "synchronous_commit", "commit_siblings", "commit_delay");

    /** ACCESS SHARE is what every read takes; it is of no interest, and there is most of it. */
    private static final String LOCKS = """
            select virtualtransaction, coalesce(relation, 0)::bigint, mode, granted,
                   case locktype when 'transactionid' then transactionid::text::bigint else 0 end
            from pg_catalog.pg_locks
            where locktype = 'relation' and database = %d and relation >= 16384 and mode <> 'AccessShareLock'
               or locktype = 'transactionid' and granted""";

    private final Session session;
    private final RepeatedQuery locks;
    private final long began;
    private final Map<String, String> before = new HashMap<>();
    private final long[] gaps = new long[LATEST];
    private long lastSample;
    private int samples;
    private boolean canHold;
    private List<LockLog.Seen> seen = List.of();
    private volatile Duration hold = Duration.ZERO;
    private volatile BooleanSupplier idle = () -> false;
    private final LockLog log = new LockLog();
    private final Semaphore stop = new Semaphore(0);
    private final Thread thread = new Thread(this::observe, "pgbackup lock observer");
    private volatile @Nullable String failure;

    private LockObserver(Session session, RepeatedQuery locks) {
        this.session = session;
        this.locks = locks;
        this.began = System.nanoTime();
        thread.setDaemon(true);
    }

    /** Begins to look. */
    static LockObserver start(PostgresServer server, String database)
            throws SQLException, IOException, InterruptedException {
        String maintenance = maintenance(database);
        Session session = server.connect(maintenance);
        RepeatedQuery locks = null;
        boolean started = false;
        try {
            long oid = session.number("select oid::bigint from pg_catalog.pg_database where datname = ?", database);
            String superuser = Objects.requireNonNull(session.text("select current_user::text"));
            locks = RepeatedQuery.prepare(server.open(), superuser, maintenance, LOCKS.formatted(oid));
            LockObserver observer = new LockObserver(session, locks);
            for (int i = 0; i < LOOKS_TO_WARM_UP; i++) {
                new LockLog().add(i, observer.inspect(), Duration.ZERO);
            }
            for (int i = 0; i < LOOKS_TO_MEASURE; i++) {
                observer.noteGap();
                observer.inspect();
                Thread.sleep(INTERVAL.toMillis());
            }
            observer.holdCommits();
            observer.thread.start();
            started = true;
            return observer;
        } finally {
            if (!started) {
                session.close();
                if (locks != null) {
                    locks.close();
                }
            }
        }
    }

    /** A database of the server that is not the one that is observed. */
    static String maintenance(String database) {
        return database.equals("template1") ? "postgres" : "template1";
    }

    private void holdCommits() throws SQLException {
        Duration wanted = holdForTwoSamples();
        session.list(
                "select name, setting from pg_catalog.pg_settings where name = any (?::text[])",
                row -> before.put(row.getString(1), row.getString(2)) == null,
                SETTINGS.toString().replace('[', '{').replace(']', '}'));
        session.execute("alter system set fsync = on");
        session.execute("alter system set synchronous_commit = on");
        session.execute("alter system set commit_siblings = 0");
        session.execute("alter system set commit_delay = " + microseconds(wanted));
        reload(session);
        // What the command line of the server says goes before these; then commits are not held up.
        canHold = session.number("""
                select count(*) from pg_catalog.pg_settings where (name, setting) in
                    (('fsync', 'on'), ('synchronous_commit', 'on'), ('commit_siblings', '0'), ('commit_delay', ?))""", microseconds(wanted)) == SETTINGS.size();
        hold = canHold ? wanted : Duration.ZERO;
    }

    private static String microseconds(Duration duration) {
        return String.valueOf(duration.toMillis() * 1000);
    }

    private void noteGap() {
        long now = System.nanoTime();
        gaps[samples++ % LATEST] = lastSample == 0 ? 0 : now - lastSample;
        lastSample = now;
    }

    private Duration holdForTwoSamples() {
        // No streams: a JVM that has just begun would spend more on them than on the look.
        long latest = 0;
        for (long gap : gaps) {
            latest = Math.max(latest, gap);
        }
        for (Duration each : HOLDS) {
            if (each.toNanos() >= 2 * latest - INTERVAL.toNanos()) {
                return each;
            }
        }
        return HOLDS.get(HOLDS.size() - 1);
    }

    /** Waits until this session has the new settings; the others have been told at the same time. */
    private static void reload(Session session) throws SQLException {
        String before = session.text("select pg_catalog.pg_conf_load_time()::text");
        session.text("select pg_catalog.pg_reload_conf()::text");
        for (int i = 0; i < 200; i++) {
            // A session reads them between two statements.
            if (!String.valueOf(session.text("select pg_catalog.pg_conf_load_time()::text"))
                    .equals(before)) {
                return;
            }
            session.text("select pg_catalog.pg_sleep(0.01)::text");
        }
    }

    private void observe() {
        try {
            boolean goOn = true;
            while (goOn) {
                long inspect = System.nanoTime();
                noteGap();
                if (idle.getAsBoolean()) {
                    log.rest();
                } else {
                    log.add(elapsed(), inspect(), hold);
                }
                adapt();
                long took = System.nanoTime() - inspect;
                // A look that takes long leaves at least half of the time to the migration.
                goOn = !stop.tryAcquire(Math.max(INTERVAL.toNanos() - took, took), TimeUnit.NANOSECONDS);
            }
        } catch (SQLException e) {
            failure = "The locks could not be seen to the end: SQLSTATE " + e.getSQLState() + ".";
        } catch (InterruptedException e) {
            failure = "The locks could not be seen to the end: the run was interrupted.";
        }
    }

    /** Looks are what the observer costs; most show what the one before has shown. */
    private List<LockLog.Seen> inspect() throws SQLException {
        if (locks.execute()) {
            seen = locks.rows().stream()
                    .map(row -> new LockLog.Seen(
                            row.get(0),
                            Long.parseLong(row.get(1)),
                            LockMode.ofCatalog(row.get(2)).orElse(LockMode.ACCESS_SHARE),
                            row.get(3).equals("t"),
                            Long.parseLong(row.get(4))))
                    .toList();
        }
        return seen;
    }

    /** Holds commits up as long as that has not cost too much; once it has, not before something is saved. */
    private void adapt() throws SQLException {
        Duration may = MOST_HELD.plus(Duration.ofNanos(elapsed() / SHARE_HELD)).minus(log.heldUp());
        Duration wanted = holdForTwoSamples();
        boolean enough = may.compareTo(hold.isZero() ? wanted.multipliedBy(10) : Duration.ZERO) > 0;
        Duration next = canHold && enough ? wanted : Duration.ZERO;
        if (!next.equals(hold)) {
            session.execute("alter system set commit_delay = " + microseconds(next));
            session.text("select pg_catalog.pg_reload_conf()::text");
            hold = next;
        }
    }

    /**
     * How many transactions have committed that no look has seen.
     *
     * @param from the first id to ask for
     * @param to the last one, exclusive
     */
    long unseen(long from, long to) throws SQLException {
        String seen = log.xids().toString().replace('[', '{').replace(']', '}');
        return session.number("""
                select count(*) from pg_catalog.generate_series(?::bigint, ?::bigint - 1) x
                where x not in (select pg_catalog.unnest(?::bigint[]))
                  and pg_catalog.pg_xact_status(x::text::xid8) = 'committed'""", from, to, seen);
    }

    /**
     * Tells when there is nothing to look for, since no session is in a statement or a transaction.
     *
     * @param noSession asked before each look
     */
    void restWhile(BooleanSupplier noSession) {
        idle = noSession;
    }

    /** Nanoseconds since the observer began. */
    long elapsed() {
        return System.nanoTime() - began;
    }

    LockLog log() {
        return log;
    }

    /** How long the commit of a transaction that wrote is held up just now. */
    Duration hold() {
        return hold;
    }

    /** Why it ended before it was closed. */
    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    /** Looks no more, and gives the server its settings back. */
    void finish() throws SQLException, InterruptedException {
        stop.release();
        thread.join();
        if (failure == null) {
            for (Map.Entry<String, String> setting : before.entrySet()) {
                session.execute("alter system set " + setting.getKey() + " = '" + setting.getValue() + "'");
            }
            reload(session);
        }
    }

    @Override
    public void close() {
        stop.release();
        locks.close();
        session.abort();
    }
}
