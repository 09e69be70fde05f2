package io.github.pgbackup.rehearsal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the looks at pg_locks have shown, transaction by transaction. Times are nanoseconds since the rehearsal began. */
final class LockLog {

    /**
     * One row of pg_locks.
     *
     * @param transaction the virtual transaction that holds it or waits for it
     * @param relation OID; 0 for the lock that a transaction has on its own id
     * @param xid that id; 0 for a lock on a relation
     */
    record Seen(String transaction, long relation, LockMode mode, boolean granted, long xid) {}

    /** A relation in a mode. */
    record Target(long relation, LockMode mode) {}

    /** From the first look that saw it to the last one. */
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

    /** What one transaction held, and what it waited for. */
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

        /** How long its commit was held up; zero when it wrote nothing. */
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
     * Notes what one look has shown.
     *
     * @param rows the same list as before, where nothing else was seen: most looks show nothing new, and cost nothing here
     * @param hold how long commits are held up
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

    /** What was shown was still there at the last look that showed it. */
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

    /** Notes that nobody looked, since there was nothing to see. */
    synchronized void rest() {
        noteRepeated();
        shown = List.of();
        rested = true;
    }

    /** The ids of all transactions that were seen. */
    synchronized Set<Long> xids() {
        return new HashSet<>(xids);
    }

    /** How many transactions wrote while commits were held up. */
    synchronized long commits() {
        return commits;
    }

    /** How long all their commits were held up. */
    synchronized Duration heldUp() {
        return heldUp;
    }

    /** In the order in which they were first seen. */
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
