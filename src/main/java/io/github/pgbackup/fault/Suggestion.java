package io.github.pgbackup.fault;

import io.github.pgbackup.expectation.ObjectKind;
import io.github.pgbackup.postgres.QualifiedName;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An expectation that would catch a fault, in the form of a POM.
 *
 * @param tag for example {@code table}
 * @param children the texts by tag, in the order in which they are written
 */
public record Suggestion(String tag, Map<String, String> children) {

    public Suggestion {
        children = Collections.unmodifiableMap(new LinkedHashMap<>(children));
    }

    static Suggestion present(ObjectKind kind, QualifiedName name) {
        return new Suggestion(kind.tag(), Map.of("name", name.toString()));
    }

    static Suggestion claim(ObjectKind kind, QualifiedName name, String aspect, String text) {
        Map<String, String> children = new LinkedHashMap<>();
        children.put("name", name.toString());
        children.put(aspect, text);
        return new Suggestion(kind.tag(), children);
    }

    static Suggestion query(String name, String sql, String returns) {
        Map<String, String> children = new LinkedHashMap<>();
        children.put("name", name);
        children.put("sql", sql);
        children.put("returns", returns);
        return new Suggestion("query", children);
    }
}
