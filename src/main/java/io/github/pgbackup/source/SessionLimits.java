package io.github.pgbackup.source;

import java.time.Duration;

/**
 * Limits that our sessions set for themselves, so that no setting of the role or the database applies.
 *
 * @param statement maximum run time of a statement; zero for no limit
 * @param lockWait maximum time to wait for a lock; more than zero
 */
public record SessionLimits(Duration statement, Duration lockWait) {

    public SessionLimits {
        if (statement.isNegative() || lockWait.isNegative() || lockWait.isZero()) {
            throw new IllegalArgumentException("Limits must be positive: " + statement + ", " + lockWait);
        }
    }
}
