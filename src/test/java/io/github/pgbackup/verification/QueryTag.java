package io.github.pgbackup.verification;

import io.github.pgbackup.plan.Tag;
import java.util.List;

/** A query in {@code <expectations>}. */
final class QueryTag {

    private QueryTag() {}

    /** A query, and what it must return. */
    static Tag of(String name, String sql, String returns) {
        return new Tag(
                "expectations",
                null,
                List.of(new Tag(
                        "query",
                        null,
                        List.of(
                                new Tag("name", name, List.of()),
                                new Tag("sql", sql, List.of()),
                                new Tag("returns", returns, List.of())))));
    }
}
