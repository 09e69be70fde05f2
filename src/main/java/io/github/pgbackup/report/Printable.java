package io.github.pgbackup.report;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes text of others (names of objects, messages of servers) safe for a terminal and for a single line. A name can
 * contain a line break that forges a line, or an escape sequence that a terminal obeys.
 */
public final class Printable {

    private static final Pattern LINE_BREAKS = Pattern.compile("(?<=[^ \t\n])[ \t]*(\n[ \t]*)+(?=[^ \t\n])");

    private Printable() {}

    /**
     * The lines of a value, such as a definition, for places where nobody can take a line for something else. Blank
     * lines and common indentation are left out. A line break at either end is shown like any other control character.
     */
    static List<String> lines(String value) {
        return Stream.of(LINE_BREAKS.split(value, -1)).map(Printable::text).toList();
    }

    /** The lines of a value in one line. */
    static String flowing(String value) {
        return String.join(" ", lines(value));
    }

    /** The text with every control and format character shown as its code point. */
    public static String text(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE,
                        Character.UNASSIGNED,
                        Character.PRIVATE_USE ->
                    safe.append(c == '\n' ? "\\n" : c == '\t' ? "\\t" : String.format("\\u%04X", c));
                default -> safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }
}
