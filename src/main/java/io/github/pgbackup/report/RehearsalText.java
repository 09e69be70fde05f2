package io.github.pgbackup.report;

import io.github.pgbackup.rehearsal.LockMode;
import io.github.pgbackup.rehearsal.RehearsalReport;
import io.github.pgbackup.rehearsal.RehearsalReport.Constraint;
import io.github.pgbackup.rehearsal.RehearsalReport.Index;
import io.github.pgbackup.rehearsal.RehearsalReport.Lock;
import io.github.pgbackup.rehearsal.RehearsalReport.Migration;
import io.github.pgbackup.rehearsal.RehearsalReport.Observation;
import io.github.pgbackup.rehearsal.RehearsalReport.Rows;
import io.github.pgbackup.rehearsal.RehearsalReport.Statement;
import io.github.pgbackup.rehearsal.RehearsalReport.Storage;
import io.github.pgbackup.rehearsal.RehearsalReport.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The text about a rehearsal, the same in every rendering for people. */
final class RehearsalText {

    /** Number of slowest statements to list. */
    static final int SLOWEST = 5;

    /** Kinds of constraints that PostgreSQL checks by a scan of the table; the others have an index. */
    private static final Set<String> SCANNED = Set.of("CHECK", "FOREIGN KEY", "NOT NULL");

    private RehearsalText() {}

    /** The whole rehearsal: {@code 2 migrations, 14 statements, 1.2 s}. */
    static String headline(RehearsalReport report) {
        return Wording.plural(report.migrations().size(), "migration") + " recorded, "
                + Wording.plural(
                        report.statements().stream().mapToLong(Statement::calls).sum() + report.uncountedStatements(),
                        "statement")
                + ", " + Wording.duration(report.duration());
    }

    static String migration(Migration migration) {
        String id = migration.id().isEmpty() ? "" : migration.id() + " ";
        Duration took = migration.duration();
        return migration.tool() + ": " + id
                + (migration.description().isEmpty() ? "" : migration.description() + " ") + "("
                + migration.script() + (took == null ? "" : ", " + Wording.duration(took)) + ")"
                + (migration.success() ? "" : ", failed");
    }

    /** The strongest lock and its effect: {@code ACCESS EXCLUSIVE for 290 ms, blocks reads and writes}. */
    static String lock(Table table, Observation observation) {
        return table.locks().isEmpty()
                ? "no lock seen"
                : lock(table.locks().get(0), observation)
                        + (table.existedBefore() ? "" : "; no other session could see it yet");
    }

    static String lock(Lock lock, Observation observation) {
        return lock.mode() + " for " + held(lock.longest(), observation) + ", " + lock.blocks()
                + (lock.on() == null ? "" : " (on its index " + lock.on() + ")");
    }

    /** A time below the sampling interval cannot be measured. */
    static String held(Duration held, Observation observation) {
        return held.compareTo(observation.interval()) < 0
                ? "less than " + observation.interval().toMillis() + " ms"
                : Wording.duration(held);
    }

    /** {@code rewritten, 54.2 kB to 60.1 kB}. */
    static String storage(Table table) {
        Long before = table.bytesBefore();
        Long after = table.bytesAfter();
        String size = "";
        if (before != null && after != null && before + after > 0) {
            size = before.equals(after)
                    ? ", " + Wording.size(before)
                    : ", " + Wording.size(before) + " to " + Wording.size(after);
        } else if (before == null && after != null && after > 0) {
            size = ", " + Wording.size(after);
        }
        return table.storage() + size;
    }

    /** {@code 1,000 to 1,001 rows, 5 written}; empty if the relation has no rows. */
    static String rows(Table table) {
        Rows rows = table.rows();
        if (rows.before() == null && rows.after() == null) {
            return "";
        }
        String number = rows.before() == null || rows.before().equals(rows.after())
                ? Wording.plural(rows.after() == null ? 0 : rows.after(), "row")
                : Wording.number(rows.before()) + " to "
                        + Wording.plural(rows.after() == null ? 0 : rows.after(), "row");
        Long written = rows.written();
        return number + (written == null || written == 0 ? "" : ", " + Wording.number(written) + " written");
    }

