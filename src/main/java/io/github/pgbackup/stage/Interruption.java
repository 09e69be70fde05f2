package io.github.pgbackup.stage;

import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.text.ExactDuration;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Ends the run early, because of the time-out, Ctrl-C or the watcher of production. The run itself still cleans up and
 * writes its evidence: its thread is interrupted, and work that ignores an interrupt (a query) is cancelled. A shutdown
 * of the JVM waits for that.
 */
public final class Interruption implements AutoCloseable {

    /** An orderly end takes a second or two; a build that was asked to stop must not hang. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /**
     * Why the run was ended, and what to do about it.
     *
     * @param worthRetrying whether another attempt may succeed
     */
    public record Reason(String fact, Remedy remedy, boolean worthRetrying) {
        public Reason(String fact, Remedy remedy) {
            this(fact, remedy, false);
        }
    }

    private final Console console;
    private final Thread run = Thread.currentThread();
    private final AtomicReference<@Nullable Reason> reason = new AtomicReference<>();
    private final AtomicBoolean forGood = new AtomicBoolean();
    private final List<Runnable> cancellations = new CopyOnWriteArrayList<>();
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread timer;
    private final Thread hook;

    /** Creates an interruption for the run of the calling thread. */
    public Interruption(Duration timeout, Console console) {
        this.console = console;
        timer = new Thread(() -> awaitTimeout(timeout), "pgbackup-timeout");
        timer.setDaemon(true);
        timer.start();
        hook = new Thread(this::endWithJvm, "pgbackup-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Ends the run, unless it has already ended or was already interrupted for another reason. */
    public void interrupt(Reason why) {
        // Not during or after close(): a late interrupt would hit the rest of the build.
        synchronized (done) {
            if (!why.worthRetrying()) {
                forGood.set(true);
            }
            if (done.getCount() == 0 || !reason.compareAndSet(null, why)) {
                return;
            }
            run.interrupt();
            cancellations.forEach(Runnable::run);
            // Last, because logging can fail while the JVM shuts down.
            console.warn(why.fact() + " The run is cleaning up.");
        }
    }

    /**
     * Ends the run because the daemon is silent. It may answer again later, and another attempt searches for it again.
     */
    public void daemonIsSilent(String sentence) {
        interrupt(new Reason(sentence, Remedy.LOOK_AT_THE_DAEMON, true));
    }

    /** Registers an action for when the run is interrupted; it must not block or throw. */
    public void onInterrupt(Runnable cancel) {
        cancellations.add(cancel);
        if (reason.get() != null) {
            cancel.run();
        }
    }

    /** Runs the registered cancellations, for a run that ends without an interrupt. */
    public void cancel() {
        cancellations.forEach(Runnable::run);
    }

    /**
     * Forbids further attempts: work of this attempt is still running, and could write to the evidence of the next one.
     */
    public void endForGood() {
        forGood.set(true);
    }

    /**
     * Waits before another attempt and clears the reason for ending this one.
     *
     * @return whether there may be another attempt; false after the time-out or when the JVM is shutting down
     */
    public boolean pause(Duration pause) {
        try {
            synchronized (done) {
                if (forGood.get()) {
                    return false;
                }
                cancellations.clear();
                reason.set(null);
                // clear the interrupt that ended the attempt
                var unused = Thread.interrupted();
            }
            Thread.sleep(pause.toMillis());
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    public @Nullable Reason reason() {
        return reason.get();
    }

    private void awaitTimeout(Duration timeout) {
        try {
            if (!done.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                interrupt(new Reason(
                        "The time-out of " + ExactDuration.of(timeout) + " for the whole run has expired.",
                        Remedy.ALLOW_MORE_TIME));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void endWithJvm() {
        try {
            interrupt(new Reason(
                    "The build was ended (Ctrl-C or SIGTERM) before the verification had finished.",
                    Remedy.RUN_IT_AGAIN));
        } finally {
            awaitEnd();
        }
    }

    private void awaitEnd() {
        try {
            var unused = done.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Called when the run has ended and its evidence is written. */
    @Override
    public void close() {
        synchronized (done) {
            done.countDown();
        }
        // Our own interrupt must not reach the rest of the build, but another one must.
        if (Thread.interrupted() && reason.get() == null) {
            run.interrupt();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the JVM is shutting down, and the hook is waiting for this method
        }
    }
}
