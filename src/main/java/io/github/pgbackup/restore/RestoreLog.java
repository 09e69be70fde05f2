package io.github.pgbackup.restore;

import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.restore.RestoreError.Phase;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Parses the messages of {@code pg_restore --verbose} in the C locale, line by line, and assigns each error to its
 * entry in the archive. For their format, see warn_or_exit_horribly in PostgreSQL's pg_backup_archiver.c.
 *
 * <p>pg_restore names an entry once, before the entry's first error. With several jobs, the messages of its workers
 * interleave, so the last named entry may not be the one that failed; in that case the failed command decides.
 */
public final class RestoreLog {

    private static final String PREFIX = "pg_restore: ";
    private static final Pattern FROM_ENTRY = Pattern.compile("from TOC entry (\\d+); (.*)", Pattern.DOTALL);
    private static final Pattern WHILE = Pattern.compile("while (INITIALIZING|PROCESSING TOC|FINALIZING):");
    private static final Pattern IGNORED = Pattern.compile("warning: errors ignored on restore: (\\d+)");
    private static final Pattern COPY_FAILED = Pattern.compile("COPY failed for table \"(.*)\": ", Pattern.DOTALL);
    private static final int MAX_UNKNOWN_LINES = 100;

    private final Map<Integer, Entry> entries;

    /** Names with line feeds that look like a message, split into lines. */
    private final List<List<String>> namesWithLineFeeds;

    private final List<RestoreError> errors = new ArrayList<>();
    private final List<String> unknownLines = new ArrayList<>();

    private Phase phase = Phase.UNKNOWN;
    private @Nullable Integer dumpId;
    private String entry = "";
    private OptionalInt ignored = OptionalInt.empty();

    private String previous = "";
    private Open open = Open.NOTHING;
    private final StringBuilder message = new StringBuilder();
    private final StringBuilder detail = new StringBuilder();
    private final StringBuilder command = new StringBuilder();

    /** The expected rest of the failed command; its lines may look like messages. */
    private final Deque<String> rest = new ArrayDeque<>();

    /** What a line without a prefix continues. */
    private enum Open {
        NOTHING,
        VERBOSE,
        ENTRY,
        MESSAGE,
        DETAIL,
        COMMAND
    }

    public RestoreLog(TableOfContents contents) {
        namesWithLineFeeds = Stream.concat(
                        Stream.of(contents.databaseName()),
                        contents.entries().stream()
                                .flatMap(each -> Stream.of(each.schema(), each.tag(), each.owner(), each.tablespace())))
                .filter(name -> name.contains("\n" + PREFIX))
                .distinct()
                .map(name -> List.of(name.split("\n", -1)))
                .toList();
        entries = contents.entries().stream().collect(Collectors.toMap(Entry::dumpId, Function.identity()));
    }

    /** Processes the next line, without its line feed. */
    public void accept(String line) {
        String before = previous;
        previous = line;
        if (open == Open.COMMAND && line.equals(rest.peek())) {
            command.append('\n').append(rest.remove());
        } else if (line.startsWith(PREFIX) && !isRestOfName(before, line)) {
            acceptMessage(line.substring(PREFIX.length()));
        } else {
            acceptContinuation(line);
        }
    }

    /** The rest of a name with a line feed may look like a message. */
    private boolean isRestOfName(String before, String line) {
        for (List<String> name : namesWithLineFeeds) {
            for (int part = 1; part < name.size(); part++) {
                boolean last = part == name.size() - 1;
                if (before.endsWith(name.get(part - 1))
                        && (last ? line.startsWith(name.get(part)) : line.equals(name.get(part)))) {
                    return true;
                }
            }
        }
        return false;
    }

    private void acceptMessage(String text) {
        Matcher fromEntry = FROM_ENTRY.matcher(text);
        Matcher stage = WHILE.matcher(text);
        Matcher ignoredErrors = IGNORED.matcher(text);
        if (text.startsWith("detail: ") || text.startsWith("hint: ")) {
            append(detail, text);
            return;
        }
        endError();
        if (text.startsWith("error: ")) {
            open = Open.MESSAGE;
            message.append(text.substring("error: ".length()));
        } else if (fromEntry.matches()) {
            open = Open.ENTRY;
            dumpId = Integer.valueOf(fromEntry.group(1));
            entry = fromEntry.group(2);
        } else if (stage.matches()) {
            phase = Phase.valueOf(stage.group(1).replace(' ', '_'));
        } else if (ignoredErrors.matches()) {
            ignored = OptionalInt.of(Integer.parseInt(ignoredErrors.group(1)));
        } else {
            open = Open.VERBOSE;
        }
    }

