package io.github.pgbackup.test;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for another thread, process or server. */
public final class Await {

    private static final Duration USUALLY = Duration.ofSeconds(30);

    private Await() {}

    /** Waits at most half a minute. */
    public static void await(BooleanSupplier condition) {
        await(condition, USUALLY);
    }

    /**
     * Checks every 20 ms.
     *
     * @throws AssertionError if the condition does not become true in time
     */
    public static void await(BooleanSupplier condition, Duration atMost) {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - began > atMost.toNanos()) {
                throw new AssertionError("What is waited for takes longer than " + atMost.toSeconds() + " s.");
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while waiting.", e);
            }
        }
    }
}
