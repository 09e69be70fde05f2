package io.github.pgbackup.source;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.postgres.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that nobody waits long for us: a migration's ALTER TABLE queues behind our ACCESS SHARE locks, and every
 * reader queues behind the ALTER TABLE. The watcher uses its own session, or the holder's session while that is idle.
 * It never throws.
 *
 * <p>Its queries are instantaneous, so it also notices an unresponsive source: to other sessions, a slow count of a
 * large table and a dead network look the same.
 */
public final class ProductionWatcher implements AutoCloseable {

    /**
     * The cost of a sample grows with the number of locks. A waiting session is checked again when its time is up. The
     * interval is shorter than the default deadlock_timeout of 1 s.
     */
    private static final Duration INTERVAL = Duration.ofMillis(500);

    /** How long our sessions have to end by themselves before the server is told to terminate them. */
    private static final Duration GRACE = Duration.ofMillis(200);

    /** How long {@link #close} waits for a running sample before it cuts the connection. */
    private static final Duration LAST_SAMPLE = Duration.ofMillis(700);

    /**
     * Uses pg_locks, because pg_stat_activity hides from most roles whether another role's session waits. Our sessions
     * are the holder and those that started later with our application name: pg_dump and its workers, which hold locks
     * of their own, for example on sequences.
     */
    private static final String WAITING_FOR_US = """
            select l.pid, a.usename, a.application_name, l.mode, a.query_start::text, ours.pids, %s
                   l.locktype = 'virtualxid' as for_transaction, null::int as behind,
                   exists (select from pg_catalog.unnest(ours.pids) o (pid)
                           where l.pid = any (pg_catalog.pg_blocking_pids(o.pid))) as deadlock,
                   (select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
                    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                    where c.oid = l.relation) as relation
            from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
            cross join lateral (
                select array_agg(b.pid) as pids
                from pg_catalog.unnest(pg_catalog.pg_blocking_pids(l.pid)) b (pid)
                where b.pid = ? or exists (
                    select from pg_catalog.pg_stat_activity s
                    where s.pid = b.pid and s.application_name = ? and s.usename = current_user and s.backend_start >=
                          (select h.backend_start from pg_catalog.pg_stat_activity h where h.pid = ?))) ours
            where not l.granted and ours.pids is not null
            """;

    /**
     * Sessions that wait behind a session that waits for one of our transactions. CREATE INDEX CONCURRENTLY and similar
     * commands hold a SHARE UPDATE EXCLUSIVE lock meanwhile. It does not block readers or writers, but it blocks a
     * migration that alters the table, and then everyone behind that migration.
     */
    private static final String WAITING_BEHIND = """
            select l.pid, a.usename, a.application_name, l.mode, a.query_start::text, ?::int[] as pids, %s
                   false as for_transaction, ?::int as behind, false as deadlock,
                   (select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
                    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                    where c.oid = l.relation) as relation
            from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
            where not l.granted and ? = any (pg_catalog.pg_blocking_pids(l.pid))
            """;

    /** Since 14, the server reports when the wait began. */
    private static final String WAITED =
            " l.waitstart::text, extract(epoch from clock_timestamp() - l.waitstart) as waited,";

    private static final int FIRST_WITH_WAITSTART = 14;

    private static final String OUR_TRANSACTION_IDS = """
            select backend_xid::text from pg_catalog.pg_stat_activity
            where application_name = ? and usename = current_user and backend_xid is not null
            """;

    private record Waiter(
            int pid, @Nullable String queryStart, @Nullable String waitStart) {}

    /**
     * A session that is blocked by ours.
     *
     * @param ours our sessions that block it
     * @param deadlock whether it also blocks one of them
     * @param limit the maximum time for which we may block it
     */
    private record Wait(
            Waiter waiter, long waitedNanos, List<Integer> ours, boolean deadlock, Duration limit, String sentence) {}

    /**
     * The observations so far.
     *
     * @param samples number of samples
     * @param transactionIds of sessions with our role and application name; a read-only session has none
     * @param blocked the sentence that was passed to the callback
     * @param failure why the watcher could not watch for some time, or at all
     */
    public record Observations(
            int samples, Set<String> transactionIds, Optional<String> blocked, Optional<String> failure) {}

    private final Source source;
    private final int holder;
    private final BlockingLimits limits;
    private final Consumer<String> onBlocking;
    private final Consumer<String> onSilence;
    private final String waitingForUs;
    private final String waitingBehind;
    private final boolean withWaitStart;
    private final AtomicBoolean inUse = new AtomicBoolean();
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;
    private long lastSample = System.nanoTime();
    private final Map<Waiter, Long> firstSeen = new HashMap<>();
    private final Set<String> transactionIds = new TreeSet<>();
    private volatile boolean stopped;
    private volatile @Nullable Session lent;
    private volatile @Nullable SQLException holderLost;
    private volatile @Nullable Session session;
    private long queriedAt = System.nanoTime();
    private volatile Observations observations = new Observations(0, Set.of(), Optional.empty(), Optional.empty());

