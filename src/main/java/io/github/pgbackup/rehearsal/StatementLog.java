package io.github.pgbackup.rehearsal;

import io.github.pgbackup.rehearsal.RehearsalReport.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The statements of all connections, in the order in which they ended. Those that follow one another and differ in nothing but
 * their constants are one entry, so that a million of INSERTs takes no memory.
 */
public final class StatementLog {

    /** More entries than anybody reads; what comes later is only counted. */
    private static final int MOST = 10_000;

    /** What their commands say of themselves when they write nothing, so that their end holds no lock up. */
    private static final Set<String> READING =
            Set.of("SELECT", "SHOW", "SET", "FETCH", "BEGIN", "START TRANSACTION", "ROLLBACK");

    private final long began;
    private final Supplier<Duration> hold;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<Integer, Entry> lastOfConnection = new HashMap<>();
    private int connections;
    private long uncounted;
    private long first = Long.MAX_VALUE;
    private long last;

    /** Statements of one connection that are the same but for their constants. */
    private static final class Entry {
        private final int connection;
        private final long startedAt;
        private final String sql;
        private final @Nullable String error;
        private String command = "";
        private long calls;
        private long total;
        private long longest;
        private long rows;

        Entry(int connection, long startedAt, String sql, @Nullable String error) {
            this.connection = connection;
            this.startedAt = startedAt;
            this.sql = sql;
            this.error = error;
        }
    }

    /**
     * Makes an empty one.
     *
     * @param began when the rehearsal did, by {@link System#nanoTime}
     * @param hold how long a commit is held up, which is taken off the time of a statement that commits
     */
    StatementLog(long began, Supplier<Duration> hold) {
        this.began = began;
        this.hold = hold;
    }

    /** For one connection more; it has been authenticated, or is about to be. */
    public synchronized StatementTap open() {
        return new StatementTap(this, ++connections);
    }

    /**
     * Notes a statement that has ended.
     *
     * @param command the tag of its completion without figures: {@code INSERT}; empty when it failed
     * @param error SQLSTATE and message; null: none
     * @param commits whether a transaction ended with it
     */
    synchronized void add(
            int connection,
            String sql,
            long from,
            long to,
            String command,
            long rows,
            @Nullable String error,
            boolean commits) {
        first = Math.min(first, from);
        last = Math.max(last, to);
        long took = to - from;
        if (commits && error == null && !READING.contains(command)) {
            took = Math.max(0, took - hold.get().toNanos());
        }
        String text = SqlText.withoutConstants(sql);
        Entry entry = lastOfConnection.get(connection);
        if (entry == null || !entry.sql.equals(text) || error != null || entry.error != null) {
            if (entries.size() == MOST) {
                uncounted++;
                return;
            }
            entry = new Entry(connection, from - began, text, error);
            entries.add(entry);
            lastOfConnection.put(connection, entry);
        }
        entry.command = command;
        entry.calls++;
        entry.total += took;
        entry.longest = Math.max(entry.longest, took);
        entry.rows += rows;
    }

    /** All, in their order. */
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
                        entry.error,
                        null))
                .toList();
    }

    /** How many are in no entry, since there are too many. */
    synchronized long uncounted() {
        return uncounted;
    }

    /** From the first statement's beginning to the last one's end; zero when there was none. */
    synchronized Duration span() {
        return Duration.ofNanos(Math.max(0, last - Math.min(first, last)));
    }
}
