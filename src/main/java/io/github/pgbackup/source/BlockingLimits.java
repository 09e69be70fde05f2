package io.github.pgbackup.source;

import java.time.Duration;

/**
 * How long other sessions may wait for ours.
 *
 * @param lock how long for a lock; a migration's ALTER TABLE queues behind our lock, and every reader queues behind
 *     that ALTER TABLE
 * @param snapshot how long for the end of a transaction: CREATE INDEX CONCURRENTLY, REINDEX CONCURRENTLY and similar
 *     commands wait for every older snapshot. They block no readers or writers meanwhile; once another session waits
 *     behind them, {@code lock} applies to that session
 */
public record BlockingLimits(Duration lock, Duration snapshot) {}
