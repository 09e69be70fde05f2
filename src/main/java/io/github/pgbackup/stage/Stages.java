package io.github.pgbackup.stage;

import io.github.pgbackup.Console;
import io.github.pgbackup.evidence.VerificationReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/** Runs the stages one after the other and measures their durations, for the log and for the evidence. */
public final class Stages {

    /** A live line is updated every second; a log shows fewer lines. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    private final Console console;
    private final Duration heartbeat;
    private final Instant startedAt = Instant.now();
    private final long startedAtNanos = System.nanoTime();
    private final List<VerificationReport.Stage> finished = Collections.synchronizedList(new ArrayList<>());

    private volatile Supplier<String> detail = () -> "";

    public Stages(Console console) {
        this(console, HEARTBEAT);
    }

    public Stages(Console console, Duration heartbeat) {
        this.console = console;
        this.heartbeat = heartbeat;
    }

    public <T> T run(String name, Callable<T> stage) throws Exception {
        return show(name, () -> concurrently(name, stage));
    }

    private <T> T show(String name, Callable<T> stage) throws Exception {
        Duration startedAfter = elapsed();
        console.stage(startedAfter, name);
        detail = () -> "";
        Heartbeat running = Heartbeat.start(console, () -> howFar(name, startedAfter), heartbeat);
        try {
            return stage.call();
        } finally {
            running.end();
        }
    }

    /** Waits for a concurrent stage. The log shows the stage here, where the run cannot continue without it. */
    public <T> T join(String name, Future<T> stage) throws Exception {
        return show(name, () -> Background.result(stage));
    }

    /** Runs a stage concurrently with others; the log shows it when it is joined. */
    public <T> T concurrently(String name, Callable<T> stage) throws Exception {
        Duration startedAfter = elapsed();
        try {
            return stage.call();
        } finally {
            finished.add(
                    new VerificationReport.Stage(name, startedAfter, elapsed().minus(startedAfter)));
        }
    }

    public void run(String name, Action stage) throws Exception {
        run(name, () -> {
            stage.run();
            return true;
        });
    }

    /** Sets the source of the current stage's progress. */
    public <S extends Supplier<String>> S telling(S howFar) {
        detail = howFar;
        return howFar;
    }

    private String howFar(String name, Duration startedAfter) {
        String known = detail.get();
        return "  " + name + ", " + Heartbeat.about(elapsed().minus(startedAfter))
                + (known.isEmpty() ? "" : ": " + known);
    }

    /** A stage without a result. */
    public interface Action {
        void run() throws Exception;
    }

    /** The finished stages, in the order in which they began. */
    public List<VerificationReport.Stage> finished() {
        synchronized (finished) {
            return finished.stream()
                    .sorted(Comparator.comparing(VerificationReport.Stage::startedAfter))
                    .toList();
        }
    }

    /** When the run began, by the clock of this machine. */
    public Instant startedAt() {
        return startedAt;
    }

    public Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startedAtNanos);
    }
}
