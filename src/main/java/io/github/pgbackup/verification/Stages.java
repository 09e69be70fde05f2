package io.github.pgbackup.verification;

import io.github.pgbackup.Console;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/** Runs the stages one after the other and takes their time, for the log as for the evidence. */
final class Stages {

    private final Console console;
    private final long startedAt = System.nanoTime();
    private final List<VerificationReport.Stage> finished = Collections.synchronizedList(new ArrayList<>());

    Stages(Console console) {
        this.console = console;
    }

    <T> T run(String name, Callable<T> stage) throws Exception {
        announce(name);
        return beside(name, stage);
    }

    private void announce(String name) {
        console.info(String.format(Locale.ROOT, "[%5.1f s] %s", elapsed().toMillis() / 1000.0, name));
    }

    /** Waits for a stage that runs beside others; the log has it here, where the run can't go on without it. */
    <T> T join(String name, Future<T> stage) throws Exception {
        announce(name);
        return Background.result(stage);
    }

    /** Runs a stage beside others: the log tells of it when it is joined. */
    <T> T beside(String name, Callable<T> stage) throws Exception {
        Duration startedAfter = elapsed();
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

    /** In the order of their beginnings. */
    List<VerificationReport.Stage> finished() {
        synchronized (finished) {
            return finished.stream()
                    .sorted(Comparator.comparing(VerificationReport.Stage::startedAfter))
                    .toList();
        }
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }
}
