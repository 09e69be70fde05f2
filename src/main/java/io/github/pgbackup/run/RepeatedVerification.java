package io.github.pgbackup.run;

import io.github.pgbackup.Console;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.run.BackupVerification.Environment;
import io.github.pgbackup.stage.Interruption;
import io.github.pgbackup.text.ExactDuration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs a verification, and repeats it after a pause when a transient problem ended it: a migration holds a lock, a server
 * restarts. It never repeats a run with a failed check, because that would not improve the backup.
 *
 * @param folder emptied before each further attempt
 * @param interruption ends all attempts together
 */
public record RepeatedVerification(
        VerificationPlan plan,
        Environment environment,
        EvidenceFolder folder,
        Console console,
        Interruption interruption) {

    /**
     * The result.
     *
     * @param report the report of the last attempt; its warnings describe the earlier attempts
     * @param kept the restored database, if the plan hands it over and it has passed; the caller must end it
     */
    public record Verified(
            VerificationReport report, @Nullable KeptDatabase kept) {}

    /** Returns the report of a run that hands nothing over. */
    public VerificationReport run() {
        return verify().report();
    }

    public Verified verify() {
        List<String> earlier = new ArrayList<>();
        while (true) {
            BackupVerification attempt = new BackupVerification(plan, environment, folder, console, interruption);
            earlier.forEach(attempt::warning);
            VerificationReport report = attempt.run();
            int number = earlier.size() + 1;
            if (number > plan.retries()
                    || report.verdict() != Verdict.NOT_VERIFIED
                    || !attempt.worthRetrying()
                    || !report.failedChecks().isEmpty()) {
                return new Verified(report, attempt.kept());
            }
            String ended = "Attempt " + number + " of at most " + (plan.retries() + 1) + " began at "
                    + report.outcome().startedAt() + " and ended after "
                    + ExactDuration.of(report.outcome().duration()) + ": "
                    + report.outcome().problem().orElseThrow().fact().strip();
            console.warn(ended + " The next one begins in " + ExactDuration.of(plan.retryPause()) + ".");
            if (!interruption.pause(plan.retryPause())) {
                return new Verified(report, null);
            }
            earlier.add(ended);
            folder.emptyAgain();
        }
    }
}
