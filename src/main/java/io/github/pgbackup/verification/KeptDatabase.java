package io.github.pgbackup.verification;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.handover.RestoredConnection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A restored database that has passed, and outlives its verification for as long as others work with it. */
public final class KeptDatabase {

    private final Run run;
    private final RestoredCopy copy;
    private final HandOver handOver;
    private final long since = System.nanoTime();
    private @Nullable VerificationReport ended;

    KeptDatabase(Run run, RestoredCopy copy, HandOver handOver) {
        this.run = run;
        this.copy = copy;
        this.handOver = handOver;
    }

    /** How it is reached. */
    public RestoredConnection connection() {
        return handOver.connection();
    }

    /**
     * Ends every session, then the server, and looks whether it and its data are gone. A second call returns the same report.
     *
     * @param problem why it ends before its time, which leaves nothing verified; null when it is stopped as it should be
     */
    public synchronized VerificationReport end(@Nullable CannotVerifyException problem) {
        VerificationReport known = ended;
        if (known != null) {
            return known;
        }
        ReportBuilder report = run.report();
        if (problem != null) {
            report.problem(problem);
        }
        try {
            run.stages().run("stop", () -> {
                handOver.relay().close();
                report.handOverEnded(
                        Duration.ofNanos(System.nanoTime() - since),
                        handOver.relay().sessions() - 1); // our own, which tried it
                copy.close();
            });
        } catch (Exception e) {
            report.problem(Problems.of(e, null, Problems.THROW_AWAY_SERVER));
        }
        VerificationReport last = report.build(run.stages());
        ended = last;
        return last;
    }
}