    /** Sentences about what deserves a second look; the most serious first. */
    static List<String> findings(RehearsalReport report) {
        Observation observation = report.observation();
        List<String> findings = new ArrayList<>();
        for (Table table : report.tables()) {
            if (table.existedBefore() && (table.storage() == Storage.REWRITTEN || table.storage() == Storage.MOVED)) {
                findings.add("The " + table.kind() + " " + table.name() + " was " + table.storage() + ": "
                        + lock(table, observation) + ".");
            }
            if (table.existedBefore() && table.storage() == Storage.EMPTIED) {
                findings.add("The " + table.kind() + " " + table.name() + " was emptied: " + rows(table) + ".");
            }
            table.waits()
                    .forEach(wait -> findings.add("A session waited " + held(wait.longest(), observation) + " for "
                            + wait.mode() + " on " + table.name() + ", which another session had locked."));
        }
        for (Index index : report.indexes()) {
            Lock lock = index.lock();
            if (lock != null && index.blockedWrites()) {
                findings.add("The index " + index.name() + " was " + (index.rebuilt() ? "rebuilt" : "built")
                        + " without CONCURRENTLY, with this lock on " + index.table() + ": "
                        + lock(lock, observation) + ".");
            }
            if (!index.valid()) {
                findings.add("The index " + index.name() + " on " + index.table()
                        + " is not valid: every write maintains it, and no query uses it.");
            }
        }
        for (Constraint constraint : report.constraints()) {
            Lock lock = constraint.lock();
            String name = constraint.kind() + " constraint " + constraint.name() + " on " + constraint.table();
            if (lock != null && constraint.checkedWhileBlocking() && SCANNED.contains(constraint.kind())) {
                findings.add("The " + name + " was " + (constraint.added() ? "added without NOT VALID" : "validated")
                        + " in a transaction with this lock: " + lock(lock, observation) + ".");
            }
            if (!constraint.validated()) {
                findings.add("The " + name + " is NOT VALID: existing rows were not checked.");
            }
        }
        report.statements().stream()
                .filter(statement -> statement.error() != null)
                .forEach(statement -> findings.add("A statement failed: " + statement.error()
                        + (statement.missingRight() == null ? "" : "; missing: " + statement.missingRight()) + ": "
                        + statement.sql()));
        return findings;
    }

    /** Says what was measured and what the report can miss. */
    static List<String> caveats(RehearsalReport report) {
        Observation observation = report.observation();
        List<String> caveats = new ArrayList<>();
        caveats.add(
                "Lock modes, rewrites and order are facts about the migration; times are those of this machine without traffic, accurate to "
                        + observation.interval().toMillis() + " ms.");
        String failure = observation.failure();
        if (failure != null) {
            caveats.add(failure);
        }
        caveats.add("The locks were sampled " + Wording.number(observation.samples()) + " times, every "
                + observation.interval().toMillis() + " ms; the longest gap was "
                + Wording.duration(observation.longestGap()) + ". "
                + (observation.unseen() == 0
                        ? "Every transaction that wrote and committed was seen with its locks"
                        : Wording.plural(observation.unseen(), "transaction")
                                + " that wrote and committed were not seen, or were savepoints of one that was seen")
                + ": the server delayed " + Wording.plural(observation.commits(), "commit") + " by "
                + Wording.duration(observation.heldUp()) + " in all, which the times here do not include.");
        caveats.add(
                "The report can miss locks of transactions that wrote nothing or were rolled back, if held for less than "
                        + observation.interval().toMillis()
                        + " ms. It leaves out ACCESS SHARE, which every read takes.");
        return caveats;
    }

    /** Statements that did something, without those with which tools only inspect the database. */
    static List<Statement> changing(RehearsalReport report) {
        Set<String> reading =
                Set.of("SELECT", "SHOW", "SET", "FETCH", "BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK", "RESET");
        return report.statements().stream()
                .filter(statement -> !reading.contains(statement.command()) || statement.error() != null)
                .toList();
    }

    /** {@code 12 ms, 5 rows: insert into …}. */
    static String statement(Statement statement) {
        return Wording.duration(statement.total())
                + (statement.calls() == 1 ? "" : " in " + Wording.plural(statement.calls(), "call"))
                + (statement.rows() == 0 ? "" : ", " + Wording.plural(statement.rows(), "row"))
                + (statement.migration() == null ? "" : ", " + statement.migration())
                + (statement.error() == null ? "" : ", failed: " + statement.error()) + ": " + statement.sql();
    }

    /** The table's other locks, without the strongest one. */
    static @Nullable String otherLocks(Table table, Observation observation) {
        return table.locks().size() < 2
                ? null
                : table.locks().stream()
                        .skip(1)
                        .map(lock -> lock.mode() + " (" + held(lock.longest(), observation) + ")")
                        .collect(Collectors.joining(", "));
    }

    /** Whether the table was locked long enough to block other sessions, or changed. */
    static boolean matters(Table table) {
        return table.storage() != Storage.KEPT
                || table.rows().changed()
                || table.strongest() != null && table.strongest().compareTo(LockMode.ROW_EXCLUSIVE) > 0;
    }
}
