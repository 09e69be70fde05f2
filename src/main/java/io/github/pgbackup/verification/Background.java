package io.github.pgbackup.verification;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** What runs beside a stage; whoever leaves the block early ends it and waits for its end. */
final class Background implements AutoCloseable {

    /** Ending a server or a query takes no longer. */
    private static final int PATIENCE_SECONDS = 15;

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "pgbackup-background");
        thread.setDaemon(true);
        return thread;
    });

    <T> Future<T> start(Callable<T> task) {
        return threads.submit(task);
    }

    @Override
    public void close() {
        threads.shutdownNow();
        boolean interrupted = Thread.interrupted();
        try {
            var unused = threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
