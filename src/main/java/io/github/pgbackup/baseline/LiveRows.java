package io.github.pgbackup.baseline;

import io.github.pgbackup.comparison.DatabaseObservations;
import java.time.Instant;

/**
 * Tables and their rows in the live source.
 *
 * @param at the instant of the snapshot, by the source's clock
 */
public record LiveRows(DatabaseObservations tables, Instant at) {}
