package io.github.pgbackup.report;

import io.github.pgbackup.evidence.Audit;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.history.PastRun;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A finished run as the history records it: counts and sizes, without any value of a row. */
public final class RunRecord {

    private RunRecord() {}

    /**
     * The record of a run.
     *
     * @param server as the configuration names it; empty for an existing archive
     * @param keyId of the key that signed the evidence; null if it is not signed
     */
    public static PastRun of(VerificationReport report, String server, @Nullable String keyId) {
        VerificationReport.Source source = report.source();
        VerificationReport.Snapshot snapshot = report.snapshot();
        VerificationReport.Archive archive = report.archive();
        VerificationReport.Restore restore = report.restore();
        VerificationReport.Compared comparison = report.comparison();
        Audit audit = report.audit();
        VerificationReport.Given given = archive == null ? null : archive.given();
        return new PastRun(
                report.startedAt(),
                given != null ? given.database() : source == null ? null : source.database(),
                server,
                report.verdict().toString(),
                report.failedChecks().size(),
                report.failsForTheGapAlone(),
                given != null ? given.takenAt() : snapshot == null ? null : snapshot.takenAt(),
                audit == null ? null : audit.backupAge(),
                archive == null ? null : archive.bytes(),
                archive == null ? null : archive.sha256(),
                restore == null ? null : restore.duration(),
                comparison == null ? null : comparison.comparison(),
                keyId,
                comparison == null ? new TreeMap<>() : rows(comparison));
    }

    private static SortedMap<String, Long> rows(VerificationReport.Compared comparison) {
        SortedMap<String, Long> rows = new TreeMap<>();
        for (VerificationReport.TableRows table : comparison.tableRows()) {
            if (table.restored() != null) {
                rows.put(table.table(), table.restored());
            }
        }
        return rows;
    }
}
