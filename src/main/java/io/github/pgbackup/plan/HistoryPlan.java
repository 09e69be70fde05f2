package io.github.pgbackup.plan;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The history that a run is added to, and what it must be like in comparison.
 *
 * @param file one line a run
 * @param page over all runs, HTML
 * @param maximumLoss per cent of the rows of the last PASS that a table may lack; null: any
 * @param tables the same of tables that have their own, by {@code schema.table} without quotes
 * @param maximumGap how long ago the last PASS may be; null: as long as it likes
 */
public record HistoryPlan(
        Path file,
        Path page,
        @Nullable BigDecimal maximumLoss,
        Map<String, BigDecimal> tables,
        @Nullable Duration maximumGap) {

    public HistoryPlan {
        tables = Map.copyOf(tables);
    }

    /** What a table may lack; null: any number of rows. */
    public @Nullable BigDecimal maximumLoss(String table) {
        return tables.containsKey(table) ? tables.get(table) : maximumLoss;
    }

    /** Whether rows are compared at all. */
    public boolean limitsLoss() {
        return maximumLoss != null || !tables.isEmpty();
    }
}
