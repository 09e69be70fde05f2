package io.github.pgbackup.archive;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The columns and constraints in the definition of a {@code TABLE} entry: the CREATE TABLE command as pg_dump writes
 * it. Defaults of serial columns, identity, keys and foreign keys are separate entries.
 *
 * @param columns in order
 * @param constraints unquoted names of the constraints in the command
 * @param complete false when the table may inherit more columns from a parent or a type
 */
public record TableDefinition(List<Column> columns, List<String> constraints, boolean complete) {

    /** Key words, in upper case as pg_dump writes them, that end a column's type or default. */
    private static final Set<String> CLAUSES =
            Set.of("DEFAULT", "GENERATED", "CONSTRAINT", "NOT", "COLLATE", "OPTIONS");

    public TableDefinition {
        columns = List.copyOf(columns);
        constraints = List.copyOf(constraints);
    }

    /**
     * A column.
     *
     * @param name the unquoted name
     * @param type in the form of format_type, for example {@code character varying(10)}
     * @param notNull whether it is declared NOT NULL
     * @param defaultExpression the expression after DEFAULT
     * @param generationExpression the expression of a generated column, without parentheses
     */
    public record Column(
            String name,
            String type,
            boolean notNull,
            @Nullable String defaultExpression,
            @Nullable String generationExpression) {}

    public Optional<Column> column(String name) {
        return columns.stream().filter(column -> column.name().equals(name)).findFirst();
    }

    /** Parses the definition of an entry; empty when it is not a CREATE TABLE with a list of columns. */
    public static Optional<TableDefinition> parse(String definition) {
        return new Parser(definition).parse();
    }

    private static final class Parser {

        private final String sql;
        private final List<SqlTokens.Token> tokens;
        private final List<Column> columns = new ArrayList<>();
        private final List<String> constraints = new ArrayList<>();
        private int at;

        Parser(String sql) {
            this.sql = sql;
            this.tokens = SqlTokens.of(sql);
        }

        Optional<TableDefinition> parse() {
            if (!skip("CREATE")) {
                return Optional.empty();
            }
            while (skip("UNLOGGED") || skip("FOREIGN")) {
                // These kinds of tables have the same syntax from here on.
            }
            if (!skip("TABLE") || at >= tokens.size()) {
                return Optional.empty();
            }
            at++;
            if (skip(".")) {
                at++;
            }
            boolean typed = skip("OF");
            if (typed) {
                at++;
                if (skip(".")) {
                    at++;
                }
            }
            if (!skip("(")) {
                return Optional.empty();
            }
            while (at < tokens.size() && !is(")")) {
                element(typed);
                skip(",");
            }
            if (!skip(")")) {
                return Optional.empty();
            }
            return Optional.of(new TableDefinition(columns, constraints, !typed && !is("INHERITS")));
        }

        private void element(boolean typed) {
            if (skip("CONSTRAINT")) {
                constraints.add(tokens.get(at).identifier());
                toClause(Set.of());
                return;
            }
            String name = tokens.get(at++).identifier();
            if (typed && is("WITH")) {
                toClause(Set.of());
                return;
            }
            String type = toClause(CLAUSES);
            String defaultExpression = null;
            String generationExpression = null;
            boolean notNull = false;
            while (at < tokens.size() && !is(",") && !is(")")) {
                if (skip("DEFAULT")) {
                    defaultExpression = toClause(CLAUSES);
                } else if (skip("GENERATED")) {
                    generationExpression = generationExpression(toClause(CLAUSES));
                } else if (skip("CONSTRAINT")) {
                    constraints.add(tokens.get(at++).identifier());
                } else if (skip("NOT")) {
                    notNull = true;
                    toClause(CLAUSES);
                } else {
                    at++;
                    toClause(CLAUSES);
                }
            }
            // A table OF a type declares only what differs from the type.
            if (!type.isEmpty()) {
                columns.add(new Column(name, type, notNull, defaultExpression, generationExpression));
            }
        }

        /** ALWAYS AS (expression) STORED, or VIRTUAL since PostgreSQL 18. */
        private static String generationExpression(String clause) {
            return clause.substring(clause.indexOf('(') + 1, clause.lastIndexOf(')'))
                    .strip();
        }

        /** The text up to one of these words, or to the comma or parenthesis that ends the element. */
        private String toClause(Set<String> clauses) {
            int from = at;
            int depth = 0;
            while (at < tokens.size()) {
                SqlTokens.Token token = tokens.get(at);
                if (depth == 0 && (token.is(",") || token.is(")"))) {
                    break;
                }
                boolean qualified = at > from && tokens.get(at - 1).is(".");
                if (depth == 0 && !qualified && token.kind() == SqlTokens.Kind.WORD && clauses.contains(token.text())) {
                    break;
                }
                if (token.is("(") || token.is("[")) {
                    depth++;
                } else if (token.is(")") || token.is("]")) {
                    depth--;
                }
                at++;
            }
            return at == from
                    ? ""
                    : sql.substring(tokens.get(from).start(), tokens.get(at - 1).end());
        }

        private boolean is(String expected) {
            return at < tokens.size() && tokens.get(at).is(expected);
        }

        private boolean skip(String expected) {
            boolean found = is(expected);
            if (found) {
                at++;
            }
            return found;
        }
    }
}
