package io.github.pgbackup.expectation;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text by which a column's values are compared: the output of its type, which is what COPY writes into an archive.
 */
final class ColumnText {

    private static final Pattern CHARACTER = Pattern.compile("character\\((\\d+)\\)");

    private ColumnText() {}

    /**
     * An SQL expression for the text of a column that is not null.
     *
     * <p>A cast would not do: inet gains a netmask by it, char(n) loses its blanks, boolean becomes {@code true}. The
     * collation keeps texts apart that a nondeterministic one takes for equal.
     */
    static String expression(String quotedColumn) {
        return "pg_catalog.format('%s', " + quotedColumn + ") collate pg_catalog.\"C\"";
    }

    /**
     * What a user wrote, as the type's output has it.
     *
     * @param type as {@code format_type()} names it; of a domain the type under it
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
