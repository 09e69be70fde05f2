package io.github.pgbackup.restore;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes the values of rows out of pg_restore's messages: PostgreSQL quotes them in DETAIL and CONTEXT and in some errors
 * about a value, and neither a log nor a report may hold them.
 */
final class RowValueFilter {

    private static final String LEFT_OUT = "(left out: it may quote a row)";

    private static final Pattern KEY = Pattern.compile("(?<start>DETAIL:  Key \\(.*?\\)=)\\(.*\\)(?<end> [^)]*)");
    private static final Pattern CONTEXT = Pattern.compile("(?<start>CONTEXT:  COPY .*?, line \\d+)(?:, column|:).*");

    /** SQLSTATE 22P02, 22003, 22007, 22008: the text ends with the value. */
    private static final Pattern VALUE = Pattern.compile(
            "(?<start>.*(?:invalid input (?:syntax|value) for|out of range|malformed)[^\"]*: )\".*", Pattern.DOTALL);

    private static final Pattern PREFIXED = Pattern.compile("pg_restore: .*|HINT:  .*|Command was: .*|LINE \\d+: .*");

    /** What a server or psql quotes of a row that it takes for a command. */
    private static final Pattern COMMAND = Pattern.compile(
            "(?<start>.*(?:at or near|unterminated quoted \\w+ at or near|invalid command) ?).*", Pattern.DOTALL);

    /** How an INSERT begins before its values, in which pg_dump writes the rows of a table with {@code --inserts}. */
    private static final Pattern INSERT = Pattern.compile("(?<start>Command was: INSERT INTO .*?VALUES).*");

    private final boolean rowsAsInserts;

    /** Inside a DETAIL, a CONTEXT or a command, whose values may hold line feeds. */
    private boolean inValues;

    /**
     * @param rowsAsInserts whether the archive holds rows as INSERT commands, which pg_restore quotes when they fail
     */
    RowValueFilter(boolean rowsAsInserts) {
        this.rowsAsInserts = rowsAsInserts;
    }

    /** The message of an error without what it may quote of a row. */
    static String withoutValue(String message) {
        Matcher value = VALUE.matcher(message);
        if (value.matches()) {
            return value.group("start") + "(…)";
        }
        Matcher command = COMMAND.matcher(message);
        return command.matches() ? command.group("start").stripTrailing() + " (…)" : message;
    }

    /** What may be kept of a line; empty when nothing. */
    String filter(String line) {
        if (line.startsWith("DETAIL:  ")) {
            inValues = true;
            Matcher key = KEY.matcher(line);
            return key.matches() ? key.group("start") + "(…)" + key.group("end") : "DETAIL:  " + LEFT_OUT;
        }
        if (line.startsWith("CONTEXT:  ")) {
            inValues = true;
            Matcher context = CONTEXT.matcher(line);
            if (context.matches()) {
                return context.group("start");
            }
            return line.startsWith("CONTEXT:  COPY ") ? line : "CONTEXT:  " + LEFT_OUT;
        }
        if (rowsAsInserts && line.matches("LINE \\d+: .*")) {
            inValues = true;
            return line.substring(0, line.indexOf(' ', "LINE ".length()) + 1) + LEFT_OUT;
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
