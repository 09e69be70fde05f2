package io.github.pgbackup.report;

/**
 * Text of others (names of objects, messages of servers) made safe for a terminal and for a line: a name may hold a line
 * break that forges a line, or an escape sequence that a terminal obeys.
 */
public final class Printable {

    private Printable() {}

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
