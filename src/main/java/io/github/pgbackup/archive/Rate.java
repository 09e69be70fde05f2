package io.github.pgbackup.archive;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How fast an archive may leave pg_dump. Whoever reads no faster makes pg_dump wait for its reader and the server wait
 * for pg_dump.
 *
 * @param bytesPerSecond 32 kB or more, the least that pg_basebackup's {@code --max-rate} takes
 */
public record Rate(long bytesPerSecond) {

    private static final Pattern NOTATION = Pattern.compile("(\\d{1,9}) ?([kMG])B?(?:/s)?");
    private static final Map<String, Long> UNITS = Map.of("k", 1L << 10, "M", 1L << 20, "G", 1L << 30);
    private static final long LEAST = 32 << 10;

    /** What may leave at once after a pause, in time: a stream that stood still must not make up for it. */
    private static final long BURST = TimeUnit.MILLISECONDS.toNanos(100);

    /**
     * Reads a number and a unit as PostgreSQL writes them.
     *
     * @throws IllegalArgumentException for anything else; the message says what is allowed
     */
    public static Rate parse(String text) {
        Matcher matcher = NOTATION.matcher(text);
        if (matcher.matches()) {
            long bytes = Long.parseLong(matcher.group(1)) * UNITS.getOrDefault(matcher.group(2), 0L);
            if (bytes >= LEAST) {
                return new Rate(bytes);
            }
        }
        throw new IllegalArgumentException(
                "allowed is a number with the unit kB, MB or GB (1024 bytes and so on), from 32kB a second on, such as 20MB or 20 MB/s");
    }

    /**
     * Holds up the thread that reads a stream, so that it does not read faster. An interrupt ends the waiting; it is
     * left for who looks for it.
     *
     * @param progress is told, like what is returned, how many bytes have been read so far
     */
    public LongConsumer throttle(LongConsumer progress) {
        return new LongConsumer() {
            private long read;
            private long next = System.nanoTime();

            @Override
            public void accept(long bytes) {
                progress.accept(bytes);
                next = Math.max(next, System.nanoTime() - BURST) + (long) ((bytes - read) * 1e9 / bytesPerSecond);
                read = bytes;
                try {
                    TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
    }

    /** In the largest unit that gives a whole number, such as {@code 20 MB/s}. */
    @Override
    public String toString() {
        for (String unit : new String[] {"G", "M"}) {
            long size = UNITS.getOrDefault(unit, 1L);
            if (bytesPerSecond % size == 0) {
                return bytesPerSecond / size + " " + unit + "B/s";
            }
        }
        return bytesPerSecond / (1 << 10) + " kB/s";
    }
}
