package io.github.pgbackup.restore;

import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.restore.RestoreError.Phase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses psql's messages about a plain dump in the C locale. Each names psql's current line, and the number of an entry
 * is the line in which it begins.
 *
 * <p>When a COPY fails before its rows, psql runs the rows as commands. Of the errors within one entry of rows, only
 * the first is kept, because the others quote rows.
 */
final class PsqlLog {

    private static final Pattern MESSAGE =
            Pattern.compile("psql:<stdin>:(\\d+): (ERROR:  |FATAL:  |PANIC:  |error: |fatal: )?(.*)", Pattern.DOTALL);

    private static final Pattern OF_PSQL = Pattern.compile("psql: (?:error|fatal): (.*)", Pattern.DOTALL);

    private final TreeMap<Integer, Entry> entries = new TreeMap<>();
    private final Set<Integer> failedRows = new HashSet<>();
    private final List<RestoreError> errors = new ArrayList<>();
    private Optional<String> last = Optional.empty();

    PsqlLog(TableOfContents contents) {
        contents.entries().forEach(entry -> entries.put(entry.dumpId(), entry));
    }

    /**
     * Processes the next line.
     *
     * @return the part that may be kept; empty when nothing may
     */
    Optional<String> accept(String line) {
        Matcher ofPsql = OF_PSQL.matcher(line);
        if (ofPsql.matches()) {
            last = Optional.of(RowValueFilter.withoutValue(ofPsql.group(1)));
            return last.map(message -> "psql: error: " + message);
        }
        Matcher message = MESSAGE.matcher(line);
        if (!message.matches()) {
            return Optional.empty(); // the rest of a message may quote anything
        }
        int number = Integer.parseInt(message.group(1));
        Map.Entry<Integer, Entry> found = entries.floorEntry(number);
        boolean ofRows = found != null && found.getValue().isTableData();
        if (ofRows && !failedRows.add(found.getKey())) {
            return Optional.empty();
        }
        String text = RowValueFilter.withoutValue(message.group(3));
        if (message.group(2) == null) {
            return Optional.of("line " + number + ": " + text); // a warning or notice
        }
        last = Optional.of(text);
        errors.add(new RestoreError(
                found == null ? null : found.getKey(),
                Phase.PROCESSING_TOC,
                found == null ? "" : "line " + number + ": " + found.getValue().object(),
                text,
                null,
                ""));
        return Optional.of("line " + number + ": error: " + text);
    }

    /** The errors in the order of the log. */
    List<RestoreError> errors() {
        return List.copyOf(errors);
    }

    /** The last error. */
    Optional<String> last() {
        return last;
    }
}
