package io.github.pgbackup.plan;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The history that a run is added to, and its limits.
 *
 * @param file one line per run
 * @param page an HTML page about all runs
 * @param loss how many rows a table may lack compared with the last PASS
 * @param maximumGap the maximum age of the last PASS; null for none
 */
public record HistoryPlan(
        Path file, Path page, AllowedLoss loss, @Nullable Duration maximumGap) {}
