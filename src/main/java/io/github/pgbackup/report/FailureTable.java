package io.github.pgbackup.report;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.evidence.VerificationReport.GradedError;
import io.github.pgbackup.expectation.Observation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The failed checks for a console: as a table if the values are short, otherwise with each value on lines of its own.
 * Only values too long to read there are cut; the evidence contains them in full.
 */
public final class FailureTable {

    /** Number of checks that a person reads in a log; the others are only counted. */
    static final int MOST_ROWS = 20;

    private static final int MOST_ERRORS = 10;
    private static final int MOST_DIFF_LINES = 30;
    private static final String INDENT = "  ";
    private static final String GAP = "  ";
    private static final int LEAST_NAME = 26;
    private static final int LONGEST_VALUE = 240;

    /** Number of equal characters to show before the first difference of two long values. */
    private static final int CONTEXT = 20;

    private final int width;
    private final List<String> lines = new ArrayList<>();

    private FailureTable(int width) {
        this.width = width;
    }

    /** A check to show: its values by side, each on one line or more. */
    private record Row(String name, Map<String, List<String>> values, List<String> diff, Optional<String> hint) {

        static Row of(Check check) {
            Map<String, String> values = new LinkedHashMap<>();
            values.put("expected", check.expected());
            check.observations()
                    .ifPresentOrElse(
                            observations -> {
                                values.put("archive", shown(observations.archive()));
                                values.put("restored", shown(observations.restored()));
                                values.put("source", shown(observations.source()));
                            },
                            () -> values.put("actual", check.actual()));
            String other = check.observations()
                    .map(observations -> observations.restored().text())
                    .orElse(check.actual());
            Map<String, List<String>> shown = new LinkedHashMap<>();
            values.forEach((side, value) -> shown.put(
                    side, Printable.lines(clipped(value, side.equals("expected") ? other : check.expected()))));
            return new Row(Printable.text(check.title()), shown, UnifiedDiff.of(check), check.hint());
        }

        private static String shown(Observation observation) {
            return observation.state() == Observation.State.UNKNOWN ? "-" : observation.text();
        }

        int widthOf(String side) {
            return Objects.requireNonNull(values.get(side)).stream()
                    .mapToInt(String::length)
                    .max()
                    .orElse(0);
        }
    }

    /**
     * The lines, without line ends: first the differences that the comparison found, then the expectations, then what
     * pg_restore reported.
     *
     * @param width columns that a line may have, 60 or more
     */
    public static List<String> lines(VerificationReport report, int width) {
        FailureTable table = new FailureTable(width);
        List<Row> rows = Stream.concat(
                        report.failedChecks().stream()
                                .filter(check -> check.observations().isEmpty()),
                        report.failedChecks().stream()
                                .filter(check -> check.observations().isPresent()))
                .limit(MOST_ROWS)
                .map(Row::of)
                .toList();
        table.rows(rows, List.of("expected", "actual"));
        table.rows(rows, List.of("expected", "archive", "restored", "source"));
        int more = report.failedChecks().size() - rows.size();
        if (more > 0) {
            table.lines.add(INDENT + "and " + more + " more, in the report");
        }
        // An error that names no entry is a failed check.
        table.errors(report.restored().errors().stream()
                .filter(error -> !error.harmless() && !error.entry().isEmpty())
                .toList());
        return table.lines;
    }

    /** Adds the checks that have these values: first those that fit into columns, then the others. */
    private void rows(List<Row> all, List<String> sides) {
        List<Row> rows = all.stream()
                .filter(row -> List.copyOf(row.values().keySet()).equals(sides))
                .toList();
        int room = width - INDENT.length() - sides.size() * GAP.length();
        List<Row> narrow = rows.stream()
                .filter(row -> widthOf(List.of(row), widths(List.of(row), sides)) <= room)
                .filter(row -> row.values().values().stream().allMatch(value -> value.size() == 1))
                .filter(row -> row.diff().isEmpty())
                .toList();
        // Together they can be wider than each of them alone.
        while (widthOf(narrow, widths(narrow, sides)) > room) {
            narrow = narrow.subList(0, narrow.size() - 1);
        }
        if (!narrow.isEmpty()) {
            table(narrow, sides, widths(narrow, sides));
        }
        for (Row row : rows) {
            if (!narrow.contains(row)) {
                block(row);
            }
        }
    }

    private static int widthOf(List<Row> rows, Map<String, Integer> widths) {
        int name = rows.stream().mapToInt(row -> row.name().length()).max().orElse(0);
        return Math.min(LEAST_NAME, name)
                + widths.values().stream().mapToInt(Integer::intValue).sum();
    }

