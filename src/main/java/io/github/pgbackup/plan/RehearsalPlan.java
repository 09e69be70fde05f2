package io.github.pgbackup.plan;

import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.handover.Tool;
import io.github.pgbackup.rehearsal.RehearsalLimits;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the restored database is handed over, and what a migration of it may do.
 *
 * @param role that it is worked on by; null: its owner
 * @param tools whose own properties are set too
 * @param maximumLifetime how long it is kept when nobody stops it
 * @param limits how much a migration may cost
 * @param expectations of the migrated database
 * @param command that migrates it; empty: something else does, or nothing
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

    /** Whether a migration is expected; without one nothing is observed, and to migrate nothing is no problem. */
    public boolean expectsMigration() {
        return !tools.isEmpty()
                || !limits.equals(RehearsalLimits.NONE)
                || !expectations.isEmpty()
                || !command.isEmpty();
    }
}
