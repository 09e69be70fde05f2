package io.github.pgbackup.verification;

import io.github.pgbackup.Console;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Runs the stages one after the other and takes their time, for the log as for the evidence. */
final class Stages {

    /** A live line follows each second; a log takes fewer. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    private final Console console;
    private final Duration heartbeat;
    private final long startedAt = System.nanoTime();
    private final List<VerificationReport.Stage> finished = new ArrayList<>();

    private volatile Supplier<String> detail = () -> "";

    Stages(Console console) {
        this(console, HEARTBEAT);
    }

    Stages(Console console, Duration heartbeat) {
        this.console = console;
        this.heartbeat = heartbeat;
    }

    <T> T run(String name, Callable<T> stage) throws Exception {
        Duration startedAfter = elapsed();
        console.stage(startedAfter, name);
        detail = () -> "";
        Heartbeat running = Heartbeat.start(console, () -> howFar(name, startedAfter), heartbeat);
        try {
            return stage.call();
        } finally {
            running.end();
            finished.add(
                    new VerificationReport.Stage(name, startedAfter, elapsed().minus(startedAfter)));
        }
    }

    void run(String name, Action stage) throws Exception {
        run(name, () -> {
            stage.run();
            return true;
        });
    }

    /** Tells of the stage that runs how far it is. */
    <S extends Supplier<String>> S telling(S howFar) {
        detail = howFar;
        return howFar;
    }

    private String howFar(String name, Duration startedAfter) {
        String known = detail.get();
        return "  " + name + ", " + Heartbeat.about(elapsed().minus(startedAfter))
                + (known.isEmpty() ? "" : ": " + known);
    }

    /** A stage without a result. */
    interface Action {
        void run() throws Exception;
    }

    List<VerificationReport.Stage> finished() {
        return finished;
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }
}
