package io.github.pgbackup.rehearsal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the samples of pg_locks have shown, by transaction. Times are in nanoseconds since the rehearsal began. */
final class LockLog {

    /**
     * One row of pg_locks.
     *
     * @param transaction virtual transaction that holds the lock or waits for it
     * @param relation OID; 0 for a transaction's lock on its own ID
     * @param xid that ID; 0 for a lock on a relation
     */
    record Seen(String transaction, long relation, LockMode mode, boolean granted, long xid) {}

    /** A relation and a lock mode. */
    record Target(long relation, LockMode mode) {}

    /** The time from the first sample that shows a lock to the last one. */
    record Span(long first, long last) {
        Span until(long now) {
            return new Span(first, now);
        }

        Span and(Span other) {
            return new Span(Math.min(first, other.first), Math.max(last, other.last));
        }

        Duration length() {
            return Duration.ofNanos(last - first);
        }
    }

    /** The locks that one transaction held and those for which it waited. */
    static final class Transaction {
        private final Map<Target, Span> held = new LinkedHashMap<>();
        private final Map<Target, Span> awaited = new LinkedHashMap<>();
        private final Set<Long> xids = new HashSet<>();
        private Duration heldUp = Duration.ZERO;

        Map<Target, Span> held() {
            return held;
        }

        Map<Target, Span> awaited() {
            return awaited;
        }

        /** How long the server delayed its commit; zero if it wrote nothing. */
        Duration heldUp() {
            return heldUp;
        }

        boolean has(long xid) {
            return xids.contains(xid);
        }
    }

    private final Map<String, Transaction> transactions = new LinkedHashMap<>();
    private final Set<Long> xids = new HashSet<>();
    private long commits;
    private Duration heldUp = Duration.ZERO;
    private long samples;
    private long last;
    private long longestGap;
    private boolean rested;
    private List<Seen> shown = List.of();
    private boolean repeated;

    /**
     * Adds a sample.
     *
     * @param rows the same list object as before if the sample shows nothing new: most samples show nothing new, and
     *     cost nothing here
     * @param hold how long the server delays commits
     */
    synchronized void add(long at, List<Seen> rows, Duration hold) {
        if (samples > 0 && !rested) {
            longestGap = Math.max(longestGap, at - last);
        }
        rested = false;
        samples++;
        if (rows == shown) {
            repeated = true;
        } else {
            noteRepeated();
            shown = rows;
            note(at, rows, hold);
        }
        last = at;
    }

    /** Extends the spans of the last rows to the last sample that showed the same rows. */
    private void noteRepeated() {
        if (repeated) {
            note(last, shown, Duration.ZERO);
            repeated = false;
        }
    }

    private void note(long at, List<Seen> rows, Duration hold) {
        for (Seen row : rows) {
            if (row.relation() != 0) {
                Transaction transaction = transactions.computeIfAbsent(row.transaction(), name -> new Transaction());
                (row.granted() ? transaction.held : transaction.awaited)
                        .merge(
                                new Target(row.relation(), row.mode()),
                                new Span(at, at),
                                (before, now) -> before.until(at));
            }
        }
        for (Seen row : rows) {
            if (row.xid() == 0) {
                continue;
            }
            xids.add(row.xid());
            Transaction transaction = transactions.computeIfAbsent(row.transaction(), name -> new Transaction());
            if (transaction.xids.isEmpty() && !hold.isZero()) {
                transaction.heldUp = hold;
                heldUp = heldUp.plus(hold);
                commits++;
            }
            transaction.xids.add(row.xid());
        }
    }

    /** Notes that no sample was taken, because there was nothing to see. */
    synchronized void rest() {
        noteRepeated();
        shown = List.of();
        rested = true;
    }

    /** IDs of all transactions that were seen. */
    synchronized Set<Long> xids() {
        return new HashSet<>(xids);
    }

    /** Number of transactions that wrote while the server delayed commits. */
    synchronized long commits() {
        return commits;
    }

    /** The total delay of their commits. */
    synchronized Duration heldUp() {
        return heldUp;
    }

    /** All transactions, in the order in which they were first seen. */
    synchronized Collection<Transaction> transactions() {
        noteRepeated();
        return new ArrayList<>(transactions.values());
    }

    synchronized long samples() {
        return samples;
    }

    synchronized Duration longestGap() {
        return Duration.ofNanos(longestGap);
    }
}
