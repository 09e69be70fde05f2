package io.github.pgbackup.mojo;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.handover.RestoredConnection;
import io.github.pgbackup.handover.Tool;
import io.github.pgbackup.plan.InvalidConfigurationException;
import io.github.pgbackup.plan.PlanReader;
import io.github.pgbackup.plan.RehearsalPlan;
import io.github.pgbackup.plan.Tag;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.report.ConsoleText;
import io.github.pgbackup.report.FailureTable;
import io.github.pgbackup.report.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import javax.inject.Inject;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.eclipse.aether.RepositorySystem;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a backup as {@code verify-backup} does. If the backup passes, hands the restored database over to whatever
 * runs between this goal and {@code stop}: tests, a migration, a code generator. A relay on the loopback address of
 * this machine leads to the database. To connect, use the project's properties {@code pgbackup.restored.url},
 * {@code .host}, {@code .port}, {@code .database}, {@code .user} and {@code .password}, or
 * {@code connection.properties} in the evidence folder.
 */
@Mojo(name = "start", defaultPhase = LifecyclePhase.PRE_INTEGRATION_TEST, requiresProject = false, threadSafe = true)
public final class StartMojo extends VerifyBackupMojo {

    /**
     * How to hand over the restored database, and limits for a migration of it: {@code role}, {@code handOver},
     * {@code command}, {@code maximumLifetime}, {@code maximumLock}, {@code maximumStatement}, {@code maximumDuration},
     * {@code expectations}. For example {@code <rehearsal><handOver>flyway</handOver></rehearsal>}. Properties:
     * {@code pgbackup.rehearsal.role} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration rehearsal;

    /** Called by Maven. */
    @Inject
    public StartMojo(SettingsDecrypter decrypter, RepositorySystem repositories) {
        super(decrypter, repositories);
    }

    @Override
    String skipped() {
        return "no backup was verified, and no database is handed over";
    }

    /** A tool that would have worked on the restored database must not work on its usual database instead. */
    @Override
    void skip() throws MojoExecutionException {
        Set<Tool> tools;
        try {
            tools = PlanReader.tools(Objects.requireNonNullElse(handOver(), ""));
        } catch (IllegalArgumentException e) {
            tools = handOver() == null ? Set.of() : Set.of(Tool.values());
        }
        List<String> problems = overrides().problems(tools);
        if (!problems.isEmpty() && !tools.isEmpty()) {
            throw invalid(problems);
        }
        for (Tool tool : tools) {
            tool.leadNowhere(projectProperties());
            getLog().info("Nothing is handed over to " + tool + ", which is skipped too (" + tool + ".skip).");
        }
    }

    private @Nullable String handOver() {
        PlexusConfiguration tag = rehearsal == null ? null : rehearsal.getChild("handOver", false);
        return tag == null ? configuration().property("pgbackup.rehearsal.handOver") : tag.getValue();
    }

    @Override
    String goal() {
        return "start";
    }

    @Override
    VerificationPlan plan(PlanReader reader) throws InvalidConfigurationException {
        StartedOfBuild.of(session()).requireNone(executionName());
        Tag tags = tags();
        VerificationPlan plan = reader.readStart(tags);
        Set<Tool> tools = Objects.requireNonNull(plan.rehearsal()).tools();
        List<String> problems = new ArrayList<>(overrides().problems(tools));
        ToolExecutions executions = new ToolExecutions(session(), execution());
        problems.addAll(executions.beforeStart(tools));
        executions.elsewhere(tools).forEach(getLog()::warn);
        if (!problems.isEmpty()) {
            throw new InvalidConfigurationException(problems);
        }
        return plan;
    }

    private Overrides overrides() {
        MavenConfiguration configuration = configuration();
        return new Overrides(
                System.getenv(),
                configuration.commandLine(),
                configuration.projectProperties(),
                configuration.pluginConfigurations(
                        List.of(Tool.values()).stream().map(Tool::plugin).toList()),
                configuration.baseDirectory());
    }

    @Override
    void addParameters(Map<String, @Nullable Object> parameters) {
        super.addParameters(parameters);
        parameters.put("rehearsal", rehearsal);
    }

    @Override
    void handOver(StartedDatabase started, VerificationPlan plan) throws MojoExecutionException, MojoFailureException {
        RehearsalPlan how = Objects.requireNonNull(plan.rehearsal());
        try {
            started.publish();
            StartedOfBuild.of(session()).add(executionName(), started, this::warnOfMissingRights);
            RestoredConnection connection = started.database().connection();
            connection.properties().forEach(projectProperties()::setProperty);
            how.tools().forEach(tool -> tool.lead(projectProperties(), connection));
            getLog().info(Printable.text("The restored database "
                    + connection.login().database() + " is at " + RestoredConnection.HOST + ":" + connection.port()
                    + " for role " + connection.login().user()
                    + " until stop; the connection details are in the properties "
                    + RestoredConnection.PREFIX + "* and in connection.properties."));
            how.tools().stream().sorted().forEach(tool -> getLog().info("It is handed over to " + tool + "."));
            if (!how.command().isEmpty()) {
                migrate(started, how.command().get(0));
            }
        } catch (CannotVerifyException e) {
            StartedOfBuild.of(session()).remove(executionName());
            var unused = started.end(e);
            throw new MojoExecutionException(headed(cannotRun(), e.fact() + "\n" + e.remedy()));
        }
    }

    private void migrate(StartedDatabase started, String command) throws MojoFailureException {
        getLog().info(Printable.text("Running " + command));
        boolean succeeded;
        try {
            succeeded = started.database().migrate(System.getenv());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CannotVerifyException(
                    "The build was interrupted while " + command + " ran.", Remedy.RUN_IT_AGAIN, e);
        }
        if (!succeeded) {
            StartedOfBuild.of(session()).remove(executionName());
            VerificationReport report = started.end(null);
            warnOfMissingRights(report);
            throw new MojoFailureException("start: " + report.verdict() + ", the migration failed:\n"
                    + String.join("\n", FailureTable.lines(report, WIDTH - "[ERROR] ".length())) + "\n"
                    + ConsoleText.whereTheReportIs(started.evidence()));
        }
    }

    private Properties projectProperties() {
        return session().getCurrentProject().getProperties();
    }
}
