package io.github.pgbackup.history;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A run as recorded in the history. Values that the run did not reach are null.
 *
 * @param startedAt when it began
 * @param database the database that was backed up; null when it was not reached
 * @param server the server, as in the configuration
 * @param verdict {@code PASS}, {@code FAIL} or {@code NOT_VERIFIED}
 * @param failedChecks number of failed checks
 * @param gapAlone whether the only failed check is the time since the last PASS: such a run found nothing wrong
 *     with the backup
 * @param takenAt the instant of the backup's state
 * @param backupAge the age of that state when its restore began
 * @param bytes size of the archive
 * @param sha256 hash of the archive
 * @param restoreTime how long the restore took
 * @param comparison how much was compared
 * @param keyId the key that signed the evidence; null when it was not signed
 * @param rows number of rows of each table in the restored database
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

    /** Whether the run found the backup good, so that later runs are compared with it. */
    public boolean vouches() {
        return passed() || gapAlone;
    }

    /** Whether the run is about this database on this server. */
    public boolean isOf(@Nullable String otherDatabase, String otherServer) {
        return database != null && database.equals(otherDatabase) && server.equals(otherServer);
    }

    /** The same run without rows, which would need too much memory for many runs. */
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
