package io.github.pgbackup.expectation;

import io.github.pgbackup.archive.SqlTokens;
import java.util.List;
import java.util.Optional;

/** Parses the SQL of an archive's entry. */
final class Definition {

    private Definition() {}

    /** The first command; further commands about the object, such as CLUSTER ON, may follow in the same entry. */
    static String firstCommand(String sql) {
        return SqlTokens.of(sql).stream()
                .filter(token -> token.is(";"))
                .findFirst()
                .map(end -> sql.substring(0, end.start()))
                .orElse(sql);
    }

    /** The text after CONSTRAINT and this name in the first command. */
    static Optional<String> constraint(String sql, String name) {
        String command = firstCommand(sql);
        List<SqlTokens.Token> tokens = SqlTokens.of(command);
        for (int i = 1; i < tokens.size(); i++) {
            if (tokens.get(i - 1).is("CONSTRAINT")
                    && tokens.get(i).isIdentifier()
                    && tokens.get(i).identifier().equals(name)) {
                return Optional.of(command.substring(tokens.get(i).end()).strip());
            }
        }
        return Optional.empty();
    }

    /**
     * A key's definition without its storage parameters, WITH (fillfactor=70): pg_dump includes them, but
     * pg_get_constraintdef(), which the databases provide, does not. For an exclusion constraint, both include them.
     */
    static String withoutStorageParameters(String definition) {
        List<SqlTokens.Token> tokens = SqlTokens.of(definition);
        if (tokens.isEmpty() || tokens.get(0).is("EXCLUDE")) {
            return definition;
        }
        int depth = 0;
        for (int i = 1; i < tokens.size(); i++) {
            SqlTokens.Token token = tokens.get(i);
            if (depth == 0 && tokens.get(i - 1).is("WITH") && token.is("(")) {
                int end = i;
                while (end < tokens.size() - 1 && !tokens.get(end).is(")")) {
                    end++;
                }
                return (definition.substring(0, tokens.get(i - 1).start())
                                + definition.substring(tokens.get(end).end()))
                        .strip();
            }
            depth += token.is("(") ? 1 : token.is(")") ? -1 : 0;
        }
        return definition;
    }

    /** Whether a CREATE TABLE creates a partitioned table, which has no rows of its own. */
    static boolean isPartitioned(String sql) {
        List<SqlTokens.Token> tokens = SqlTokens.of(firstCommand(sql));
        int depth = 0;
        for (int i = 1; i < tokens.size(); i++) {
            SqlTokens.Token token = tokens.get(i);
            depth += token.is("(") ? 1 : token.is(")") ? -1 : 0;
            if (depth == 0 && tokens.get(i - 1).is("PARTITION") && token.is("BY")) {
                return true;
            }
        }
        return false;
    }
}
