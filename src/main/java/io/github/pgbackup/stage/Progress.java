package io.github.pgbackup.stage;

import io.github.pgbackup.text.Counted;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The progress of a dump or restore, from the program's output with {@code --verbose}. */
public final class Progress implements LongConsumer, Supplier<String> {

    /** A message of pg_dump or pg_restore; a name that contains a line feed is cut and therefore unknown. */
    private static final Pattern TABLE =
            Pattern.compile("pg_\\w+: (?:dumping contents of|processing data for) table \"(.*?)\"?");

    /** Objects that come after the data of the tables, and take just as long. */
    private static final Pattern INDEX = Pattern.compile("pg_restore: creating (?:INDEX|CONSTRAINT|FK CONSTRAINT) .*");

    /** A message of the leader of several jobs; it omits the schema. */
    private static final Pattern FINISHED =
            Pattern.compile("pg_\\w+: finished item \\d+ TABLE DATA (.*)", Pattern.DOTALL);

    /** An estimate needs at least this share of the tables to be complete. */
    private static final double LEAST = 0.05;

    /** If more than this share of the tables is in progress with unknown progress, there is no estimate. */
    private static final double MOST_UNKNOWN = 0.2;

    private final Map<String, Long> sizes;
    private final LongSupplier nanos;
    private final long startedAt;
    private final int jobs;
    private final double all;

    /** Tables in progress, in the order in which they began. */
    private final Map<String, Long> running = new LinkedHashMap<>();

    private long bytes;
    private long bytesBefore;
    private int tables;
    private int indexes;
    private double done;

    /**
     * Begins to measure now.
     *
     * @param sizes the sizes of the tables in bytes, by their names
     * @param jobs the maximum number of the program's jobs
     * @param nanos the clock
     */
    public Progress(Map<String, Long> sizes, int jobs, LongSupplier nanos) {
        this.sizes = sizes;
        this.jobs = jobs;
        this.nanos = nanos;
        this.startedAt = nanos.getAsLong();
        this.all = sizes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Sets the number of bytes written so far. */
    @Override
    public synchronized void accept(long written) {
        bytes = written;
    }

    /** Processes a message of the program. */
    public synchronized void line(String line) {
        Matcher table = TABLE.matcher(line);
        if (table.matches()) {
            tables++;
            if (running.size() == jobs) {
                finished(running.keySet().iterator().next());
            }
            running.put(table.group(1), sizes.getOrDefault(table.group(1), 0L));
            bytesBefore = bytes;
            return;
        }
        Matcher finished = FINISHED.matcher(line);
        if (finished.matches()) {
            running.keySet().stream()
                    .filter(name -> name.endsWith("." + finished.group(1)))
                    .findFirst()
                    .ifPresent(this::finished);
        } else if (INDEX.matcher(line).matches()) {
            indexes++;
        }
    }

    private void finished(String table) {
        done += Objects.requireNonNullElse(running.remove(table), 0L);
    }

    /** The current progress; empty while nothing is known. */
    @Override
    public synchronized String get() {
        if (tables == 0 && bytes == 0) {
            return "";
        }
        String text = "table " + tables + " of " + sizes.size()
                + amount()
                + (indexes == 0 ? "" : ", " + Counted.of(indexes, "index or constraint", "indexes and constraints"));
        Duration left = tables == sizes.size() && indexes > 0 ? Duration.ZERO : left();
        return left.isZero() ? text : text + ", about " + Heartbeat.about(left) + " to go";
    }

    /** The sizes of the tables are unknown for an existing archive. */
    private String amount() {
        if (bytes > 0) {
            return String.format(Locale.ROOT, ", %,d MB written", bytes / 1_000_000);
        }
        return all == 0 ? "" : String.format(Locale.ROOT, ", %,.0f of %,.0f MB", done / 1e6, all / 1e6);
    }

    /** The remaining time in whole seconds; zero when there is no estimate. */
    private Duration left() {
        if (all == 0 || done < LEAST * all) {
            return Duration.ZERO;
        }
        double underWay = running.values().stream().mapToLong(Long::longValue).sum();
        double known = partOfTable();
        if (known >= underWay) {
            known = 0;
        }
        if (known == 0 && underWay > MOST_UNKNOWN * all) {
            return Duration.ZERO;
        }
        double share = (done + known) / all;
        double seconds = (nanos.getAsLong() - startedAt) / 1e9;
        return Duration.ofSeconds(Math.round(seconds * (1 - share) / share));
    }

    /**
     * The part of the only table in progress that is complete, estimated from the bytes that earlier tables produced;
     * zero when unknown. It is less than the table's own size, unless the table compresses worse than the others.
     */
    private double partOfTable() {
        return running.size() == 1 && bytesBefore > 0 ? (bytes - bytesBefore) * done / bytesBefore : 0;
    }
}
