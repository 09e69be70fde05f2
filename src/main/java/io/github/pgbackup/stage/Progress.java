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

/** How far the dump or the restore is, by what the program tells with {@code --verbose}. */
public final class Progress implements LongConsumer, Supplier<String> {

    /** pg_dump and pg_restore; a name may be broken by a line feed in it, and is then unknown. */
    private static final Pattern TABLE =
            Pattern.compile("pg_\\w+: (?:dumping contents of|processing data for) table \"(.*?)\"?");

    /** What comes after the data of a table, and takes as long. */
    private static final Pattern INDEX = Pattern.compile("pg_restore: creating (?:INDEX|CONSTRAINT|FK CONSTRAINT) .*");

    /** By the leader of several jobs, without the schema. */
    private static final Pattern FINISHED =
            Pattern.compile("pg_\\w+: finished item \\d+ TABLE DATA (.*)", Pattern.DOTALL);

    /** Before that much of the tables is done, an estimate says nothing. */
    private static final double LEAST = 0.05;

    /** While more of the tables is under way, and nobody knows how much of that is done, an estimate is a guess. */
    private static final double MOST_UNKNOWN = 0.2;

    private final Map<String, Long> sizes;
    private final LongSupplier nanos;
    private final long startedAt;
    private final int jobs;
    private final double all;

    /** Tables under way, the first to begin first. */
    private final Map<String, Long> running = new LinkedHashMap<>();

    private long bytes;
    private long bytesBefore;
    private int tables;
    private int indexes;
    private double done;

    /**
     * Begins now.
     *
     * @param sizes of the tables by their names, in bytes
     * @param jobs that the program has at most
     * @param nanos the clock
     */
    public Progress(Map<String, Long> sizes, int jobs, LongSupplier nanos) {
        this.sizes = sizes;
        this.jobs = jobs;
        this.nanos = nanos;
        this.startedAt = nanos.getAsLong();
        this.all = sizes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** So many bytes are written. */
    @Override
    public synchronized void accept(long written) {
        bytes = written;
    }

    /** A message of the program. */
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

    /** How far it is now; empty while nothing is known. */
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

    /** Of an archive that was there already nobody knows how large its tables are. */
    private String amount() {
        if (bytes > 0) {
            return String.format(Locale.ROOT, ", %,d MB written", bytes / 1_000_000);
        }
        return all == 0 ? "" : String.format(Locale.ROOT, ", %,.0f of %,.0f MB", done / 1e6, all / 1e6);
    }

    /** In whole seconds; zero where nothing can be said. */
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
     * How much of the one table under way is done, by the bytes that those before it made; zero when it is not known. Less
     * than a table's own size as long as it is not more compressible than the others.
     */
    private double partOfTable() {
        return running.size() == 1 && bytesBefore > 0 ? (bytes - bytesBefore) * done / bytesBefore : 0;
    }
}
