package io.github.pgbackup.report;

import com.samskivert.mustache.Template;
import io.github.pgbackup.history.History;
import io.github.pgbackup.history.PastRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One self-contained page of all runs in a history. */
public final class HistoryPage {

    /** Maximum number of runs to show of each database; with more, the page would be slow. */
    private static final int SHOWN = 1_000;

    /** Maximum number of tables to list of each database: those that changed most. */
    private static final int TABLES = 50;

    /** Height of a line, in units of its picture. In the strip, PASS takes a third of it, FAIL all of it. */
    private static final int HEIGHT = 60;

    private static final Template TEMPLATE = HtmlPage.template("history");

    private final String name;
    private final List<Series> series;
    private final History.Damage damage;

    private HistoryPage(String name, List<Series> series, History.Damage damage) {
        this.name = name;
        this.series = series;
        this.damage = damage;
    }

    /**
     * Writes the page of a history.
     *
     * @return when the last run of this database on this server began that passed; null if none did
     */
    public static @Nullable Instant write(History history, Path page, @Nullable String database, String server)
            throws IOException {
        Map<String, Series> series = new LinkedHashMap<>();
        History.Damage damage = history.forEach(run -> series.computeIfAbsent(
                        run.database() + "\n" + run.server(),
                        key -> new Series(Objects.requireNonNullElse(run.database(), "not reached"), run.server()))
                .add(run));
        AtomicFile.write(
                page,
                TEMPLATE.execute(new HistoryPage(
                        history.file().getFileName().toString(), new ArrayList<>(series.values()), damage)));
        Series own = series.get(database + "\n" + server);
        return own == null ? null : own.lastPass;
    }

    // ---- what the template reads ----

    /** The runs of one database. */
    static final class Series {

        private final String database;
        private final String server;
        private final Deque<PastRun> runs = new ArrayDeque<>();
        private long count;
        private @Nullable PastRun first;
        private @Nullable PastRun last;
        private @Nullable Instant lastPass;
        private @Nullable Gap longest;

        Series(String database, String server) {
            this.database = database;
            this.server = server;
        }

        void add(PastRun run) {
            count++;
            if (lastPass != null && (longest == null || between(run).compareTo(longest.time()) > 0)) {
                longest = new Gap(between(run), lastPass, run.startedAt());
            }
            if (run.passed()) {
                lastPass = run.startedAt();
                first = first == null ? run : first;
                last = run;
            }
            runs.addLast(run.withoutRows());
            if (runs.size() > SHOWN) {
                runs.removeFirst();
            }
        }

        private Duration between(PastRun run) {
            return Duration.between(Objects.requireNonNull(lastPass), run.startedAt());
        }

        String database() {
            return database;
        }

        String server() {
            return server;
        }

        PastRun newest() {
            return runs.getLast();
        }

        PastRun oldest() {
            return runs.getFirst();
        }

        long count() {
            return count;
        }

        long passed() {
            return runs.stream().filter(PastRun::passed).count();
        }

        int shown() {
            return runs.size();
        }

        /** Number of runs that are not shown; null if all are shown. */
        @Nullable Long left() {
            return count > runs.size() ? count - runs.size() : null;
        }

        @Nullable Instant lastPass() {
            return lastPass;
        }

        @Nullable Gap longestGap() {
            return longest;
        }

        List<Mark> marks() {
            List<Mark> marks = new ArrayList<>();
            for (PastRun run : runs) {
                int height = switch (run.verdict()) {
                    case "PASS" -> HEIGHT / 3;
                    case "FAIL" -> HEIGHT;
                    default -> HEIGHT * 2 / 3;
                };
                marks.add(new Mark(marks.size(), HEIGHT - height, height, run.verdict(), run.startedAt()));
            }
            return marks;
        }

        @Nullable Line restoreTime() {
            return Line.of(
                    "Restore time",
                    runs,
                    run -> run.restoreTime() == null ? null : run.restoreTime().toMillis(),
                    millis -> Wording.duration(Duration.ofMillis(millis)));
        }

        @Nullable Line size() {
            return Line.of("Size of the archive", runs, PastRun::bytes, Wording::size);
        }

