package io.github.pgbackup.expectation;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * The values a column may hold.
 *
 * @param others whether values that are not listed are allowed
 */
public record ExpectedValues(List<ExpectedValue> values, boolean others) {

    public ExpectedValues {
        values = List.copyOf(values);
    }

    /**
     * A value and how many rows hold it.
     *
     * @param is the value, in PostgreSQL's text form
     */
    public record ExpectedValue(String is, Interval<BigDecimal> rows) {}

    /** The claim that these values make. */
    public Claim claim() {
        List<String> parts = new ArrayList<>();
        values.forEach(value -> parts.add("'" + value.is() + "': " + value.rows()));
        if (!others) {
            parts.add("other values: 0");
        }
        return new Claim("values", String.join(", ", parts), actual -> false);
    }

    /**
     * What the counted rows say.
     *
     * @param counts rows that are not null, then the rows of each value, in order
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
