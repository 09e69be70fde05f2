package io.github.pgbackup.report;

import io.github.pgbackup.verification.Verdict;
import io.github.pgbackup.verification.VerificationReport;
import java.nio.file.Path;

/** What the console says of a finished run. */
public final class ConsoleText {

    private ConsoleText() {}

    /** What follows the verdict: of a PASS how much was checked, of a FAIL how much of it failed. */
    public static String afterVerdict(VerificationReport report) {
        return switch (report.verdict()) {
            case PASS ->
                ": " + Wording.checks(report) + (Wording.hasNoBaseline(report) ? "; nothing to compare with" : "");
            case FAIL ->
                ", " + Wording.number(report.failedChecks().size()) + " of "
                        + Wording.plural(report.checks().size(), "check") + " failed";
            case NOT_VERIFIED -> "";
        };
    }

    /** What a PASS rests on besides; empty for other verdicts. */
    public static String below(VerificationReport report) {
        if (report.verdict() != Verdict.PASS) {
            return "";
        }
        return (Wording.hasNoBaseline(report) ? "  baseline none, restored as archived: " : "  compared: ")
                + Wording.compared(report);
    }

    /** Where to read on. */
    public static String whereTheReportIs(Path folder) {
        return "Report: " + folder.resolve(Evidence.PAGE) + " (as text: " + Evidence.SUMMARY + ")";
    }
}