        /** The tables that grew or shrank most between the first PASS and the last one. */
        Optional<HtmlPage.Listing<Growth>> tables() {
            if (first == null || last == null || first.equals(last)) {
                return Optional.empty();
            }
            Map<String, Long> before = first.rows();
            Map<String, Long> after = last.rows();
            TreeSet<String> names = new TreeSet<>(before.keySet());
            names.addAll(after.keySet());
            return HtmlPage.Listing.of(names.stream()
                    .map(name -> Growth.of(name, before.get(name), after.get(name)))
                    .sorted(Comparator.comparingLong((Growth growth) -> -Math.abs(growth.change()))
                            .thenComparing(Growth::name))
                    .limit(TABLES)
                    .toList());
        }

        @Nullable Instant firstPass() {
            return first == null ? null : first.startedAt();
        }

        /** The runs, the newest first. */
        List<Row> rows() {
            List<Row> rows = new ArrayList<>();
            runs.descendingIterator().forEachRemaining(run -> rows.add(Row.of(run)));
            return rows;
        }
    }

    /** The longest time from a PASS to the next run, whatever its verdict. */
    record Gap(Duration time, Instant from, Instant to) {}

    /** A run in the strip. */
    record Mark(int x, int y, int height, String verdict, Instant startedAt) {}

    /**
     * A value of each run, drawn as a line. The line has a gap at a run without the value.
     *
     * @param width of the picture, one unit per run
     */
    record Line(String title, int width, String path, String least, String most, String newest) {

        static @Nullable Line of(
                String title,
                Iterable<PastRun> runs,
                Function<PastRun, @Nullable Long> observation,
                Function<Long, String> wording) {
            long least = Long.MAX_VALUE;
            long most = Long.MIN_VALUE;
            long newest = 0;
            int known = 0;
            int width = 0;
            for (PastRun run : runs) {
                Long value = observation.apply(run);
                if (value != null) {
                    least = Math.min(least, value);
                    most = Math.max(most, value);
                    newest = value;
                    known++;
                }
                width++;
            }
            return known < 2
                    ? null
                    : new Line(
                            title,
                            width,
                            path(runs, observation, most),
                            wording.apply(least),
                            wording.apply(most),
                            wording.apply(newest));
        }

        private static String path(Iterable<PastRun> runs, Function<PastRun, @Nullable Long> observation, long most) {
            StringBuilder path = new StringBuilder();
            boolean drawing = false;
            int x = 0;
            for (PastRun run : runs) {
                Long value = observation.apply(run);
                if (value != null) {
                    double y = HEIGHT - 2 - (most == 0 ? 0 : (HEIGHT - 4) * (double) value / most);
                    path.append(String.format(Locale.ROOT, "%s%d.5 %.1f", drawing ? "L" : "M", x, y));
                    if (!drawing) {
                        // A line of length zero shows a run as a point if both its neighbours lack the value.
                        path.append("h0");
                    }
                }
                drawing = value != null;
                x++;
            }
            return path.toString();
        }
    }

    /** A table in both runs, or in one of them. */
    record Growth(String name, String before, String after, long change, String shownChange) {

        static Growth of(String name, @Nullable Long before, @Nullable Long after) {
            long change = (after == null ? 0 : after) - (before == null ? 0 : before);
            return new Growth(
                    name,
                    before == null ? "no table" : Wording.number(before),
                    after == null ? "no table" : Wording.number(after),
                    change,
                    (change > 0 ? "+" : "") + Wording.number(change));
        }

        boolean shrank() {
            return change < 0;
        }
    }

    /** A run in the list. */
    record Row(
            Instant startedAt,
            String verdict,
            int failed,
            String age,
            String size,
            String restoreTime,
            String comparison,
            String key) {

        static Row of(PastRun run) {
            return new Row(
                    run.startedAt(),
                    run.verdict(),
                    run.failedChecks(),
                    run.backupAge() == null ? "" : Wording.duration(run.backupAge()),
                    run.bytes() == null ? "" : Wording.size(run.bytes()),
                    run.restoreTime() == null ? "" : Wording.duration(run.restoreTime()),
                    run.comparison() == null ? "" : run.comparison(),
                    run.keyId() == null
                            ? "not signed"
                            : run.keyId().substring(0, Math.min(12, run.keyId().length())));
        }
    }

    String name() {
        return name;
    }

    int height() {
        return HEIGHT;
    }

    List<Series> series() {
        return series;
    }

    @Nullable String damaged() {
        return damage.count() == 0 ? null : "The history is damaged. " + damage.describe() + ".";
    }
}
