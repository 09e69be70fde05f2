package io.github.pgbackup.stage;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Work in the background of a stage. Closing it cancels the work and waits for its end. */
public final class Background implements AutoCloseable {

    /** How long to wait for a server or a query to end. */
    private static final int PATIENCE_SECONDS = 15;

    /** How long to wait for work that reacts to an interrupt. */
    private static final int HEARING_MILLIS = 200;

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "pgbackup-background");
        thread.setDaemon(true);
        return thread;
    });

    private final Runnable cancel;
    private final Runnable onStraggler;
    private @Nullable Thread alongside;
    private @Nullable Exception failure;

    /**
     * Starts no work yet.
     *
     * @param cancel cancels work that ignores an interrupt, such as a query; called on closing when work is still
     *     running
     * @param onStraggler called when work keeps running even after that
     */
    public Background(Runnable cancel, Runnable onStraggler) {
        this.cancel = cancel;
        this.onStraggler = onStraggler;
    }

    public <T> Future<T> start(Callable<T> task) {
        return threads.submit(() -> {
            try {
                return task.call();
            } catch (Exception e) {
                fail(e);
                throw e;
            }
        });
    }

    /**
     * Runs a long task in this thread, and interrupts it when work in the background fails: there is no point in
     * waiting for a dump that cannot be restored.
     *
     * @throws Exception the first failure in the background, if that is what ended the task
     */
    public <T> T alongside(Callable<T> task) throws Exception {
        enter();
        try {
            return task.call();
        } finally {
            leave();
        }
    }

    private synchronized void fail(Exception e) {
        if (failure == null) {
            failure = e;
        }
        if (alongside != null) {
            alongside.interrupt();
        }
    }

    private synchronized void enter() throws Exception {
        throwFailure();
        alongside = Thread.currentThread();
    }

    /** Throws the failure instead of the interrupt that it caused, which must not reach later work. */
    private synchronized void leave() throws Exception {
        alongside = null;
        throwFailure();
    }

    private void throwFailure() throws Exception {
        if (failure != null) {
            var unused = Thread.interrupted();
            throw failure;
        }
    }

    public static <T> T result(Future<T> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        boolean interrupted = Thread.interrupted();
        try {
            if (!threads.awaitTermination(HEARING_MILLIS, TimeUnit.MILLISECONDS)) {
                cancel.run();
                if (!threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    onStraggler.run();
                }
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
