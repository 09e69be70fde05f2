package io.github.pgbackup.report;

import io.github.pgbackup.verification.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The failed checks as a table for a console. A name that is longer than its column has a line to itself, a value goes
 * on in the next one, so that nothing is cut but values that nobody would read there; the evidence has them whole.
 */
public final class FailureTable {

    /** As many checks as a person reads in a log; the rest is counted. */
    static final int MOST_ROWS = 20;

    private static final String INDENT = "  ";
    private static final String GAP = "  ";
    private static final int LEAST_NAME = 26;
    private static final int LONGEST_VALUE = 240;

    /** So much of what two long values have in common stands before their difference. */
    private static final int CONTEXT = 20;

    private FailureTable() {}

    /** A row as it is shown. */
    private record Row(String name, String expected, String actual) {
        static Row of(Check check) {
            String expected = Printable.text(check.expected());
            String actual = Printable.text(check.actual());
            return new Row(Printable.text(check.title()), clipped(expected, actual), clipped(actual, expected));
        }

        int width(Function<Row, String> cell) {
            return cell.apply(this).length();
        }
    }

    /**
     * A line each, without an end of line.
     *
     * @param width columns that a line may have, 60 or more
     */
    public static List<String> lines(List<Check> failed, int width) {
        Row head = new Row("check", "expected", "actual");
        List<Row> rows = failed.stream().limit(MOST_ROWS).map(Row::of).toList();
        int room = width - INDENT.length() - 2 * GAP.length();
        int expected = widest(head, rows, Row::expected);
        int actual = widest(head, rows, Row::actual);
        int name = Math.min(widest(head, rows, Row::name), Math.max(LEAST_NAME, room - expected - actual));
        int values = room - name;
        if (expected + actual > values) {
            expected = Math.min(expected, Math.max(values / 2, values - actual));
            actual = Math.min(actual, values - expected);
        }
        List<String> lines = new ArrayList<>();
        add(lines, head, name, expected, actual);
        add(lines, new Row("-".repeat(name), "-".repeat(expected), "-".repeat(actual)), name, expected, actual);
        for (Row row : rows) {
            add(lines, row, name, expected, actual);
        }
        if (failed.size() > rows.size()) {
            lines.add(INDENT + "and " + (failed.size() - rows.size()) + " more, in the report");
        }
        return lines;
    }

    private static int widest(Row head, List<Row> rows, Function<Row, String> cell) {
        return Stream.concat(Stream.of(head), rows.stream())
                .mapToInt(row -> row.width(cell))
                .max()
                .orElseThrow();
    }

    private static void add(List<String> lines, Row row, int name, int expected, int actual) {
        List<String> names = List.of(row.name());
        if (row.name().length() > name) {
            // In lines of its own, so that it can be read and copied.
            wrapped(row.name(), name + expected + actual + 2 * GAP.length()).forEach(line -> lines.add(INDENT + line));
            names = List.of();
        }
        List<String> left = wrapped(row.expected(), expected);
        List<String> right = wrapped(row.actual(), actual);
        for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
            lines.add(
                    (INDENT + padded(names, i, name) + GAP + padded(left, i, expected) + GAP + padded(right, i, actual))
                            .stripTrailing());
        }
    }

    private static String padded(List<String> lines, int i, int width) {
        String line = i < lines.size() ? lines.get(i) : "";
        return line + " ".repeat(width - line.length());
    }

    private static List<String> wrapped(String text, int width) {
        List<String> lines = new ArrayList<>();
        String rest = text;
        while (rest.length() > width) {
            int end = end(rest, width);
            lines.add(rest.substring(0, end).stripTrailing());
            rest = rest.substring(end).stripLeading();
        }
        lines.add(rest);
        return lines;
    }

    /** Where a line of that width ends best: at a blank, after what separates the parts of a name, or else anywhere. */
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

    /** Of a long value the part where it begins to differ from the other one. */
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
