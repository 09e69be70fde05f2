package io.github.pgbackup.expectation;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text form in which a column's values are compared: the type's output, which COPY writes into an archive.
 */
final class ColumnText {

    private static final Pattern CHARACTER = Pattern.compile("character\\((\\d+)\\)");

    private ColumnText() {}

    /**
     * An SQL expression for the text of a non-null column.
     *
     * <p>A cast would not do: it adds a netmask to inet, strips the blanks of char(n) and turns boolean into
     * {@code true}. The collation distinguishes texts that a nondeterministic collation considers equal.
     */
    static String expression(String quotedColumn) {
        return "pg_catalog.format('%s', " + quotedColumn + ") collate pg_catalog.\"C\"";
    }

    /**
     * Converts a user's text to the form of the type's output.
     *
     * @param type as named by {@code format_type()}; for a domain its base type
     */
    static String of(String value, String type) {
        if (type.equals("boolean")) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "true" -> "t";
                case "false" -> "f";
                default -> value.toLowerCase(Locale.ROOT);
            };
        }
        Matcher character = CHARACTER.matcher(type);
        if (character.matches()) {
            String text = value.stripTrailing();
            int missing = Integer.parseInt(character.group(1)) - text.codePointCount(0, text.length());
            return text + " ".repeat(Math.max(0, missing));
        }
        return value;
    }
}
