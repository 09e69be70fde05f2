package io.github.pgbackup.rehearsal;

import io.github.pgbackup.rehearsal.RehearsalReport.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The statements of all connections, in the order in which they ended. Consecutive statements that differ only in their
 * constants share one entry, so a million INSERTs take no memory.
 */
public final class StatementLog {

    /** More entries than anyone reads; further statements are only counted. */
    private static final int MOST = 10_000;

    /** Command tags of statements that write nothing, so that their end is not delayed. */
    private static final Set<String> READING =
            Set.of("SELECT", "SHOW", "SET", "FETCH", "BEGIN", "START TRANSACTION", "ROLLBACK");

    private final long began;
    private final Supplier<Duration> hold;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<Integer, Entry> lastOfConnection = new HashMap<>();
    private int connections;
    private int busy;
    private boolean prepared;
    private long uncounted;
    private long first = Long.MAX_VALUE;
    private long last;

    /** Statements of one connection that differ only in their constants. */
    private static final class Entry {
        private final int connection;
        private final long startedAt;
        private final String sql;
        private final @Nullable Failure failure;
        private @Nullable String missingRight;
        private String command = "";
        private long calls;
        private long total;
        private long longest;
        private long rows;

        Entry(int connection, long startedAt, String sql, @Nullable Failure failure) {
            this.connection = connection;
            this.startedAt = startedAt;
            this.sql = sql;
            this.failure = failure;
        }
    }

    /**
     * Creates an empty log.
     *
     * @param began when the rehearsal began, by {@link System#nanoTime}
     * @param hold how long a commit is delayed; the time of a statement that commits does not include this
     */
    StatementLog(long began, Supplier<Duration> hold) {
        this.began = began;
        this.hold = hold;
    }

    /** Creates a tap for one more connection, which has been authenticated or is about to be. */
    public synchronized StatementTap open() {
        busy++;
        return new StatementTap(this, ++connections);
    }

    /** Notes whether a connection is now in a statement or a transaction. */
    synchronized void busy(boolean now) {
        busy += now ? 1 : -1;
    }

    /**
     * Whether no session holds a lock: there was at least one session, and each waits for its next statement outside a
     * transaction. A session whose connection was lost may still be running, and a prepared transaction has no session.
     */
    synchronized boolean isIdle() {
        return connections > 0 && busy == 0 && !prepared;
    }

    /**
     * Adds a statement that has ended.
     *
     * @param command its command tag without numbers: {@code INSERT}; empty if the statement failed
     * @param failure null if there was none
     * @param commits whether it ended a transaction
     */
    synchronized void add(
            int connection,
            String sql,
            long from,
            long to,
            String command,
            long rows,
            @Nullable Failure failure,
            boolean commits) {
        first = Math.min(first, from);
        last = Math.max(last, to);
        prepared |= command.equals("PREPARE TRANSACTION");
        long took = to - from;
        if (commits && failure == null && !READING.contains(command)) {
            took = Math.max(0, took - hold.get().toNanos());
        }
        String text = SqlText.withoutConstants(sql);
        Entry entry = lastOfConnection.get(connection);
        if (entry == null || !entry.sql.equals(text) || failure != null || entry.failure != null) {
            if (entries.size() == MOST) {
                uncounted++;
                return;
            }
            entry = new Entry(connection, from - began, text, failure);
            entries.add(entry);
            lastOfConnection.put(connection, entry);
        }
        entry.command = command;
        entry.calls++;
        entry.total += took;
        entry.longest = Math.max(entry.longest, took);
        entry.rows += rows;
    }

    /** All statements, in order. */
    synchronized List<Statement> statements() {
        return entries.stream()
                .map(entry -> new Statement(
                        entry.sql,
                        entry.command,
                        entry.connection,
                        Duration.ofNanos(entry.startedAt),
                        entry.calls,
                        Duration.ofNanos(entry.total),
                        Duration.ofNanos(entry.longest),
                        entry.rows,
                        entry.failure == null ? null : entry.failure.text(),
                        entry.missingRight,
                        null))
                .toList();
    }

    /**
     * Names the rights that failed statements lacked. Reading the catalogs does not hold up the sessions that run
     * meanwhile.
     */
    void nameMissingRights(MissingRight rights) {
        List<Entry> failed;
        synchronized (this) {
            failed = entries.stream()
                    .filter(entry -> entry.failure != null && entry.failure.isForARight())
                    .toList();
        }
        for (Entry entry : failed) {
            String right = rights.of(Objects.requireNonNull(entry.failure), entry.sql);
            synchronized (this) {
                entry.missingRight = right;
            }
        }
    }

    /** Number of statements without an entry, because there are too many. */
    synchronized long uncounted() {
        return uncounted;
    }

    /** The time from the beginning of the first statement to the end of the last one; zero if there was none. */
    synchronized Duration span() {
        return Duration.ofNanos(Math.max(0, last - Math.min(first, last)));
    }
}