    private ProductionWatcher(
            Source source, int holder, BlockingLimits limits, Consumer<String> onBlocking, Consumer<String> onSilence) {
        this.source = source;
        this.holder = holder;
        this.limits = limits;
        this.onBlocking = onBlocking;
        this.onSilence = onSilence;
        this.withWaitStart = source.identity().version().major() >= FIRST_WITH_WAITSTART;
        this.waitingForUs = WAITING_FOR_US.formatted(withWaitStart ? WAITED : "");
        this.waitingBehind = WAITING_BEHIND.formatted(withWaitStart ? WAITED : "");
        this.thread = new Thread(this::watch, "pgbackup production watcher");
        this.thread.setDaemon(true);
    }

    /**
     * Starts to watch.
     *
     * @param holder the backend whose locks are watched: {@link Session#pid()} of the snapshot's session. Later
     *     sessions with our role and application name are watched, too
     * @param limits how long others may wait for these sessions
     * @param onBlocking receives a sentence, at most once and in the watcher's thread, when a session has waited too
     *     long or when that cannot be determined; it must end our sessions. The server terminates those that remain.
     * @param onSilence receives a sentence, at most once and in the watcher's thread, when the source has not answered
     *     for {@link Source#SILENCE}
     */
    public static ProductionWatcher start(
            Source source, int holder, BlockingLimits limits, Consumer<String> onBlocking, Consumer<String> onSilence) {
        ProductionWatcher watcher = new ProductionWatcher(source, holder, limits, onBlocking, onSilence);
        watcher.thread.start();
        return watcher;
    }

    /**
     * Watches from the holder's session from now on and closes its own, so that production has one connection less.
     *
     * @param held the holder's session; nobody else may use it before {@link #takeBack} returns
     */
    public void lend(Session held) {
        lent = held;
        wake.release();
    }

    /**
     * Returns when the holder's session is free again; the watcher continues in a session of its own.
     *
     * @throws SQLException when the watcher lost that session
     */
    public void takeBack() throws InterruptedException, SQLException {
        lent = null;
        wake.release();
        synchronized (inUse) {
            while (inUse.get() && thread.isAlive()) {
                inUse.wait(100);
            }
        }
        SQLException lost = holderLost;
        if (lost != null) {
            throw lost;
        }
    }

    public Observations observations() {
        return observations;
    }

    private void watch() {
        boolean watching = true;
        while (watching && !stopped) {
            try {
                queriedAt = System.nanoTime();
                if (lent == null) {
                    try (Session own = source.connect()) {
                        watch(own, () -> lent == null);
                    }
                } else {
                    watchByTheHolders();
                }
            } catch (SQLException | CannotVerifyException failure) {
                lent = null;
                watching = stopped || resumeAfter(failure, System.nanoTime() - lastSample);
            } catch (InterruptedException unexpected) {
                Thread.currentThread().interrupt();
                watching = false;
            } catch (RuntimeException bug) {
                resumeAfter(bug, Long.MAX_VALUE);
                watching = false;
            }
        }
    }

    private void watchByTheHolders() throws SQLException, InterruptedException {
        inUse.set(true);
        try {
            Session holders = lent;
            if (holders != null) {
                watch(holders, () -> lent != null);
            }
        } catch (SQLException e) {
            holderLost = e;
            throw e;
        } finally {
            synchronized (inUse) {
                inUse.set(false);
                inUse.notifyAll();
            }
        }
    }

