package io.github.pgbackup.plan;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * A difference that the user accepts: the only way to accept one.
 *
 * @param object kind and name as the comparison writes them: {@code POLICY app.orders tenant_policy}
 * @param reason for the auditor
 * @param until the last day on which it is accepted; null: no end
 */
public record ToleratedDifference(
        String object, String reason, @Nullable LocalDate until) {}
