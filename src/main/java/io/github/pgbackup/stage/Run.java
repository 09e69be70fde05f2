package io.github.pgbackup.stage;

import io.github.pgbackup.Console;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.plan.VerificationPlan;

/**
 * The context that all steps of one run share.
 *
 * @param plugin the plugin's version
 */
public record Run(
        String plugin,
        VerificationPlan plan,
        EvidenceFolder folder,
        Console console,
        Interruption interruption,
        Stages stages) {

    /** Work concurrent with the run's thread. */
    public Background background() {
        return new Background(interruption::cancel, interruption::endForGood);
    }
}
