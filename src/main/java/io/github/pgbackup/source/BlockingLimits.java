package io.github.pgbackup.source;

import java.time.Duration;

/**
 * How long other sessions may wait for ours.
 *
 * @param lock for a lock, behind which others queue: a migration's ALTER TABLE, and every reader after it
 * @param snapshot for the end of a transaction, as CREATE INDEX CONCURRENTLY, REINDEX CONCURRENTLY and their like wait for
 *     every older snapshot. Meanwhile they keep nobody from reading or writing; as soon as another session waits behind
 *     them, {@code lock} holds for that one
 */
public record BlockingLimits(Duration lock, Duration snapshot) {}
