package io.github.pgbackup.expectation;

import io.github.pgbackup.archive.SqlTokens;
import java.util.ArrayList;
import java.util.List;

/** The argument types of a function, which distinguish overloaded functions. */
record ArgumentTypes(List<TypeName> types) {

    ArgumentTypes {
        types = List.copyOf(types);
    }

    /** Parses types separated by commas; an aggregate over whole rows has {@code *} for no arguments. */
    static ArgumentTypes of(String text) {
        return text.isBlank() || text.strip().equals("*")
                ? new ArgumentTypes(List.of())
                : new ArgumentTypes(split(text).stream().map(TypeName::of).toList());
    }

    boolean matches(ArgumentTypes actual) {
        if (types.size() != actual.types.size()) {
            return false;
        }
        for (int i = 0; i < types.size(); i++) {
            if (!types.get(i).matches(actual.types.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Splits at commas outside of quotes and parentheses. */
    static List<String> split(String list) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        int depth = 0;
        for (SqlTokens.Token token : SqlTokens.of(list)) {
            if (token.is("(")) {
                depth++;
            } else if (token.is(")")) {
                depth--;
            } else if (token.is(",") && depth == 0) {
                parts.add(list.substring(start, token.start()).strip());
                start = token.end();
            }
        }
        parts.add(list.substring(start).strip());
        return parts;
    }
}
