package io.github.pgbackup.archive;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Maximum rate at which an archive leaves pg_dump. A slower reader makes pg_dump wait, and the server waits for
 * pg_dump.
 *
 * @param bytesPerSecond at least 32768, the minimum of pg_basebackup's {@code --max-rate}
 */
public record Rate(long bytesPerSecond) {

    private static final Pattern NOTATION = Pattern.compile("(\\d{1,9}) ?(?:([kMG])B?|([KMG])iB)(?:/s)?");
    private static final Map<String, Long> UNITS = Map.of("k", 1L << 10, "K", 1L << 10, "M", 1L << 20, "G", 1L << 30);
    private static final long MINIMUM = 32 << 10;

    /** How far the stream may run ahead, in nanoseconds: after a pause, it must not catch up. */
    private static final long BURST = TimeUnit.MILLISECONDS.toNanos(100);

    /**
     * Parses a number with a unit, in PostgreSQL's notation.
     *
     * @throws IllegalArgumentException when it is not valid; the message says what is
     */
    public static Rate parse(String text) {
        Matcher matcher = NOTATION.matcher(text);
        if (matcher.matches()) {
            long bytes = Long.parseLong(matcher.group(1))
                    * UNITS.getOrDefault(matcher.group(2) == null ? matcher.group(3) : matcher.group(2), 0L);
            if (bytes >= MINIMUM) {
                return new Rate(bytes);
            }
        }
        throw new IllegalArgumentException(
                "write a number with the unit KiB, MiB or GiB (or kB, MB or GB, which PostgreSQL also takes for powers of 1024), at"
                        + " least 32 KiB/s, such as 20 MiB/s");
    }

    /**
     * Slows down the thread that reads a stream. An interrupt ends the wait and stays set for the caller.
     *
     * @param progress receives the total number of bytes read so far, as does the result
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

    /** Returns the rate with the largest unit that gives a whole number, such as {@code 20 MiB/s}. */
    @Override
    public String toString() {
        for (String unit : new String[] {"G", "M"}) {
            long size = UNITS.getOrDefault(unit, 1L);
            if (bytesPerSecond % size == 0) {
                return bytesPerSecond / size + " " + unit + "iB/s";
            }
        }
        return bytesPerSecond / (1 << 10) + " KiB/s";
    }
}
