package io.github.pgbackup.plan;

import io.github.pgbackup.handover.Tool;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the restored database is handed over.
 *
 * @param role that it is worked on by; null: its owner
 * @param tools whose own properties are set too
 * @param maximumLifetime how long it is kept when nobody stops it
 */
public record RehearsalPlan(@Nullable String role, Set<Tool> tools, Duration maximumLifetime) {

    public RehearsalPlan {
        tools = Set.copyOf(tools);
    }
}
