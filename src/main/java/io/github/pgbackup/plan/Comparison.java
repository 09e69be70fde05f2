package io.github.pgbackup.plan;

import java.util.Locale;

/** How much of the restored database is compared with the source; each level includes the previous one. */
public enum Comparison {
    NONE,
    SCHEMA,
    ROWS,
    CONTENT;

    public boolean includes(Comparison level) {
        return compareTo(level) >= 0;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
