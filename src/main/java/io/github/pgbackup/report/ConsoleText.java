package io.github.pgbackup.report;

import io.github.pgbackup.verification.VerificationReport;
import java.nio.file.Path;

/** What the console says of a finished run. */
public final class ConsoleText {

    private ConsoleText() {}

    /** What follows the verdict: of a PASS what it rests on, of a FAIL how much failed. */
    public static String afterVerdict(VerificationReport report) {
        return switch (report.verdict()) {
            case PASS -> ": " + Wording.basis(report);
            case FAIL ->
                ", " + Wording.number(report.failedChecks().size()) + " of "
                        + Wording.plural(report.checks().size(), "check") + " failed";
            case NOT_VERIFIED -> "";
        };
    }

    /** Where to read on. */
    public static String whereTheReportIs(Path folder) {
        return "Report: " + folder.resolve(Evidence.PAGE) + " (as text: " + Evidence.SUMMARY + ")";
    }
}
