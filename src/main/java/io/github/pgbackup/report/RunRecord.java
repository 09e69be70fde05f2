package io.github.pgbackup.report;

import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.evidence.VerificationReport.Archive;
import io.github.pgbackup.evidence.VerificationReport.Compared;
import io.github.pgbackup.evidence.VerificationReport.Given;
import io.github.pgbackup.evidence.VerificationReport.Restore;
import io.github.pgbackup.evidence.VerificationReport.Snapshot;
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
        VerificationReport.Acquired acquired = report.acquired();
        SortedMap<String, Long> rows = new TreeMap<>();
        report.checked()
                .tableRows()
                .forEach(table -> table.restored().ifPresent(restored -> rows.put(table.table(), restored)));
        return new PastRun(
                report.outcome().startedAt(),
                acquired.database().orElse(null),
                server,
                report.verdict().toString(),
                report.failedChecks().size(),
                report.failsForTheGapAlone(),
                acquired.given()
                        .map(Given::takenAt)
                        .or(() -> acquired.snapshot().map(Snapshot::takenAt))
                        .orElse(null),
                report.context().flatMap(context -> context.audit().backupAge()).orElse(null),
                acquired.archive().map(Archive::bytes).orElse(null),
                acquired.archive().map(Archive::sha256).orElse(null),
                report.restored().restore().map(Restore::duration).orElse(null),
                report.checked().comparison().map(Compared::comparison).orElse(null),
                keyId,
                rows);
    }
}
