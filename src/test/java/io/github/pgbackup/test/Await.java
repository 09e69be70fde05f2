package io.github.pgbackup.test;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what another thread, process or server does. */
public final class Await {

    private static final Duration USUALLY = Duration.ofSeconds(30);

    private Await() {}

    /** Waits half a minute at most. */
    public static void await(BooleanSupplier condition) {
        await(condition, USUALLY);
    }

    /**
     * Looks every 20 ms.
     *
     * @throws AssertionError when it does not hold by then
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
