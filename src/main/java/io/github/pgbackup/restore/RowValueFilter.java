package io.github.pgbackup.restore;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Removes the values of rows from pg_restore's messages. PostgreSQL quotes them in DETAIL and CONTEXT, and in some
 * errors about a value, but neither a log nor a report may contain them.
 */
final class RowValueFilter {

    private static final String OMITTED = "(omitted: it may quote a row)";

    private static final Pattern KEY = Pattern.compile("(?<start>DETAIL:  Key \\(.*?\\)=)\\(.*\\)(?<end> [^)]*)");
    private static final Pattern CONTEXT = Pattern.compile("(?<start>CONTEXT:  COPY .*?, line \\d+)(?:, column|:).*");

    /** SQLSTATE 22P02, 22003, 22007, 22008: the text ends with the value. */
    private static final Pattern VALUE = Pattern.compile(
            "(?<start>.*(?:invalid input (?:syntax|value) for|out of range|malformed)[^\"]*: )\".*", Pattern.DOTALL);

    private static final Pattern PREFIXED = Pattern.compile("pg_restore: .*|HINT:  .*|Command was: .*|LINE \\d+: .*");

    /** The text that a server or psql quotes from a row that it runs as a command. */
    private static final Pattern COMMAND = Pattern.compile(
            "(?<start>.*(?:at or near|unterminated quoted \\w+ at or near|invalid command) ?).*", Pattern.DOTALL);

    /** The beginning of an INSERT, up to its values: with {@code --inserts}, pg_dump writes rows as such commands. */
    private static final Pattern INSERT = Pattern.compile("(?<start>Command was: INSERT INTO .*?VALUES).*");

    private final boolean rowsAsInserts;

    /** Whether the current line is within a DETAIL, a CONTEXT or a command, whose values may contain line feeds. */
    private boolean inValues;

    /**
     * @param rowsAsInserts whether the archive contains rows as INSERT commands; pg_restore quotes a command that fails
     */
    RowValueFilter(boolean rowsAsInserts) {
        this.rowsAsInserts = rowsAsInserts;
    }

    /** An error message without the text that may quote a row. */
    static String withoutValue(String message) {
        Matcher value = VALUE.matcher(message);
        if (value.matches()) {
            return value.group("start") + "(…)";
        }
        Matcher command = COMMAND.matcher(message);
        return command.matches() ? command.group("start").stripTrailing() + " (…)" : message;
    }

    /** The part of a line that may be kept; empty when nothing may. */
    String filter(String line) {
        if (line.startsWith("DETAIL:  ")) {
            inValues = true;
            Matcher key = KEY.matcher(line);
            return key.matches() ? key.group("start") + "(…)" + key.group("end") : "DETAIL:  " + OMITTED;
        }
        if (line.startsWith("CONTEXT:  ")) {
            inValues = true;
            Matcher context = CONTEXT.matcher(line);
            if (context.matches()) {
                return context.group("start");
            }
            return line.startsWith("CONTEXT:  COPY ") ? line : "CONTEXT:  " + OMITTED;
        }
        if (rowsAsInserts && line.matches("LINE \\d+: .*")) {
            inValues = true;
            return line.substring(0, line.indexOf(' ', "LINE ".length()) + 1) + OMITTED;
        }
        Matcher insert = INSERT.matcher(line);
        if (rowsAsInserts && line.startsWith("Command was: INSERT INTO ")) {
            inValues = true;
            return insert.matches() ? insert.group("start") + " (…)" : line;
        }
        if (PREFIXED.matcher(line).matches()) {
            inValues = false;
        } else if (inValues) {
            return "";
        }
        Matcher value = VALUE.matcher(line);
        if (line.startsWith("pg_restore: error: ") && value.matches()) {
            inValues = true;
            return value.group("start") + "(…)";
        }
        return line;
    }
}
