package io.github.pgbackup.expectation;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text by which a column's values are compared: the output of its type, as COPY writes it into an archive, but for
 * two types whose text in SQL is not their output: {@code boolean} ({@code true}, not {@code t}) and {@code char(n)}
 * (without its trailing blanks).
 */
final class ColumnText {

    private static final Pattern CHARACTER = Pattern.compile("character\\((\\d+)\\)");

    private ColumnText() {}

    /** An SQL expression for the text of a column that is not null. */
    static String expression(String quotedColumn, String type) {
        return isBoolean(type) || CHARACTER.matcher(type).matches()
                ? quotedColumn + "::pg_catalog.text"
                // Casts to text are not output functions for all types: inet would gain a netmask.
                : "pg_catalog.format('%s', " + quotedColumn + ")";
    }

    /** The text to compare with the expression above, from what a user wrote. */
    static String of(String value, String type) {
        if (isBoolean(type)) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "t" -> "true";
                case "f" -> "false";
                default -> value.toLowerCase(Locale.ROOT);
            };
        }
        return CHARACTER.matcher(type).matches() ? value.stripTrailing() : value;
    }

    /** The text to compare with a field of an archive's COPY data. */
    static String inCopy(String value, String type) {
        String text = of(value, type);
        if (isBoolean(type)) {
            return text.isEmpty() ? text : text.substring(0, 1);
        }
        Matcher character = CHARACTER.matcher(type);
        if (character.matches()) {
            int missing = Integer.parseInt(character.group(1)) - text.codePointCount(0, text.length());
            return text + " ".repeat(Math.max(0, missing));
        }
        return text;
    }

    private static boolean isBoolean(String type) {
        return type.equals("boolean");
    }
}
