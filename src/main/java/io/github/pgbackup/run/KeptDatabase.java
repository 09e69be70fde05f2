package io.github.pgbackup.run;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.handover.RestoredConnection;
import io.github.pgbackup.plan.RehearsalPlan;
import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.GivenProgram;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.rehearsal.Rehearsal;
import io.github.pgbackup.rehearsal.RehearsalReport;
import io.github.pgbackup.server.ThrowAwayServer;
import io.github.pgbackup.stage.Problems;
import io.github.pgbackup.stage.Run;
import io.github.pgbackup.stage.Stages;
import io.github.pgbackup.use.HandOver;
import io.github.pgbackup.use.RehearsalJudgement;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A restored database that has passed and stays available after its verification while others work with it. */
public final class KeptDatabase {

    /**
     * How long a backend may take to end. It ends at its next check for interrupts, which few functions delay for long.
     */
    private static final Duration LONGEST_END = Duration.ofSeconds(20);

    private static final long POLL_MILLIS = 20;

    private final Run run;
    private final ReportBuilder report;
    private final RehearsalPlan plan;
    private final ThrowAwayServer server;
    private final HandOver handOver;
    private final long since = System.nanoTime();
    private @Nullable VerificationReport ended;

    KeptDatabase(Run run, ReportBuilder report, ThrowAwayServer server, HandOver handOver) {
        this.run = run;
        this.plan = Objects.requireNonNull(run.plan().rehearsal());
        this.report = report;
        this.server = server;
        this.handOver = handOver;
    }

    /** How to connect to it. */
    public RestoredConnection connection() {
        return handOver.connection();
    }

    /**
     * Runs the command that migrates it, if one is configured: without a shell, with the environment variables that
     * PostgreSQL's own programs use to connect. Its standard error goes to {@code logs/migration.log}.
     *
     * @param variables the environment variables of this process, for {@code PATH}
     * @return whether it succeeded; its exit status is a check
     * @throws CannotVerifyException when it cannot be run
     */
    public boolean migrate(Map<String, String> variables) throws InterruptedException {
        List<String> words = plan.command();
        if (words.isEmpty()) {
            return true;
        }
        Command command = Command.of(GivenProgram.find(words.get(0), variables, Remedy.NAME_A_PROGRAM_THAT_MIGRATES))
                .arguments(words.subList(1, words.size()))
                .standardError(run.folder().log("migration"))
                .environment("PGHOST", RestoredConnection.HOST)
                .environment("PGPORT", Integer.toString(connection().port()))
                .environment("PGDATABASE", connection().login().database())
                .environment("PGUSER", connection().login().user())
                .environment("PGPASSWORD", connection().login().password());
        try {
            int status = command.run();
            report.add(Check.of(
                    RehearsalJudgement.GROUP,
                    "exit status of " + words.get(0),
                    "0",
                    status == 0 ? "0" : status + " (see logs/migration.log)",
                    status == 0));
            return status == 0;
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The command " + words.get(0) + " cannot be run: " + CannotVerifyException.reason(e) + ".",
                    Remedy.NAME_A_PROGRAM_THAT_MIGRATES,
                    e);
        }
    }

    /**
     * Ends every session, reports what the migrations did, stops the server, and checks that the server and its data are
     * gone. A second call returns the same report.
     *
     * @param problem why it ends early, in which case nothing is verified; null when it is stopped as planned
     */
    public synchronized VerificationReport end(@Nullable CannotVerifyException problem) {
        VerificationReport known = ended;
        if (known != null) {
            return known;
        }
        if (problem != null) {
            report.problem(problem);
        }
        handOver.relay().close();
        report.handOverEnded(
                Duration.ofNanos(System.nanoTime() - since),
                handOver.relay().sessions() - 1); // without our own test connection
        Rehearsal rehearsal = handOver.rehearsal();
        if (rehearsal != null) {
            attempt("what was migrated", () -> {
                endSessions();
                judge(rehearsal);
            });
        }
        handOver.close();
        attempt("stop", () -> {
            server.stop().ifPresent(report::removal);
            server.close();
        });
        VerificationReport last = report.build();
        ended = last;
        return last;
    }

    /** A busy backend does not notice that its client is gone, and its locks would block our queries. */
    private void endSessions() throws SQLException, InterruptedException {
        String database = connection().login().database();
        try (Session session = handOver.server().connect(database.equals("template1") ? "postgres" : "template1")) {
            long deadline = System.nanoTime() + LONGEST_END.toNanos();
            while (session.number(
                                    "select count(pg_catalog.pg_terminate_backend(pid)) from pg_catalog.pg_stat_activity"
                                            + " where datname = ? and backend_type = 'client backend'",
                                    database)
                            > 0
                    && System.nanoTime() < deadline) {
                Thread.sleep(POLL_MILLIS);
            }
        }
    }

    private void judge(Rehearsal rehearsal) throws SQLException, InterruptedException {
        RehearsalReport seen = rehearsal.end();
        List<Check> expected =
                RehearsalJudgement.ask(handOver.server(), connection().login().database(), plan.expectations());
        report.rehearsed(seen);
        report.add(RehearsalJudgement.checks(seen, plan.limits()));
        report.add(expected);
        RehearsalJudgement.problem(seen).ifPresent(report::problem);
        RehearsalJudgement.warning(seen).ifPresent(report::warning);
    }

    private void attempt(String stage, Stages.Action action) {
        try {
            run.stages().run(stage, action);
        } catch (Exception e) {
            report.problem(Problems.of(e, null, Problems.THROW_AWAY_SERVER));
        }
    }
}
