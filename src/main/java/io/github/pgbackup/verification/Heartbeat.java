package io.github.pgbackup.verification;

import io.github.pgbackup.Console;
import java.util.Locale;
import java.util.function.LongConsumer;

/** Says every half minute how far the dump is, so that a log shows life and is not flooded. */
final class Heartbeat implements LongConsumer {

    private static final long INTERVAL_NANOS = 30_000_000_000L;

    private final Console console;
    private long last = System.nanoTime();

    Heartbeat(Console console) {
        this.console = console;
    }

    @Override
    public void accept(long bytes) {
        long now = System.nanoTime();
        if (now - last >= INTERVAL_NANOS) {
            last = now;
            console.info(String.format(Locale.ROOT, "  %,d MB written", bytes / 1_000_000));
        }
    }
}
