package io.github.pgbackup.source;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that nobody waits long for us: a migration's ALTER TABLE queues behind our ACCESS SHARE locks, and every
 * reader behind the ALTER TABLE. It watches from a session of its own and never throws.
 *
 * <p>What it asks takes no time, so it is also what notices that the source answers nobody any more: a count of a large
 * table and a network through which nothing comes look the same to whoever waits for them.
 */
public final class ProductionWatcher implements AutoCloseable {

    private static final Duration INTERVAL = Duration.ofMillis(500);

    /** How long {@link #close} lets a look end by itself before it cuts the connection. */
    private static final Duration LAST_LOOK = Duration.ofMillis(700);

    /** From pg_locks, since pg_stat_activity hides from most roles whether another role's session waits. */
    private static final String WAITING_FOR_US = """
            select l.pid, a.usename, a.application_name, l.mode, a.query_start::text,
                   (select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
                    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                    where c.oid = l.relation) as relation
            from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
            where not l.granted and ? = any (pg_catalog.pg_blocking_pids(l.pid))
            """;

    private static final String OUR_TRANSACTION_IDS = """
            select backend_xid::text from pg_catalog.pg_stat_activity
            where application_name = ? and usename = current_user and backend_xid is not null
            """;

    private record Waiter(int pid, @Nullable String queryStart) {}

    private record Wait(Waiter waiter, String sentence) {}

    /**
     * What was seen until now.
     *
     * @param looks how often
     * @param transactionIds of sessions of our role and application name; a read-only session has none
     * @param blocked the sentence that the callback was given
     * @param failure why the watcher could not watch, or not to the end
     */
    public record Observations(
            int looks, Set<String> transactionIds, Optional<String> blocked, Optional<String> failure) {}

    private final Source source;
    private final int holder;
    private final Duration maximumBlocking;
    private final Consumer<String> onBlocking;
    private final Consumer<String> onSilence;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;
    private final Map<Waiter, Long> firstSeen = new HashMap<>();
    private final Set<String> transactionIds = new TreeSet<>();
    private volatile @Nullable Session session;
    private long askedAt = System.nanoTime();
    private volatile Observations observations = new Observations(0, Set.of(), Optional.empty(), Optional.empty());

    private ProductionWatcher(
            Source source,
            int holder,
            Duration maximumBlocking,
            Consumer<String> onBlocking,
            Consumer<String> onSilence) {
        this.source = source;
        this.holder = holder;
        this.maximumBlocking = maximumBlocking;
        this.onBlocking = onBlocking;
        this.onSilence = onSilence;
        this.thread = new Thread(this::watch, "pgbackup production watcher");
        this.thread.setDaemon(true);
    }

    /**
     * Starts to watch.
     *
     * @param holder the backend whose locks are watched, {@link Session#pid()} of the snapshot's session. pg_dump locks
     *     the same tables, so who waits for it waits for this one too.
     * @param onBlocking is told a sentence at most once, in the watcher's thread
     * @param onSilence is told a sentence at most once, in the watcher's thread, when the source has not answered for
     *     {@link Source#SILENCE}
     */
    public static ProductionWatcher start(
            Source source,
            int holder,
            Duration maximumBlocking,
            Consumer<String> onBlocking,
            Consumer<String> onSilence) {
        ProductionWatcher watcher = new ProductionWatcher(source, holder, maximumBlocking, onBlocking, onSilence);
        watcher.thread.start();
        return watcher;
    }

    public Observations observations() {
        return observations;
    }

    private void watch() {
        try (Session own = source.connect()) {
            session = own;
            do {
                askedAt = System.nanoTime();
                look(own);
            } while (!stop.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
        } catch (SQLException | CannotVerifyException failure) {
            if (stop.getCount() > 0) {
                fail(failure);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException bug) {
            fail(bug);
        }
    }

    private void look(Session own) throws SQLException {
        List<Wait> waits = own.list(
                WAITING_FOR_US,
                row -> new Wait(
                        new Waiter(row.getInt("pid"), row.getString("query_start")),
                        "Pid " + row.getInt("pid")
                                + " (" + Snapshot.who(row.getString("usename"), row.getString("application_name"))
                                + ") waits for " + row.getString("mode")
                                + (row.getString("relation") == null ? "" : " on " + row.getString("relation"))),
                holder);
        long now = System.nanoTime();
        firstSeen.keySet().retainAll(waits.stream().map(Wait::waiter).collect(Collectors.toSet()));
        waits.forEach(wait -> firstSeen.putIfAbsent(wait.waiter(), now));
        transactionIds.addAll(
                own.list(OUR_TRANSACTION_IDS, row -> String.valueOf(row.getString(1)), Source.APPLICATION_NAME));
        Observations before = observations;
        Optional<String> tooLong = waits.stream()
                .filter(wait -> now - firstSeen.getOrDefault(wait.waiter(), now) >= maximumBlocking.toNanos())
                .map(wait -> wait.sentence() + ", which our snapshot holds, for more than "
                        + Snapshot.seconds(maximumBlocking) + ".")
                .findFirst();
        observations = new Observations(
                before.looks() + 1, Set.copyOf(transactionIds), before.blocked().or(() -> tooLong), before.failure());
        if (before.blocked().isEmpty() && tooLong.isPresent()) {
            onBlocking.accept(tooLong.get());
        }
    }

    private void fail(Exception failure) {
        Observations before = observations;
        observations = new Observations(
                before.looks(),
                before.transactionIds(),
                before.blocked(),
                Optional.of(
                        "The production watcher ended after " + before.looks() + " looks: " + failure.getMessage()));
        // A connection is given up somewhat sooner than a question.
        Duration silent = Duration.ofNanos(System.nanoTime() - askedAt);
        if (silent.compareTo(Source.SILENCE.dividedBy(2)) > 0) {
            onSilence.accept("The source " + source.describe() + " has not answered for " + silent.toSeconds() + " s.");
        }
    }

    /** Ends the watcher and its session within a second. */
    @Override
    public void close() {
        stop.countDown();
        boolean interrupted = false;
        try {
            thread.join(LAST_LOOK.toMillis());
        } catch (InterruptedException inAHurry) {
            interrupted = true;
        }
        Session own = session;
        if (thread.isAlive() && own != null) {
            try {
                own.connection().abort(Runnable::run);
            } catch (SQLException alreadyLost) {
                // Then the thread ends by itself.
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