    private static Map<String, Integer> widths(List<Row> rows, List<String> sides) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        sides.forEach(side -> widths.put(
                side,
                Math.max(
                        side.length(),
                        rows.stream().mapToInt(row -> row.widthOf(side)).max().orElse(0))));
        return widths;
    }

    private void table(List<Row> rows, List<String> sides, Map<String, Integer> widths) {
        int values = widths.values().stream().mapToInt(Integer::intValue).sum() + sides.size() * GAP.length();
        int widest = Stream.concat(Stream.of("check"), rows.stream().map(Row::name))
                .mapToInt(String::length)
                .max()
                .orElseThrow();
        int name = Math.min(widest, width - INDENT.length() - values);
        line("check", name, sides, widths);
        line(
                "-".repeat(name),
                name,
                sides.stream()
                        .map(side -> "-".repeat(widths.getOrDefault(side, 0)))
                        .toList(),
                widths);
        for (Row row : rows) {
            String first = row.name();
            if (first.length() > name) {
                // On lines of its own, so that it can be read and copied.
                wrap(INDENT, INDENT, first);
                first = "";
            }
            line(
                    first,
                    name,
                    row.values().values().stream().map(value -> value.get(0)).toList(),
                    widths);
            hint(row);
        }
    }

    private void line(String name, int nameWidth, List<String> values, Map<String, Integer> widths) {
        StringBuilder line = new StringBuilder(INDENT).append(padded(name, nameWidth));
        int i = 0;
        for (int valueWidth : widths.values()) {
            line.append(GAP).append(padded(values.get(i++), valueWidth));
        }
        lines.add(line.toString().stripTrailing());
    }

    private void block(Row row) {
        wrap(INDENT, INDENT, row.name());
        if (!row.diff().isEmpty()) {
            diff(row.diff());
            hint(row);
            return;
        }
        int label =
                row.values().keySet().stream().mapToInt(String::length).max().orElse(0);
        row.values().forEach((side, value) -> {
            String first = INDENT.repeat(2) + padded(side, label) + GAP;
            String following = " ".repeat(first.length());
            for (int i = 0; i < value.size(); i++) {
                wrap(i == 0 ? first : following, following, value.get(i));
            }
        });
        hint(row);
    }

    private void diff(List<String> diff) {
        diff.stream().limit(MOST_DIFF_LINES).forEach(line -> wrap(INDENT.repeat(2), INDENT.repeat(3), line));
        if (diff.size() > MOST_DIFF_LINES) {
            lines.add(INDENT.repeat(2) + "and " + (diff.size() - MOST_DIFF_LINES) + " more lines, in the report");
        }
    }

    private void hint(Row row) {
        row.hint().ifPresent(hint -> wrap(INDENT.repeat(2), INDENT.repeat(2), Printable.text(hint)));
    }

    private void errors(List<GradedError> errors) {
        if (errors.isEmpty()) {
            return;
        }
        lines.add(INDENT + "pg_restore reported:");
        for (GradedError error : errors.subList(0, Math.min(MOST_ERRORS, errors.size()))) {
            String text = error.entry() + ": " + error.message() + " (" + error.reason() + ")";
            wrap(INDENT + "- ", INDENT.repeat(2), Printable.text(clipped(text, "")));
        }
        if (errors.size() > MOST_ERRORS) {
            lines.add(INDENT + "and " + (errors.size() - MOST_ERRORS) + " more, in the report");
        }
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private void wrap(String first, String following, String text) {
        String rest = text;
        String prefix = first;
        while (prefix.length() + rest.length() > width) {
            int end = end(rest, width - prefix.length());
            lines.add(prefix + rest.substring(0, end).stripTrailing());
            rest = rest.substring(end).stripLeading();
            prefix = following;
        }
        lines.add((prefix + rest).stripTrailing());
    }

    /** Where to end a line of that width: at a blank, after a separator within a name, or else anywhere. */
    private static int end(String text, int width) {
        int blank = text.lastIndexOf(' ', width);
        if (blank > width / 3) {
            return blank;
        }
        for (int end = width; end > width / 2; end--) {
            if (".,:;/_-)".indexOf(text.charAt(end - 1)) >= 0) {
                return end;
            }
        }
        if (blank > 0) {
            return blank;
        }
        return Character.isHighSurrogate(text.charAt(width - 1)) ? width - 1 : width;
    }

    /** The part of a long value where it begins to differ from the other value. */
    private static String clipped(String value, String other) {
        if (value.length() <= LONGEST_VALUE) {
            return value;
        }
        int same = 0;
        while (same < Math.min(value.length(), other.length()) && value.charAt(same) == other.charAt(same)) {
            same++;
        }
        int begin = Math.max(0, same - CONTEXT);
        int end = Math.min(value.length(), begin + LONGEST_VALUE);
        return (begin == 0 ? "" : "…") + value.substring(begin, end) + (end == value.length() ? "" : "…");
    }
}
