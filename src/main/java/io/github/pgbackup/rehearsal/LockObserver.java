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
 * Samples the locks of one database, from another database of the same server, until it is closed.
 *
 * <p>A sample every {@link #INTERVAL} would miss the locks of most schema changes, which last a millisecond. So the
 * server delays every commit, while the transaction still holds its locks, for as long as two samples take:
 * {@code commit_delay} waits before the commit's WAL is flushed (manual, 19.5.1), which requires {@code fsync} and
 * {@code synchronous_commit}. The locks of a transaction that wrote and committed are therefore seen however short it
 * was.
 */
final class LockObserver implements AutoCloseable {

    /** The time between two samples. */
    static final Duration INTERVAL = Duration.ofMillis(10);

    /**
     * How long the server may delay a commit. The shortest delay that covers two samples is used; on a busy machine,
     * samples are late.
     */
    private static final List<Duration> HOLDS =
            List.of(Duration.ofMillis(20), Duration.ofMillis(50), Duration.ofMillis(100));

    /** Number of samples that decide how late samples are. */
    private static final int LATEST = 100;

    /**
     * The total delay of commits is limited to this, plus a fiftieth of the elapsed time. Beyond that, commits are not
     * delayed. Otherwise, a script of ten thousand INSERTs that each commit would take minutes.
     */
    private static final Duration MOST_HELD = Duration.ofSeconds(5);

    private static final int SHARE_HELD = 50;

    /** The first samples take ten times as long as later ones, and would come too late. */
    private static final int SAMPLES_TO_WARM_UP = 200;

    private static final int SAMPLES_TO_MEASURE = 20;

    private static final List<String> SETTINGS =
            List.of("fsync", "synchronous_commit", "commit_siblings", "commit_delay");

    /** Leaves out ACCESS SHARE, the most frequent lock: every read takes it, and it matters to nobody. */
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

    /** Starts to sample. */
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
            for (int i = 0; i < SAMPLES_TO_WARM_UP; i++) {
                new LockLog().add(i, observer.sample(), Duration.ZERO);
            }
            for (int i = 0; i < SAMPLES_TO_MEASURE; i++) {
                observer.noteGap();
                observer.sample();
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

    /** A database of the server other than the observed one. */
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
        // Settings on the server's command line take precedence over these; then commits are not delayed.
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
        // No streams: a JVM that has just started would spend more time on them than on the sample.
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

    /** Waits until this session has the new settings. The server signals the other sessions at the same time. */
    private static void reload(Session session) throws SQLException {
        String before = session.text("select pg_catalog.pg_conf_load_time()::text");
        session.text("select pg_catalog.pg_reload_conf()::text");
        for (int i = 0; i < 200; i++) {
            // A session reads the settings between two statements.
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
                long from = System.nanoTime();
                noteGap();
                if (idle.getAsBoolean()) {
                    log.rest();
                } else {
                    log.add(elapsed(), sample(), hold);
                }
                adapt();
                long took = System.nanoTime() - from;
                // After a slow sample, at least half of the time is left to the migration.
                goOn = !stop.tryAcquire(Math.max(INTERVAL.toNanos() - took, took), TimeUnit.NANOSECONDS);
            }
        } catch (SQLException e) {
            failure = "Sampling of the locks ended early: SQLSTATE " + e.getSQLState() + ".";
        } catch (InterruptedException e) {
            failure = "Sampling of the locks ended early: the run was interrupted.";
        }
    }

    /** Takes a sample. Samples are the cost of the observer; most show the same as the one before. */
    private List<LockLog.Seen> sample() throws SQLException {
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

    /** Delays commits until the limit is reached. Then it resumes only once there is room for several commits. */
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
     * Number of committed transactions that no sample has seen.
     *
     * @param from the first ID to check
     * @param to the last ID, exclusive
     */
    long unseen(long from, long to) throws SQLException {
        String seen = log.xids().toString().replace('[', '{').replace(']', '}');
        return session.number("""
                select count(*) from pg_catalog.generate_series(?::bigint, ?::bigint - 1) x
                where x not in (select pg_catalog.unnest(?::bigint[]))
                  and pg_catalog.pg_xact_status(x::text::xid8) = 'committed'""", from, to, seen);
    }

    /**
     * Lets the observer rest while there is nothing to see, because no session is in a statement or a transaction.
     *
     * @param noSession checked before each sample
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

    /** How long the server currently delays the commit of a transaction that wrote. */
    Duration hold() {
        return hold;
    }

    /** Why the observer ended before it was closed; empty if it did not. */
    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    /** Ends sampling, and restores the server's settings. */
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
