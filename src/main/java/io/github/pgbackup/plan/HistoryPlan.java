package io.github.pgbackup.plan;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The history that a run is added to, and what it must be like in comparison.
 *
 * @param file one line a run
 * @param page over all runs, HTML
 * @param loss what a table may lack of the rows of the last PASS
 * @param maximumGap how long ago the last PASS may be; null: as long as it likes
 */
public record HistoryPlan(
        Path file, Path page, AllowedLoss loss, @Nullable Duration maximumGap) {}