    private void acceptContinuation(String line) {
        boolean inError = open == Open.MESSAGE || open == Open.DETAIL;
        if (inError && line.startsWith("Command was: ")) {
            open = Open.COMMAND;
            String first = line.substring("Command was: ".length());
            command.append(first);
            expectRestOf(first);
        } else if (inError && line.matches("(?s)(DETAIL|HINT|CONTEXT|QUERY|LINE \\d+): .*")) {
            open = Open.DETAIL;
            append(detail, line);
        } else {
            switch (open) {
                case MESSAGE -> append(message, line);
                case DETAIL -> append(detail, line);
                case COMMAND -> append(command, line);
                case ENTRY -> entry = entry + "\n" + line;
                case NOTHING, VERBOSE -> keepUnknown(line);
            }
        }
    }

    /**
     * A definition may contain a line that looks like a message of pg_restore; the archive shows where the definition
     * ends.
     */
    private void expectRestOf(String first) {
        rest.clear();
        Entry current = dumpId == null ? null : entries.get(dumpId);
        if (current != null) {
            List<String> lines = current.definition().lines().toList();
            int start = lines.indexOf(first);
            if (start >= 0) {
                rest.addAll(lines.subList(start + 1, lines.size()));
            }
        }
    }

    private void keepUnknown(String line) {
        // The lines of a name with line feeds continue a verbose message; they are not unknown.
        if (open == Open.NOTHING && !line.isBlank() && unknownLines.size() < MAX_UNKNOWN_LINES) {
            unknownLines.add(line);
        }
    }

    private static void append(StringBuilder text, String line) {
        text.append(text.isEmpty() ? "" : "\n").append(line);
    }

    private void endError() {
        if (!message.isEmpty()) {
            String failedCommand = command.toString().stripTrailing();
            Optional<Entry> actual = misnamed(failedCommand);
            errors.add(new RestoreError(
                    actual.map(Entry::dumpId).orElse(dumpId),
                    phase,
                    actual.map(other -> "%d %d %s %s %s"
                                    .formatted(
                                            other.tableOid(),
                                            other.oid(),
                                            other.description(),
                                            other.tag(),
                                            other.owner()))
                            .orElse(entry),
                    message.toString().stripTrailing(),
                    detail.isEmpty() ? null : detail.toString().stripTrailing(),
                    failedCommand));
            message.setLength(0);
            detail.setLength(0);
            command.setLength(0);
        }
        rest.clear();
        open = Open.NOTHING;
    }

    /** The only entry whose command or rows failed, if pg_restore last named another one. */
    private Optional<Entry> misnamed(String failedCommand) {
        Entry named = dumpId == null ? null : entries.get(dumpId);
        Matcher copy = COPY_FAILED.matcher(message);
        boolean inCopy = copy.lookingAt();
        if (!inCopy && failedCommand.isEmpty()) {
            return Optional.empty();
        }
        List<Entry> candidates = entries.values().stream()
                .filter(candidate -> inCopy
                        ? candidate.isTableData() && candidate.tag().equals(copy.group(1))
                        : candidate.definition().contains(failedCommand))
                .toList();
        return (named != null && candidates.contains(named)) || candidates.size() != 1
                ? Optional.empty()
                : Optional.of(candidates.get(0));
    }

    /** The errors in the order of the log; call this after the last line. */
    public List<RestoreError> errors() {
        endError();
        return List.copyOf(errors);
    }

    /** The number of errors that pg_restore counted itself; empty when it did not reach its end, or had no errors. */
    public OptionalInt ignoredErrors() {
        return ignored;
    }

    /** Lines of unknown meaning, at most 100. */
    public List<String> unknownLines() {
        return List.copyOf(unknownLines);
    }
}
