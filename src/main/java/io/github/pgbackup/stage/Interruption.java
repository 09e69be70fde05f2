package io.github.pgbackup.stage;

import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Ends the run early, by the time-out, by Ctrl-C or by the watcher of production, in such a way that the run itself
 * tidies up and writes its evidence: the thread of the run is interrupted, and what does not hear that (a query) is
 * broken off. When the JVM is to end, its end waits for that.
 */
public final class Interruption implements AutoCloseable {

    /** An orderly end takes a second or two; a build that is told to stop must not hang. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /**
     * Why the run was ended, and what to do about it.
     *
     * @param worthRetrying whether another attempt may come to its end
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

    /** Watches over the run of the calling thread. */
    public Interruption(Duration timeout, Console console) {
        this.console = console;
        timer = new Thread(() -> awaitTimeout(timeout), "pgbackup-timeout");
        timer.setDaemon(true);
        timer.start();
        hook = new Thread(this::endWithJvm, "pgbackup-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Ends the run, if it has not come to its end, or been ended for another reason, already. */
    public void interrupt(Reason why) {
        // Not while it is being closed: an interrupt after that would hit the rest of the build.
        synchronized (done) {
            if (!why.worthRetrying()) {
                forGood.set(true);
            }
            if (done.getCount() == 0 || !reason.compareAndSet(null, why)) {
                return;
            }
            run.interrupt();
            cancellations.forEach(Runnable::run);
            // Last, since a log can fail while the JVM ends.
            console.warn(why.fact() + " What it has begun is tidied up.");
        }
    }

    /** The daemon may answer again in a while, and another attempt looks for it anew. */
    public void daemonIsSilent(String sentence) {
        interrupt(new Reason(sentence, Remedy.LOOK_AT_THE_DAEMON, true));
    }

    /** What else to end when the run is interrupted: it must not block and must not throw. */
    public void onInterrupt(Runnable cancel) {
        cancellations.add(cancel);
        if (reason.get() != null) {
            cancel.run();
        }
    }

    /** Breaks off what was to be broken off by an interrupt, for a run that ends by itself. */
    public void cancel() {
        cancellations.forEach(Runnable::run);
    }

    /** Allows no further attempt: something of this one still runs, and would reach the next one's evidence. */
    public void endForGood() {
        forGood.set(true);
    }

    /**
     * Waits before another attempt, whose reasons to end are its own.
     *
     * @return whether there may be one; not when the time-out or the end of the JVM came before it
     */
    public boolean pause(Duration pause) {
        try {
            synchronized (done) {
                if (forGood.get()) {
                    return false;
                }
                cancellations.clear();
                reason.set(null);
                // what was left of the interrupt that ended the attempt
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
                        "The time-out of " + timeout + " for the whole run is over.", Remedy.ALLOW_MORE_TIME));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void endWithJvm() {
        try {
            interrupt(new Reason(
                    "The build was ended (Ctrl-C or SIGTERM) before the verification was.", Remedy.RUN_IT_AGAIN));
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

    /** The run is over, its evidence written. */
    @Override
    public void close() {
        synchronized (done) {
            done.countDown();
        }
        // Our own interrupt must not reach the rest of the build; one that is not ours must.
        if (Thread.interrupted() && reason.get() == null) {
            run.interrupt();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the JVM is ending, and the hook is what waits for this
        }
    }
}
