package io.github.pgbackup.baseline;

import io.github.pgbackup.comparison.DatabaseObservations;
import java.time.Instant;

/**
 * The tables of the live source and the number of their rows.
 *
 * @param at the instant of the snapshot, by the source's clock
 */
public record LiveRows(DatabaseObservations tables, Instant at) {}
