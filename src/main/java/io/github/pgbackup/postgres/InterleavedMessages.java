package io.github.pgbackup.postgres;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Restores the order of a client program's messages when its jobs share one standard error. Each job writes the parts
 * of a message one by one: {@code pg_restore:}, {@code error: }, the text and a line feed (pg_log_generic_v in
 * PostgreSQL's logging.c). So a line may begin with the names and labels of several messages, and the next line with
 * none.
 */
public final class InterleavedMessages {

    private static final Pattern LABEL = Pattern.compile("error: |warning: |detail: |hint: ");

    /** Progress messages of the jobs, which are never errors. */
    private static final Pattern PROGRESS = Pattern.compile(
            "(?:processing|skipping|launching|finished|entering|no item ready|creating|executing|disabling|enabling"
                    + "|restoring|restored|reducing|transferring|dropping|setting|connecting|while|from TOC entry"
                    + "|dumping contents of|reading|saving) .*",
            Pattern.DOTALL);

    private static final Pattern CONTINUATION =
            Pattern.compile("\\s*|Command was: .*|(?:DETAIL|HINT|CONTEXT|QUERY|LINE \\d+): .*", Pattern.DOTALL);

    private final String name;
    private final Pattern head;

    /** Number of messages whose name was read, but not yet their text. */
    private int texts;

    /** Labels whose text was not yet read. */
    private final Deque<String> labels = new ArrayDeque<>();

    /**
     * Starts without any line.
     *
     * @param program the program's name in its messages, for example {@code pg_restore}
     */
    public InterleavedMessages(String program) {
        this.name = program + ":";
        this.head = Pattern.compile("(?:" + Pattern.quote(name) + "|" + LABEL + "| )*");
    }

    /**
     * Processes the next line.
     *
     * @return for the first line of a message, the line as its job alone would have written it
     */
    public String next(String line) {
        Matcher start = head.matcher(line);
        int end = start.lookingAt() ? start.end() : 0;
        String text = line.substring(end);
        String before = line.substring(0, end);
        int names = before.split(Pattern.quote(name), -1).length - 1;
        List<String> own =
                LABEL.matcher(before).results().map(MatchResult::group).toList();
        if (names == 0) {
            boolean awaited = texts > 0
                    && (!own.isEmpty()
                            || PROGRESS.matcher(text).matches()
                            || !labels.isEmpty() && !CONTINUATION.matcher(line).matches());
            if (!awaited) {
                return line;
            }
        } else if (names == 1 && texts == 0 && line.startsWith(name + " ")) {
            return line;
        }
        texts += names - 1;
        labels.addAll(own);
        String label = PROGRESS.matcher(text).matches() ? null : labels.poll();
        return name + " " + (label == null ? "" : label) + text;
    }
}
