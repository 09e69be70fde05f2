package io.github.pgbackup.mojo;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.handover.RestoredConnection;
import io.github.pgbackup.plan.InvalidConfigurationException;
import io.github.pgbackup.report.ConsoleText;
import io.github.pgbackup.report.FailureTable;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.jspecify.annotations.Nullable;

/**
 * Ends the restored database that {@code start} of the same execution handed over, checks that it is gone, and
 * completes the evidence.
 */
@Mojo(name = "stop", defaultPhase = LifecyclePhase.POST_INTEGRATION_TEST, requiresProject = false, threadSafe = true)
public final class StopMojo extends ConfiguredMojo {

    /** Columns of a terminal, without Maven's own prefix. */
    private static final int WIDTH = 80 - "[ERROR] ".length();

    /** Called by Maven. */
    public StopMojo() {}

    @Override
    String skipped() {
        return "nothing was stopped";
    }

    @Override
    String cannotRun() {
        return "stop: NOT_VERIFIED, nothing is known about what was done to the restored database";
    }

    @Override
    void run() throws MojoExecutionException, MojoFailureException {
        try {
            reader().readStop(tags());
        } catch (InvalidConfigurationException e) {
            throw invalid(e.problems());
        }
        StartedOfBuild ofBuild = StartedOfBuild.of(session());
        StartedDatabase started = ofBuild.remove(executionName()).orElse(null);
        if (started == null) {
            throw failure(nothingStarted(ofBuild.executions()));
        }
        VerificationReport report;
        try {
            report = started.end(null);
        } catch (CannotVerifyException e) {
            throw failure(e);
        }
        forget();
        warnOfMissingRights(report);
        MavenConsole console = MavenConsole.of(getLog(), session());
        String where = ConsoleText.whereTheReportIs(started.evidence());
        switch (report.verdict()) {
            case PASS -> console.info("The restored database is gone, with its data; " + sessions(report) + ".");
            case FAIL ->
                throw new MojoFailureException(
                        "stop: FAIL:\n" + String.join("\n", FailureTable.lines(report, WIDTH)) + "\n" + where);
            case NOT_VERIFIED ->
                throw new MojoExecutionException(headed(cannotRun(), report.problemText()) + "\n" + where);
        }
        console.verdict("stop", Style.SUCCESS, Verdict.PASS, ConsoleText.afterVerdict(report));
        console.info(where);
    }

    private static String sessions(VerificationReport report) {
        int sessions = report.used()
                .handOver()
                .flatMap(VerificationReport.HandOver::ended)
                .map(VerificationReport.Ended::sessions)
                .orElse(0);
        return sessions == 1 ? "1 session was opened there" : sessions + " sessions were opened there";
    }

    private CannotVerifyException nothingStarted(Set<String> others) {
        return new CannotVerifyException(
                "start has not run in " + executionName() + ", so there is nothing to stop."
                        + (others.isEmpty() ? "" : " It has run in " + String.join(", ", others) + "."),
                MavenRemedy.START_AND_STOP_IN_ONE_EXECUTION);
    }

    private MojoExecutionException failure(CannotVerifyException e) {
        return new MojoExecutionException(headed(cannotRun(), e.fact() + "\n" + e.remedy()));
    }

    /**
     * Removes the properties that were handed over. The tools' own URLs stay: they lead nowhere now, and their former
     * values may have pointed to production.
     */
    private void forget() {
        Properties properties = session().getCurrentProject().getProperties();
        properties.stringPropertyNames().stream()
                .filter(name -> name.startsWith(RestoredConnection.PREFIX))
                .forEach(properties::remove);
    }

    @Override
    void addParameters(Map<String, @Nullable Object> parameters) {
        // This goal has only the parameters that every goal has.
    }
}
