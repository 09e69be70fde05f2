package io.github.pgbackup.plan;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to test the expectations.
 *
 * @param seed determines the choice of faults
 * @param budget time limit, not including the verification before
 * @param minimumCaught the percentage of viable faults that the expectations must catch; null for none
 */
public record ExpectationTestPlan(
        long seed, Duration budget, @Nullable Integer minimumCaught) {}
