package io.github.pgbackup.verification;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How far the dump or the restore is, by what the program tells with {@code --verbose}. */
final class Progress implements LongConsumer, Supplier<String> {

    /** pg_dump and pg_restore; a name may be broken by a line feed in it, and is then unknown. */
    private static final Pattern TABLE =
            Pattern.compile("pg_\\w+: (?:dumping contents of|processing data for) table \"(.*?)\"?");

    /** What comes after the data of a table, and takes as long. */
    private static final Pattern INDEX = Pattern.compile("pg_restore: creating (?:INDEX|CONSTRAINT|FK CONSTRAINT) .*");

    /** What PostgreSQL calls a page, in all but builds of one's own. */
    private static final double PAGE_MEGABYTES = 0.008192;

    /** Before that much of the tables is done, an estimate says nothing. */
    private static final double LEAST = 0.05;

    private final Map<String, Long> sizes;
    private final LongSupplier nanos;
    private final long startedAt;
    private final double all;
    private long bytes;
    private int tables;
    private int indexes;
    private double done;
    private double current;

    /**
     * Begins now.
     *
     * @param sizes of the tables by their names, in pages
     * @param nanos the clock
     */
    Progress(Map<String, Long> sizes, LongSupplier nanos) {
        this.sizes = sizes;
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
    synchronized void line(String line) {
        Matcher table = TABLE.matcher(line);
        if (table.matches()) {
            tables++;
            done += current;
            current = sizes.getOrDefault(table.group(1), 0L);
        } else if (INDEX.matcher(line).matches()) {
            indexes++;
        }
    }

    /** How far it is now; empty while nothing is known. */
    @Override
    public synchronized String get() {
        if (tables == 0 && bytes == 0) {
            return "";
        }
        double share = all == 0 ? 0 : done / all;
        String text = "table " + tables + " of " + sizes.size()
                + (bytes == 0
                        ? String.format(Locale.ROOT, ", %,.0f of %,.0f MB", done * PAGE_MEGABYTES, all * PAGE_MEGABYTES)
                        : String.format(Locale.ROOT, ", %,d MB written", bytes / 1_000_000))
                + (indexes == 0 ? "" : ", " + Counted.of(indexes, "index or constraint", "indexes and constraints"));
        return share < LEAST || tables == sizes.size() && indexes > 0
                ? text
                : text + ", about " + left(share) + " to go";
    }

    private String left(double share) {
        double seconds = (nanos.getAsLong() - startedAt) / 1e9;
        Duration left = Duration.ofSeconds(Math.round(seconds * (1 - share) / share));
        return Heartbeat.about(left);
    }
}
