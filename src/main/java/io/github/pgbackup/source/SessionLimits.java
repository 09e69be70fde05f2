package io.github.pgbackup.source;

import java.time.Duration;

/**
 * What a session of ours sets for itself, so that no setting of the role or the database applies instead.
 *
 * @param statement the longest that one statement may run; zero for no limit
 * @param lockWait the longest that one may wait for a lock, more than zero
 */
public record SessionLimits(Duration statement, Duration lockWait) {

    public SessionLimits {
        if (statement.isNegative() || lockWait.isNegative() || lockWait.isZero()) {
            throw new IllegalArgumentException("Limits must be positive: " + statement + ", " + lockWait);
        }
    }
}