    private void watch(Session by, BooleanSupplier whileTrue) throws SQLException, InterruptedException {
        session = by;
        do {
            queriedAt = System.nanoTime();
            Duration pause = inspect(by);
            lastSample = System.nanoTime();
            var unused = wake.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS);
        } while (!stopped && whileTrue.getAsBoolean());
    }

    /**
     * Whether the watcher tries again after a failure. Without an answer, it cannot know whether others wait for us, so
     * it must not be without one for longer than they may wait.
     */
    private boolean resumeAfter(Exception failure, long blindNanos) {
        Observations before = observations;
        String sentence = "The production watcher could not query the source for some time after " + before.samples()
                + " samples: " + (failure instanceof CannotVerifyException known ? known.fact() : failure.getMessage());
        observations =
                new Observations(before.samples(), before.transactionIds(), before.blocked(), Optional.of(sentence));
        // A connection attempt times out somewhat sooner than a query.
        Duration silent = Duration.ofNanos(System.nanoTime() - queriedAt);
        if (silent.compareTo(Source.SILENCE.dividedBy(2)) > 0) {
            onSilence.accept("The source " + source.describe() + " has not answered for " + silent.toSeconds() + " s.");
            return false;
        }
        if (blindNanos >= limits.lock().toNanos()) {
            if (before.blocked().isEmpty()) {
                onBlocking.accept("Cannot tell whether other sessions wait for our locks. " + sentence);
            }
            return false;
        }
        try {
            var unused = wake.tryAcquire(GRACE.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (InterruptedException unexpected) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Takes a sample and returns the pause before the next one. */
    private Duration inspect(Session own) throws SQLException {
        // Within the holder's transaction, pg_stat_activity would keep its first contents.
        own.list("select pg_catalog.pg_stat_clear_snapshot()", row -> true);
        List<Wait> waits = waits(own);
        long now = System.nanoTime();
        firstSeen.keySet().retainAll(waits.stream().map(Wait::waiter).collect(Collectors.toSet()));
        waits.forEach(wait -> firstSeen.putIfAbsent(wait.waiter(), now - wait.waitedNanos()));
        transactionIds.addAll(
                own.list(OUR_TRANSACTION_IDS, row -> String.valueOf(row.getString(1)), Source.APPLICATION_NAME));
        Observations before = observations;
        List<Wait> tooLong = waits.stream()
                .filter(wait -> wait.deadlock() || left(wait, now) <= 0)
                .toList();
        Optional<String> sentence = tooLong.stream()
                .map(wait -> wait.sentence()
                        + (wait.deadlock()
                                ? ", held by one of our sessions that in turn waits for this pid."
                                : " for more than " + Snapshot.seconds(wait.limit()) + "."))
                .findFirst();
        observations = new Observations(
                before.samples() + 1,
                Set.copyOf(transactionIds),
                before.blocked().or(() -> sentence),
                before.failure());
        if (tooLong.isEmpty()) {
            return Duration.ofNanos(
                    waits.stream().mapToLong(wait -> left(wait, now)).reduce(INTERVAL.toNanos(), Math::min));
        }
        if (stopped) {
            return GRACE; // the callback's owner may already be in its next attempt
        }
        if (before.blocked().isEmpty()) {
            sentence.ifPresent(onBlocking);
        }
        // In a deadlock, the server terminates either session after deadlock_timeout, 1 s by default.
        if (before.blocked().isPresent() || tooLong.stream().anyMatch(Wait::deadlock)) {
            end(own, tooLong);
        }
        return GRACE;
    }

    private List<Wait> waits(Session own) throws SQLException {
        List<Integer> forTransactions = new ArrayList<>();
        List<Wait> waits = new ArrayList<>(own.list(
                waitingForUs,
                row -> {
                    if (row.getBoolean("for_transaction")) {
                        forTransactions.add(row.getInt("pid"));
                    }
                    return wait(row);
                },
                holder,
                Source.APPLICATION_NAME,
                holder));
        for (Wait wait : List.copyOf(waits)) {
            int pid = wait.waiter().pid();
            if (forTransactions.contains(pid)) {
                String ours = wait.ours().toString().replace('[', '{').replace(']', '}');
                waits.addAll(own.list(waitingBehind, row -> wait(row), ours, pid, pid));
            }
        }
        return waits;
    }

    /** Nanoseconds that the session may still wait. */
    private long left(Wait wait, long now) {
        return wait.limit().toNanos() - (now - firstSeen.getOrDefault(wait.waiter(), now));
    }

    private Wait wait(ResultSet row) throws SQLException {
        String relation = row.getString("relation");
        boolean forTransaction = row.getBoolean("for_transaction");
        int behind = row.getInt("behind");
        boolean deadlock = row.getBoolean("deadlock");
        String what = "Pid " + row.getInt("pid") + " ("
                + Snapshot.who(row.getString("usename"), row.getString("application_name")) + ") waits for "
                + row.getString("mode") + (relation == null ? "" : " on " + relation);
        String whose = ", which one of our sessions has locked,";
        if (deadlock) {
            whose = "";
        } else if (behind != 0) {
            whose = ", behind pid " + behind + ", which waits for the end of our transaction,";
        } else if (forTransaction) {
            whose = " on our transaction, as commands with CONCURRENTLY do,";
        }
        return new Wait(
                new Waiter(
                        row.getInt("pid"),
                        row.getString("query_start"),
                        withWaitStart ? row.getString("waitstart") : null),
                withWaitStart ? (long) (row.getDouble("waited") * 1e9) : 0,
                Stream.of((Integer[]) row.getArray("pids").getArray()).toList(),
                deadlock,
                forTransaction ? limits.snapshot() : limits.lock(),
                what + whose);
    }

    /**
     * Terminates our sessions that keep others waiting too long, because a hanging client does not react to a cancel
     * request, and another one may miss it. Every role may terminate its own sessions.
     */
    private static void end(Session own, List<Wait> tooLong) throws SQLException {
        for (int pid : tooLong.stream().flatMap(wait -> wait.ours().stream()).collect(Collectors.toSet())) {
            own.list("select pg_catalog.pg_terminate_backend(?)", row -> row.getBoolean(1), pid);
        }
    }

    /** Stops the watcher and its session within 1 s. */
    @Override
    public void close() {
        stopped = true;
        wake.release();
        boolean interrupted = false;
        try {
            thread.join(LAST_SAMPLE.toMillis());
        } catch (InterruptedException inAHurry) {
            interrupted = true;
        }
        Session own = session;
        if (thread.isAlive() && own != null) {
            own.abort();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
