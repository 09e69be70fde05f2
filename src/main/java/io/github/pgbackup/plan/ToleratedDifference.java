package io.github.pgbackup.plan;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * A difference that the user tolerates. There is no other way to tolerate one.
 *
 * @param object kind and name in the comparison's words: {@code POLICY app.orders tenant_policy}
 * @param reason for the auditor
 * @param until the last day on which it is tolerated; null for no end
 */
public record ToleratedDifference(
        String object, String reason, @Nullable LocalDate until) {}
