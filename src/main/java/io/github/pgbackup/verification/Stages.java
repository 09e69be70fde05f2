package io.github.pgbackup.verification;

import io.github.pgbackup.Console;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/** Runs the stages one after the other and takes their time, for the log as for the evidence. */
final class Stages {

    private final Console console;
    private final long startedAt = System.nanoTime();
    private final List<VerificationReport.Stage> finished = new ArrayList<>();

    Stages(Console console) {
        this.console = console;
    }

    <T> T run(String name, Callable<T> stage) throws Exception {
        Duration startedAfter = elapsed();
        console.info(String.format(Locale.ROOT, "[%5.1f s] %s", startedAfter.toMillis() / 1000.0, name));
        try {
            return stage.call();
        } finally {
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
