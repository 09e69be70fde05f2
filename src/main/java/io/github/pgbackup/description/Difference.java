package io.github.pgbackup.description;

import com.google.gson.JsonElement;
import org.jspecify.annotations.Nullable;

/**
 * A property in which two descriptions differ.
 *
 * @param source the row of the source; null if it has none
 * @param restored the row of the restored database; null if it has none
 * @param property the column; empty when one of the rows is missing
 * @param expected the source's value; null for an SQL null or a missing row
 * @param actual the restored database's value
 */
record Difference(
        @Nullable DescribedRow source,
        @Nullable DescribedRow restored,
        String property,
        @Nullable JsonElement expected,
        @Nullable JsonElement actual) {

    /** Either of the two rows; both describe the same object. */
    DescribedRow row() {
        DescribedRow row = source == null ? restored : source;
        if (row == null) {
            throw new IllegalStateException("A difference needs a row.");
        }
        return row;
    }

    boolean missing() {
        return restored == null;
    }

    boolean additional() {
        return source == null;
    }

    /** For example {@code pg_class.relowner}. */
    String column() {
        return row().catalog() + "." + property;
    }
}
