package io.github.pgbackup.rehearsal;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happened to the restored database between two moments, as it was measured. Modes, rewrites and order are facts of the
 * migration; times are those of this machine without any traffic.
 *
 * @param migrations those that the history tables of Flyway and Liquibase have gained, in their order
 * @param statements in the order in which they ended; empty when none came by the relay
 * @param uncountedStatements how many are in no entry of statements, since there are too many
 * @param tables that were locked, rewritten, created, dropped or written to; those that block most first
 * @param indexes that were made or built anew
 * @param constraints that were added or validated
 * @param schemaDiff the description of the objects before and after, a unified diff; empty when nothing differs
 * @param duration from the first statement's beginning to the last one's end
 */
public record RehearsalReport(
        List<Migration> migrations,
        List<Statement> statements,
        long uncountedStatements,
        List<Table> tables,
        List<Index> indexes,
        List<Constraint> constraints,
        List<String> schemaDiff,
        Duration duration,
        Observation observation) {

    public RehearsalReport {
        migrations = List.copyOf(migrations);
        statements = List.copyOf(statements);
        tables = List.copyOf(tables);
        indexes = List.copyOf(indexes);
        constraints = List.copyOf(constraints);
        schemaDiff = List.copyOf(schemaDiff);
    }

    /** Whether nothing changed: no migration was recorded, no definition or row changed, no table was rewritten. */
    public boolean nothingMigrated() {
        return migrations.isEmpty()
                && schemaDiff.isEmpty()
                && tables.stream().noneMatch(table -> table.rows().changed() || table.storage() != Storage.KEPT)
                && indexes.isEmpty();
    }

    /** The locks that keep others from writing, or from reading too, on tables that were there before; the longest first. */
    public List<BlockedTable> blockedTables() {
        return tables.stream()
                .filter(Table::existedBefore)
                .flatMap(table -> table.locks().stream()
                        .filter(lock -> lock.mode().blocksWrites())
                        .map(lock -> new BlockedTable(table.name(), lock)))
                .sorted(Comparator.comparing(
                                (BlockedTable blocked) -> blocked.lock().longest())
                        .reversed())
                .toList();
    }

    /** The statements that took longest, those of less than a millisecond left out. */
    public List<Statement> slowest(int most) {
        return statements.stream()
                .filter(statement -> statement.longest().toMillis() > 0)
                .sorted(Comparator.comparing(Statement::longest).reversed())
                .limit(most)
                .toList();
    }

    /** A table in a mode that blocks. */
    public record BlockedTable(String table, Lock lock) {}

    /**
     * A migration, as its tool has recorded it.
     *
     * @param tool {@code flyway} or {@code liquibase}
     * @param id version, or author and id; empty for a repeatable one
     * @param script file that it is in
     * @param duration by the tool's own clock, in whole milliseconds; null when it does not record it
     * @param success whether the tool says that it succeeded
     */
    public record Migration(
            String tool,
            String id,
            String description,
            String script,
            @Nullable Duration duration,
            boolean success) {}

    /**
     * Statements that followed one another and differ in nothing but their constants.
     *
     * @param sql with ? in place of each constant
     * @param command what the server calls it: {@code ALTER TABLE}; empty when it failed
     * @param connection a number for each connection, from 1
     * @param startedAfter the first one, since the rehearsal began
     * @param calls how many there were
     * @param longest the time of the slowest one
     * @param rows written or returned by all of them
     * @param error the server's message, without values of rows; null when there was none
     * @param missingRight a statement that gives the right that it failed for, or why that is not known; null when it did not fail
     *     for one
     * @param migration the script or id of the migration that it belongs to; null when that is not known
     */
    public record Statement(
            String sql,
            String command,
            int connection,
            Duration startedAfter,
            long calls,
            Duration total,
            Duration longest,
            long rows,
            @Nullable String error,
            @Nullable String missingRight,
            @Nullable String migration) {

        Statement of(@Nullable String script) {
            return new Statement(
                    sql, command, connection, startedAfter, calls, total, longest, rows, error, missingRight, script);
        }
    }

    /** What became of the file in which a relation is stored. */
    public enum Storage {
        /** It is the same file. */
        KEPT("kept"),
        /** Every row was written to a new file. */
        REWRITTEN("rewritten"),
        /** The same, in another tablespace. */
        MOVED("moved to another tablespace"),
        /** A new file with no row in it, where there were some, as after TRUNCATE. */
        EMPTIED("emptied"),
        CREATED("created"),
        DROPPED("dropped");

        private final String words;

        Storage(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /**
     * A table, or what else can be locked like one.
     *
     * @param kind {@code table}, {@code partitioned table}, {@code view} …
     * @param strongest of its locks; null when none was seen
     * @param locks one for each mode that was seen, the strongest first; ACCESS SHARE is left out
     * @param waits for locks that others held
     * @param bytesBefore of the table and its TOAST table, without indexes; null when it was not there
     * @param indexBytesBefore of its indexes
     */
    public record Table(
            String name,
            String kind,
            @Nullable LockMode strongest,
            List<Lock> locks,
            List<Wait> waits,
            Storage storage,
            @Nullable Long bytesBefore,
            @Nullable Long bytesAfter,
            @Nullable Long indexBytesBefore,
            @Nullable Long indexBytesAfter,
            Rows rows) {

        public Table {
            locks = List.copyOf(locks);
            waits = List.copyOf(waits);
        }

        public boolean existedBefore() {
            return bytesBefore != null;
        }

        Optional<Lock> strongestLock() {
            return locks.stream().findFirst();
        }
    }

    /**
     * The rows of a table.
     *
     * @param before null when the table was not there, or is none
     * @param written how many of those that are there now were inserted or updated; null if the table was
     *     rewritten, as every row is new then
     */
    public record Rows(
            @Nullable Long before,
            @Nullable Long after,
            @Nullable Long written) {

        static final Rows NONE = new Rows(null, null, null);

        public boolean changed() {
            return written != null && written > 0
                    || before != null && !before.equals(after)
                    || before == null && after != null;
        }
    }

    /**
     * A lock on a table, or on an index or TOAST table of it, that was there before.
     *
     * @param longest how long one transaction held it at the longest, give or take one interval
     * @param total of all transactions
     * @param transactions how many held it
     * @param firstSeen since the rehearsal began
     * @param on the index that was locked; null for the table itself
     */
    public record Lock(
            LockMode mode,
            LockMode.Blocks blocks,
            Duration longest,
            Duration total,
            int transactions,
            Duration firstSeen,
            @Nullable String on) {}

    /** A wait for a lock. */
    public record Wait(LockMode mode, Duration longest) {}

    /**
     * An index that is new, or was built anew.
     *
     * @param valid false after CREATE INDEX CONCURRENTLY that failed
     * @param lock that the transaction which made it had on the table; null when it was not seen, or the table is new
     */
    public record Index(
            String name,
            String table,
            boolean rebuilt,
            boolean valid,
            @Nullable Lock lock) {

        /** Whether nobody could write to the table while the index was built: it was built without CONCURRENTLY. */
        public boolean blockedWrites() {
            return lock != null && lock.mode().blocksWrites();
        }
    }

    /**
     * A constraint that is new, or was validated.
     *
     * @param kind as in {@code FOREIGN KEY}
     * @param added whether it is new
     * @param validated whether all rows were found to satisfy it; false after NOT VALID
     * @param lock the strongest that the transaction which added or validated it had on the table; null when it was not seen, or
     *     the table is new
     */
    public record Constraint(
            String name,
            String table,
            String kind,
            boolean added,
            boolean validated,
            @Nullable Lock lock) {

        /** Whether nobody could write to the table while its rows were checked. */
        public boolean checkedWhileBlocking() {
            return validated && lock != null && lock.mode().blocksWrites();
        }
    }

    /**
     * How the locks were observed.
     *
     * @param interval between two looks
     * @param samples how many there were
     * @param longestGap the longest time without one
     * @param commits how many the server held up, so that their locks were seen
     * @param heldUp how long it did in all, which is taken off the times in this report
     * @param unseen how many transactions wrote and committed that no look has seen: when it is 0, none was missed. Savepoints
     *     and blocks with EXCEPTION have an id of their own and count too
     * @param failure why the locks were not observed to the end; null when they were
     */
    public record Observation(
            Duration interval,
            long samples,
            Duration longestGap,
            long commits,
            Duration heldUp,
            long unseen,
            @Nullable String failure) {

        /** Whether every lock of every transaction that wrote and committed was seen. */
        public boolean complete() {
            return failure == null && unseen == 0;
        }
    }
}
