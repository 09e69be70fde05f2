package io.github.pgbackup.plan;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the expectations are put to the test.
 *
 * @param seed chooses the faults
 * @param budget how long it may take, the verification before it not included
 * @param minimumCaught the share of the viable faults that they have to catch, in percent; null: none
 */
public record ExpectationTestPlan(
        long seed, Duration budget, @Nullable Integer minimumCaught) {}
