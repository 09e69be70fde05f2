package io.github.pgbackup.plan;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many of its rows a table may lack, compared with an earlier or later state of the same database. Additional rows
 * are never a loss.
 *
 * @param maximum percentage of the rows, from 0 to 100; null for no limit
 * @param tables limits of individual tables, by {@code schema.table} without quotes
 */
public record AllowedLoss(@Nullable BigDecimal maximum, Map<String, BigDecimal> tables) {

    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    public AllowedLoss {
        tables = Map.copyOf(tables);
    }

    /** Whether any table has a limit. */
    public boolean isLimited() {
        return maximum != null || !tables.isEmpty();
    }

    /** The limit for a table; null for none. */
    public @Nullable BigDecimal of(String table) {
        return tables.containsKey(table) ? tables.get(table) : maximum;
    }

    /**
     * The minimum number of rows.
     *
     * @param rows number of rows in the other state
     * @param allowed percentage that may be missing
     */
    public static long least(long rows, BigDecimal allowed) {
        return BigDecimal.valueOf(rows)
                .multiply(HUNDRED.subtract(allowed))
                .divide(HUNDRED, 0, RoundingMode.CEILING)
                .longValueExact();
    }
}
