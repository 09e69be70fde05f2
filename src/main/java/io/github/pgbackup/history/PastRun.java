package io.github.pgbackup.history;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A run as the history keeps it. What the run did not reach is null.
 *
 * @param startedAt when it began
 * @param database that was backed up; null when it was not reached
 * @param server as the configuration calls it
 * @param verdict {@code PASS}, {@code FAIL} or {@code NOT_VERIFIED}
 * @param failedChecks how many
 * @param gapAlone whether the only failed check is that of the time since the last PASS: such a run found nothing wrong
 *     with the backup
 * @param takenAt of what instant the backup is
 * @param backupAge how old that state was when its restore began
 * @param bytes of the archive
 * @param sha256 of the archive
 * @param restoreTime how long the restore took
 * @param comparison how much was compared
 * @param keyId of the key that signed the evidence; null when nobody did
 * @param rows of each table in the restored database
 */
public record PastRun(
        Instant startedAt,
        @Nullable String database,
        String server,
        String verdict,
        int failedChecks,
        boolean gapAlone,
        @Nullable Instant takenAt,
        @Nullable Duration backupAge,
        @Nullable Long bytes,
        @Nullable String sha256,
        @Nullable Duration restoreTime,
        @Nullable String comparison,
        @Nullable String keyId,
        SortedMap<String, Long> rows) {

    private static final String PASS = "PASS";

    public PastRun {
        rows = Collections.unmodifiableSortedMap(new TreeMap<>(rows));
    }

    public boolean passed() {
        return verdict.equals(PASS);
    }

    /** Whether it found the backup good: later runs are compared with it. */
    public boolean vouches() {
        return passed() || gapAlone;
    }

    /** Whether it is of this database on this server. */
    public boolean isOf(@Nullable String otherDatabase, String otherServer) {
        return database != null && database.equals(otherDatabase) && server.equals(otherServer);
    }

    /** The same without the rows, of which a history of many runs would hold too many. */
    public PastRun withoutRows() {
        return new PastRun(
                startedAt,
                database,
                server,
                verdict,
                failedChecks,
                gapAlone,
                takenAt,
                backupAge,
                bytes,
                sha256,
                restoreTime,
                comparison,
                keyId,
                new TreeMap<>());
    }
}
