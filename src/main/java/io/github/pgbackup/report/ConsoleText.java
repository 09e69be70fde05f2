package io.github.pgbackup.report;

import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import java.nio.file.Path;
import java.util.List;

/** The console's text about a finished run. */
public final class ConsoleText {

    private ConsoleText() {}

    /** The text after the verdict: for a PASS what it is based on, for a FAIL how many checks failed. */
    public static String afterVerdict(VerificationReport report) {
        return switch (report.verdict()) {
            case PASS ->
                ": "
                        + (Wording.hasNoBaseline(report)
                                ? Wording.checks(report) + "; nothing to compare with"
                                : Wording.basis(report) + Wording.bracketed(report));
            case FAIL ->
                ", " + Wording.number(report.failedChecks().size()) + " of "
                        + Wording.plural(report.checks().size(), "check") + " failed";
            case NOT_VERIFIED -> "";
        };
    }

    /** A second line for a PASS that had nothing to compare with; empty otherwise. */
    public static String below(VerificationReport report) {
        return report.verdict() == Verdict.PASS && Wording.hasNoBaseline(report)
                ? "  baseline none, restored as archived: " + Wording.compared(report)
                : "";
    }

    /** Says where the report is. */
    public static String whereTheReportIs(Path folder) {
        return "Report: " + EvidenceFile.PAGE.in(folder) + " (as text: " + EvidenceFile.SUMMARY + ")";
    }

    /** A sentence for each statement of a migration that lacked a right. */
    public static List<String> missingRights(VerificationReport report) {
        return report.used().rehearsal().stream()
                .flatMap(rehearsal -> rehearsal.statements().stream())
                .filter(statement -> statement.missingRight() != null)
                .map(statement -> "A migration lacked a right: " + statement.error() + ". Missing: "
                        + statement.missingRight() + ".")
                .distinct()
                .toList();
    }
}
