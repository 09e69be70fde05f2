package io.github.pgbackup.rehearsal;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happened to the restored database between two moments. Lock modes, rewrites and their order are facts about the
 * migration; times are those of this machine without other traffic.
 *
 * @param migrations those that were added to the history tables of Flyway and Liquibase, in order
 * @param statements the statements in the order in which they ended; empty if none came through the relay
 * @param uncountedStatements number of statements without an entry, because there were too many
 * @param tables the tables that were locked, rewritten, created, dropped or written to; those with the locks that block
 *     most come first
 * @param indexes the indexes that were created or rebuilt
 * @param constraints the constraints that were added or validated
 * @param schemaDiff a unified diff of the descriptions of the objects before and after; empty if they are equal
 * @param duration from the beginning of the first statement to the end of the last one
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

    /** The locks on existing tables that keep other sessions from writing, or also from reading; the longest first. */
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

    /** The statements that took longest, without those of less than a millisecond. */
    public List<Statement> slowest(int most) {
        return statements.stream()
                .filter(statement -> statement.longest().toMillis() > 0)
                .sorted(Comparator.comparing(Statement::longest).reversed())
                .limit(most)
                .toList();
    }

    /** A table and a lock on it that blocks writes. */
    public record BlockedTable(String table, Lock lock) {}

    /**
     * A migration, as its tool recorded it.
     *
     * @param tool {@code flyway} or {@code liquibase}
     * @param id version, or author and ID; empty for a repeatable migration
     * @param script file that contains it
     * @param duration by the tool's own clock, in whole milliseconds; null if the tool does not record it
     * @param success whether the tool recorded that it succeeded
     */
    public record Migration(
            String tool,
            String id,
            String description,
            String script,
            @Nullable Duration duration,
            boolean success) {}

    /**
     * Consecutive statements that differ only in their constants.
     *
     * @param sql the statement, with ? in place of each constant
     * @param command the server's name for it: {@code ALTER TABLE}; empty if it failed
     * @param connection a number for each connection, from 1
     * @param startedAfter when the first one started, counted from the beginning of the rehearsal
     * @param calls number of statements
     * @param longest duration of the slowest one
     * @param rows number of rows that all of them wrote or returned
     * @param error the server's message, without values of rows; null if there was none
     * @param missingRight a statement that grants the right that was missing, or why that right is not known; null if
     *     no right was missing
     * @param migration script or ID of the migration to which it belongs; null if that is not known
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

    /** What happened to the file in which a relation is stored. */
    public enum Storage {
        /** The file is the same. */
        KEPT("kept"),
        /** Every row was written to a new file. */
        REWRITTEN("rewritten"),
        /** Every row was written to a new file in another tablespace. */
        MOVED("moved to another tablespace"),
        /** A new file without rows replaced one with rows, as after TRUNCATE. */
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
     * A table, or another relation that can be locked like a table.
     *
     * @param kind {@code table}, {@code partitioned table}, {@code view} …
     * @param strongest the strongest lock; null if none was seen
     * @param locks one for each mode that was seen, the strongest first, without ACCESS SHARE
     * @param waits the waits for locks that other sessions held
     * @param bytesBefore size of the table and its TOAST table, without indexes; null if the table did not exist
     * @param indexBytesBefore size of its indexes
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
     * @param before null if the table did not exist, or is not a table
     * @param written how many of the rows that exist now were inserted or updated; null if the table was rewritten,
     *     because then every row is new
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
     * A lock on an existing table, or on one of its indexes or its TOAST table.
     *
     * @param longest the longest time for which one transaction held it, accurate to one interval
     * @param total the time for which all transactions held it
     * @param transactions number of transactions that held it
     * @param firstSeen counted from the beginning of the rehearsal
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
     * An index that is new, or was rebuilt.
     *
     * @param valid false after CREATE INDEX CONCURRENTLY failed
     * @param lock that the transaction that built the index held on the table; null if it was not seen, or the table is
     *     new
     */
    public record Index(
            String name,
            String table,
            boolean rebuilt,
            boolean valid,
            @Nullable Lock lock) {

        /**
         * Whether the index was built without CONCURRENTLY, so that no other session could write to the table
         * meanwhile.
         */
        public boolean blockedWrites() {
            return lock != null && lock.mode().blocksWrites();
        }
    }

    /**
     * A constraint that is new, or was validated.
     *
     * @param kind for example {@code FOREIGN KEY}
     * @param added whether it is new
     * @param validated whether all rows were checked; false after NOT VALID
     * @param lock the strongest lock on the table that the transaction that added or validated the constraint held;
     *     null if none was seen, or the table is new
     */
    public record Constraint(
            String name,
            String table,
            String kind,
            boolean added,
            boolean validated,
            @Nullable Lock lock) {

        /** Whether no other session could write to the table while its rows were checked. */
        public boolean checkedWhileBlocking() {
            return validated && lock != null && lock.mode().blocksWrites();
        }
    }

    /**
     * How the locks were observed.
     *
     * @param interval between two samples
     * @param samples number of samples
     * @param longestGap the longest time without a sample
     * @param commits number of commits that the server delayed so that their locks were seen
     * @param heldUp total delay, which the times in this report do not include
     * @param unseen number of transactions that wrote and committed and that no sample has seen; 0 means that none was
     *     missed. Savepoints and blocks with EXCEPTION have IDs of their own and count too
     * @param failure why sampling ended early; null if it did not
     */
    public record Observation(
            Duration interval,
            long samples,
            Duration longestGap,
            long commits,
            Duration heldUp,
            long unseen,
            @Nullable String failure) {

        /** Whether all locks of every transaction that wrote and committed were seen. */
        public boolean complete() {
            return failure == null && unseen == 0;
        }
    }
}
