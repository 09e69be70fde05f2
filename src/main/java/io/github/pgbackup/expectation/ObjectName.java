package io.github.pgbackup.expectation;

import io.github.pgbackup.postgres.QualifiedName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The name of a database object as written by a user: SQL identifiers, quoted as in SQL.
 *
 * @param text the name as written
 * @param schema null for objects without a schema
 * @param table the table of a column, constraint, trigger or policy; null when it is not given
 * @param name the last part
 * @param arguments the argument types of a function, without parentheses; null when not given
 */
public record ObjectName(
        String text,
        @Nullable String schema,
        @Nullable String table,
        String name,
        @Nullable String arguments) {

    /**
     * Parses the name of an object of a kind.
     *
     * @throws IllegalArgumentException whose message says what is expected
     */
    public static ObjectName parse(ObjectKind kind, String text) {
        String path = text;
        String arguments = null;
        int bracket = kind == ObjectKind.FUNCTION ? openingBracket(text) : -1;
        if (bracket >= 0) {
            if (!text.endsWith(")")) {
                throw new IllegalArgumentException("expected " + kind.nameForm());
            }
            path = text.substring(0, bracket);
            arguments = text.substring(bracket + 1, text.length() - 1);
        }
        List<String> parts = QualifiedName.parse(path.strip()).parts();
        if (!kind.allowsParts(parts.size())) {
            throw new IllegalArgumentException("expected " + kind.nameForm());
        }
        int last = parts.size() - 1;
        return new ObjectName(
                text, last > 0 ? parts.get(0) : null, last == 2 ? parts.get(1) : null, parts.get(last), arguments);
    }

    /** The qualified relation, quoted for SQL. */
    String quotedRelation() {
        String relation = table == null ? name : table;
        return (schema == null ? QualifiedName.of(relation) : QualifiedName.of(schema, relation)).quoteAll();
    }

    private static int openingBracket(String text) {
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '"') {
                quoted = !quoted;
            } else if (text.charAt(i) == '(' && !quoted) {
                return i;
            }
        }
        return -1;
    }
}
