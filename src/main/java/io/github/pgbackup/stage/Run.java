package io.github.pgbackup.stage;

import io.github.pgbackup.Console;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.plan.VerificationPlan;

/**
 * What every step of one run works with.
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

    /** Work beside that of the run's thread. */
    public Background background() {
        return new Background(interruption::cancel, interruption::endForGood);
    }
}
