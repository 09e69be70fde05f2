package io.github.pgbackup.plan;

import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.handover.Tool;
import io.github.pgbackup.rehearsal.RehearsalLimits;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How to hand over the restored database, and the limits of a migration.
 *
 * @param role the role for the migration; null for the database's owner
 * @param tools the tools whose own properties are set, so that they use the restored database
 * @param maximumLifetime how long the database is kept if nothing stops it
 * @param limits the limits for locks and times of a migration
 * @param expectations for the migrated database
 * @param command the command that migrates it; empty if something else does, or nothing
 */
public record RehearsalPlan(
        @Nullable String role,
        Set<Tool> tools,
        Duration maximumLifetime,
        RehearsalLimits limits,
        List<Expectation> expectations,
        List<String> command) {

    public RehearsalPlan {
        tools = Set.copyOf(tools);
        expectations = List.copyOf(expectations);
        command = List.copyOf(command);
    }

    /** Whether a migration is expected; otherwise nothing is observed, and a missing migration is no problem. */
    public boolean expectsMigration() {
        return !tools.isEmpty()
                || !limits.equals(RehearsalLimits.NONE)
                || !expectations.isEmpty()
                || !command.isEmpty();
    }
}
