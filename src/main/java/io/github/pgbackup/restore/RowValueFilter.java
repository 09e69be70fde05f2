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

    /** The message of an error without what it may quote of a row. */
    static String withoutValue(String message) {
        Matcher value = VALUE.matcher(message);
        if (value.matches()) {
            return value.group("start") + "(…)";
        }
        Matcher command = COMMAND.matcher(message);
        return command.matches() ? command.group("start").stripTrailing() + " (…)" : message;
    }

    /** Inside a DETAIL or CONTEXT, whose value may hold line feeds. */
    private boolean inValues;

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
