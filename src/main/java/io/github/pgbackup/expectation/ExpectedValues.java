package io.github.pgbackup.expectation;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * The values that a column may contain.
 *
 * @param others whether other values are allowed
 */
public record ExpectedValues(List<ExpectedValue> values, boolean others) {

    public ExpectedValues {
        values = List.copyOf(values);
    }

    /**
     * A value and its number of rows.
     *
     * @param is the value, in PostgreSQL's text form
     */
    public record ExpectedValue(String is, Interval<BigDecimal> rows) {}

    /** The claim about these values. */
    public Claim claim() {
        List<String> parts = new ArrayList<>();
        values.forEach(value -> parts.add("'" + value.is() + "': " + value.rows()));
        if (!others) {
            parts.add("other values: 0");
        }
        return new Claim("values", String.join(", ", parts), actual -> false);
    }

    /**
     * Evaluates the counted rows.
     *
     * @param counts number of non-null rows, then the number of rows of each value, in order
     */
    Observation observation(List<Long> counts) {
        boolean holds = true;
        long left = counts.get(0);
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            long rows = counts.get(i + 1);
            left -= rows;
            holds &= values.get(i).rows().contains(BigDecimal.valueOf(rows));
            parts.add("'" + values.get(i).is() + "': " + rows);
        }
        holds &= others || left == 0;
        if (!others || left > 0) {
            parts.add("other values: " + left);
        }
        return Observation.of(holds, String.join(", ", parts));
    }
}
