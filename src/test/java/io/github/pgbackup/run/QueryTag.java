package io.github.pgbackup.run;

import io.github.pgbackup.plan.Tag;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A query in {@code <expectations>}. */
final class QueryTag {

    private QueryTag() {}

    /** A query, and what it must return. */
    static Tag of(String name, String sql, String returns) {
        return of(name, sql, returns, null);
    }

    /** The same as a role; null for no role. */
    static Tag of(String name, String sql, String returns, @Nullable String role) {
        List<Tag> children = new ArrayList<>(List.of(
                new Tag("name", name, List.of()),
                new Tag("sql", sql, List.of()),
                new Tag("returns", returns, List.of())));
        if (role != null) {
            children.add(new Tag("role", role, List.of()));
        }
        return new Tag("expectations", null, List.of(new Tag("query", null, children)));
    }
}
