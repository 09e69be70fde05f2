package io.github.pgbackup.verification;

import io.github.pgbackup.Console;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How far the dump or the restore is, by what the program tells with {@code --verbose}. */
final class Progress implements LongConsumer {

    /** pg_dump and pg_restore; a name may be broken by a line feed in it, and is then unknown. */
    private static final Pattern TABLE =
            Pattern.compile("pg_\\w+: (?:dumping contents of|processing data for) table \"(.*?)\"?");

    /** Before that much of the tables is done, an estimate says nothing. */
    private static final double LEAST = 0.05;

    private final Console console;
    private final Map<String, Long> sizes;
    private final LongSupplier nanos;
    private final long startedAt;
    private final double all;
    private long bytes;
    private int tables;
    private double done;
    private double current;

    /**
     * Begins now.
     *
     * @param sizes of the tables by their names, in whatever unit
     * @param nanos the clock
     */
    Progress(Console console, Map<String, Long> sizes, LongSupplier nanos) {
        this.console = console;
        this.sizes = sizes;
        this.nanos = nanos;
        this.startedAt = nanos.getAsLong();
        this.all = sizes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** So many bytes are written. */
    @Override
    public synchronized void accept(long written) {
        bytes = written;
        console.progress(text());
    }

    /** A message of the program. */
    synchronized void line(String line) {
        Matcher table = TABLE.matcher(line);
        if (table.matches()) {
            tables++;
            done += current;
            current = sizes.getOrDefault(table.group(1), 0L);
            console.progress(text());
        }
    }

    private String text() {
        double share = all == 0 ? 0 : done / all;
        String text = "  table " + tables + " of " + sizes.size()
                + (bytes == 0 ? "" : String.format(Locale.ROOT, ", %,d MB written", bytes / 1_000_000));
        return share < LEAST ? text : text + ", about " + left(share) + " to go";
    }

    private String left(double share) {
        double seconds = (nanos.getAsLong() - startedAt) / 1e9;
        Duration left = Duration.ofSeconds(Math.round(seconds * (1 - share) / share));
        return left.toMinutes() < 1 ? left.toSeconds() + " s" : left.toMinutes() + " min";
    }
}
