package io.github.pgbackup.mojo;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.history.History;
import io.github.pgbackup.history.PastRun;
import io.github.pgbackup.plan.DatabaseAddress;
import io.github.pgbackup.plan.HistoryPlan;
import io.github.pgbackup.plan.InvalidConfigurationException;
import io.github.pgbackup.plan.PlanReader;
import io.github.pgbackup.plan.RehearsalPlan;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.report.BuildPage;
import io.github.pgbackup.report.ConsoleText;
import io.github.pgbackup.report.Evidence;
import io.github.pgbackup.report.ExpectationTestText;
import io.github.pgbackup.report.FailureTable;
import io.github.pgbackup.report.HistoryPage;
import io.github.pgbackup.report.Metrics;
import io.github.pgbackup.report.Printable;
import io.github.pgbackup.report.RunRecord;
import io.github.pgbackup.report.StepSummary;
import io.github.pgbackup.run.KeptDatabase;
import io.github.pgbackup.run.RepeatedVerification;
import io.github.pgbackup.signature.SigningKey;
import io.github.pgbackup.stage.Interruption;
import java.io.File;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.inject.Inject;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.eclipse.aether.RepositorySystem;
import org.jspecify.annotations.Nullable;

/**
 * Takes a fresh, read-only dump of a production PostgreSQL database, restores it into a throw-away server that no other
 * program can reach, and fails the build unless the restored database matches production and meets the expectations in
 * the POM.
 */
@Mojo(name = "verify-backup", defaultPhase = LifecyclePhase.VERIFY, requiresProject = false, threadSafe = true)
public class VerifyBackupMojo extends SourceMojo {

    /**
     * An existing backup to verify, instead of a fresh dump of {@code source}: {@code file}, or a {@code command} with
     * {@code filters} that writes it; {@code sha256}, {@code maximumAge}, {@code roles}, {@code manifest}. The backup
     * is only read, and production is not contacted. For example
     * {@code <archive><file>/backups/directus-*.dump</file></archive>}. Properties: {@code pgbackup.archive.file} and
     * so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration archive;

    /** Servers that must never be the restore target. After the run, they must be up and unchanged. */
    @Parameter
    private @Nullable PlexusConfiguration protectedEnvironments;

    /**
     * How to take the archive: {@code format}, {@code compression}, {@code jobs}, {@code keepArchive},
     * {@code maximumRate}. For example {@code <backup><keepArchive>on-success</keepArchive></backup>}. Properties:
     * {@code pgbackup.backup.format} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration backup;

    /**
     * How to restore the archive: {@code engine}, {@code image}, {@code jobs}, {@code roles}, {@code maximumDuration},
     * {@code parameters}, {@code toleratedDifferences}. For example
     * {@code <restore><maximumDuration>2h</maximumDuration></restore>}. Properties: {@code pgbackup.restore.engine} and
     * so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration restore;

    /**
     * What the backup must hold: tables, columns, values, queries and so on. For example
     * {@code <expectations><table><name>public.orders</name><rows>[1,)</rows></table></expectations>}.
     */
    @Parameter
    private @Nullable PlexusConfiguration expectations;

    /**
     * Files with further {@code <expectations>}, as {@code capture-expectations} writes them.
     * Property: {@code pgbackup.expectationsFiles}, separated by commas.
     */
    @Parameter
    private @Nullable PlexusConfiguration expectationsFiles;

    /**
     * How many of the live source's rows an existing archive may lack; needs both {@code <archive>} and
     * {@code <source>}: {@code maximumLoss}, {@code tables}. For example
     * {@code <reference><maximumLoss>5%</maximumLoss></reference>}. Property: {@code pgbackup.reference.maximumLoss}.
     */
    @Parameter
    private @Nullable PlexusConfiguration reference;

    /**
     * Earlier runs: {@code file}, {@code page}, {@code maximumLoss}, {@code tables}, {@code maximumGap}. The goal
     * compares this run with them, and then adds it to them. For example
     * {@code <history><file>/backups/history.jsonl</file></history>}. Properties: {@code pgbackup.history.file} and so
     * on.
     */
    @Parameter
    private @Nullable PlexusConfiguration history;

    /** File for a monitoring system: the metrics of this run in Prometheus' text format. */
    @Parameter(property = "pgbackup.metricsFile")
    private @Nullable String metricsFile;

    /**
     * What to bind the verdict to: a {@code commit} ({@code auto}, or its id), and the project's files that
     * {@code includes} and {@code excludes} select. For example {@code <boundTo><commit>auto</commit></boundTo>}.
     * Properties: {@code pgbackup.boundTo.commit} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration boundTo;

    /**
     * Signs the evidence. {@code serverId} names a server of settings.xml that has {@code privateKey} (Ed25519, as PEM
     * or its file) and, if the key is encrypted, {@code passphrase}. Property: {@code pgbackup.signature.serverId}.
     */
    @Parameter
    private @Nullable PlexusConfiguration signature;

    /** How much of the restored database to compare with the source: none, schema, rows or content. */
    @Parameter(property = "pgbackup.comparison", defaultValue = PlanReader.COMPARISON)
    private String comparison;

    /** Directories to search first for PostgreSQL's programs, separated as in {@code PATH}. */
    @Parameter(property = "pgbackup.binDirectory")
    private @Nullable String binDirectory;

    /**
     * Directory for the data of the throw-away server, which is a full copy of production; by default the directory for
     * temporary files.
     */
    @Parameter(property = "pgbackup.workDirectory")
    private @Nullable String workDirectory;

    /**
     * Number of times to retry if the verification could not be completed for a transient reason: a lock that another
     * session held, a dump cancelled to protect production, a lost connection. A failed check is never retried.
     */
    @Parameter(property = "pgbackup.retries", defaultValue = PlanReader.RETRIES)
    private String retries;

    /** How long to wait before a retry, for example 30s or PT30S. */
    @Parameter(property = "pgbackup.retryPause", defaultValue = PlanReader.RETRY_PAUSE)
    private String retryPause;

    /**
     * What to do if a disk has less space than the archive or the restored database may need: {@code stop} before the
     * dump, or {@code warn} and continue.
     */
    @Parameter(property = "pgbackup.onLittleSpace", defaultValue = PlanReader.ON_LITTLE_SPACE)
    private String onLittleSpace;

    /**
     * Folder for the evidence. A run empties it when it begins. If a project has several executions of this goal,
     * {@code -} and the execution's ID are appended to the default, except for the execution without an ID.
     */
    @Parameter(property = "pgbackup.outputDirectory", defaultValue = "${project.build.directory}/verify-backup")
    private File outputDirectory;

    /**
     * Whether a failed check fails the build; {@code false} turns it into a warning. A verification that could not be
     * completed (NOT_VERIFIED) always fails the build.
     */
    @Parameter(property = "pgbackup.failOnViolation", defaultValue = "true")
    private String failOnViolation;

    /** Columns of a terminal, including Maven's own prefix. */
    static final int WIDTH = 80;

    private final RepositorySystem repositories;

    /** Called by Maven. */
    @Inject
    public VerifyBackupMojo(SettingsDecrypter decrypter, RepositorySystem repositories) {
        super(decrypter);
        this.repositories = repositories;
    }

    @Override
    String skipped() {
        return "no backup was verified";
    }

    @Override
    String cannotRun() {
        return goal() + ": NOT_VERIFIED, nothing is known about the backup";
    }

    /** The name of the goal in messages. */
    String goal() {
        return "verify-backup";
    }

    VerificationPlan plan(PlanReader reader) throws InvalidConfigurationException {
        return reader.read(tags());
    }

    /**
     * The outcome of a run.
     *
     * @param started the restored database, if it has passed and is handed over
     * @param plan null if the configuration could not be read
     */
    private record Outcome(
            VerificationReport report,
            @Nullable StartedDatabase started,
            @Nullable VerificationPlan plan) {}

    @Override
    void run() throws MojoExecutionException, MojoFailureException {
        Path directory = evidenceDirectory(outputDirectory);
        MavenConsole console = MavenConsole.of(getLog(), session());
        Outcome outcome;
        try {
            EvidenceOfBuild.of(session()).claim(directory, executionName());
            try (EvidenceFolder folder = EvidenceFolder.prepare(directory)) {
                outcome = run(folder, console);
            }
        } catch (CannotVerifyException e) {
            throw new MojoExecutionException(headed(cannotRun(), e.fact() + "\n" + e.remedy()));
        }
        boolean concluded = false;
        try {
            if (outcome.started() == null) {
                summarize(outcome.report(), directory);
                list(outcome.report(), directory);
            }
            conclude(outcome.report(), directory, console);
            if (outcome.started() != null && outcome.plan() != null) {
                handOver(outcome.started(), outcome.plan());
            }
            concluded = true;
        } finally {
            if (!concluded && outcome.started() != null) {
                outcome.started().discard();
            }
        }
    }

    /** Lists the run on the page of all executions of the build, next to the evidence of the top-level project. */
    private void list(VerificationReport report, Path directory) {
        MavenProject built = session().getTopLevelProject();
        Path page = built == null || built.getFile() == null
                ? directory.resolveSibling(BuildPage.FILE)
                : Path.of(built.getBuild().getDirectory(), BuildPage.FILE);
        try {
            EvidenceOfBuild.of(session()).ended(directory, BuildPage.line(report, executionName(), directory), page);
        } catch (IOException e) {
            getLog().warn("The page of all executions could not be written to " + page + ": "
                    + Printable.text(CannotVerifyException.reason(e)) + ".");
        }
    }

    private Outcome run(EvidenceFolder folder, MavenConsole console) {
        try {
            VerificationPlan plan = plan(reader());
            return run(plan, signingKey(plan), folder, console);
        } catch (InvalidConfigurationException e) {
            VerificationReport report = VerificationReport.invalid(pluginVersion(), e.problems());
            write(report, folder, null);
            return new Outcome(report, null, null);
        }
    }

    private Outcome run(VerificationPlan plan, @Nullable SigningKey key, EvidenceFolder folder, MavenConsole console) {
        DaemonFinder daemons = new DaemonFinder(System.getenv());
        var environment = environment(plan, daemons, repositories, console);
        StartedDatabase started = null;
        boolean written = false;
        try (Interruption interruption = new Interruption(plan.timeout(), console)) {
            RepeatedVerification.Verified verified =
                    new RepeatedVerification(plan, environment, folder, console, interruption).verify();
            VerificationReport report = verified.report();
            started = started(verified.kept(), plan, folder, key, daemons);
            write(report, folder, key);
            if (key != null) {
                console.info(
                        report.verdict() == Verdict.NOT_VERIFIED
                                ? "The evidence is not signed: there is no result to sign."
                                : "The evidence is signed by the key "
                                        + key.publicKey().id());
            }
            if (started == null) {
                remember(report, plan, key);
            }
            written = true;
            return new Outcome(report, started, plan);
        } finally {
            if (started == null) {
                daemons.close();
            } else if (!written) {
                started.discard();
            }
        }
    }

    /**
     * The started database, if the run keeps one. History, metrics and summaries get one verdict for a run: the last
     * one, after the database has ended.
     */
    private @Nullable StartedDatabase started(
            @Nullable KeptDatabase kept,
            VerificationPlan plan,
            EvidenceFolder folder,
            @Nullable SigningKey key,
            DaemonFinder daemons) {
        RehearsalPlan rehearsal = plan.rehearsal();
        return kept == null || rehearsal == null
                ? null
                : new StartedDatabase(
                        kept,
                        folder.root(),
                        key,
                        rehearsal.maximumLifetime(),
                        report -> {
                            summarize(report, folder.root());
                            list(report, folder.root());
                            remember(report, plan, key);
                        },
                        daemons::close);
    }

    /** Hands the restored database over to the rest of the build. */
    void handOver(StartedDatabase started, VerificationPlan plan) throws MojoExecutionException, MojoFailureException {
        throw new IllegalStateException(goal() + " hands nothing over.");
    }

    @Override
    void addParameters(Map<String, @Nullable Object> parameters) {
        super.addParameters(parameters);
        parameters.put("archive", archive);
        parameters.put("protectedEnvironments", protectedEnvironments);
        parameters.put("backup", backup);
        parameters.put("restore", restore);
        parameters.put("expectations", expectations);
        parameters.put("expectationsFiles", expectationsFiles);
        parameters.put("signature", signature);
        parameters.put("boundTo", boundTo);
        parameters.put("reference", reference);
        parameters.put("history", history);
        parameters.put("metricsFile", metricsFile);
        parameters.put("comparison", comparison);
        parameters.put("binDirectory", binDirectory);
        parameters.put("workDirectory", workDirectory);
        parameters.put("retries", retries);
        parameters.put("retryPause", retryPause);
        parameters.put("onLittleSpace", onLittleSpace);
        parameters.put("failOnViolation", failOnViolation);
    }

    /** Updates the files that outlive the build: the history, its page and the file for a monitoring system. */
    private void remember(VerificationReport report, VerificationPlan plan, @Nullable SigningKey key) {
        if (plan.trust().expectationTest() != null) {
            return; // expectations that catch too few faults do not make the backup bad
        }
        String signer = key == null || report.verdict() == Verdict.NOT_VERIFIED
                ? null
                : key.publicKey().id();
        DatabaseAddress source = plan.source();
        PastRun run = RunRecord.of(report, source == null ? "" : source.url().servers(), signer);
        Instant lastPass = run.passed() ? run.startedAt() : null;
        HistoryPlan remembered = plan.trust().history();
        if (remembered != null) {
            lastPass = append(run, remembered);
        }
        Path metrics = plan.trust().metricsFile();
        if (metrics != null) {
            try {
                Metrics.write(metrics, report, run, lastPass);
            } catch (IOException e) {
                // Monitoring notices the failure by the age of the file.
                getLog().warn("The metrics could not be written to " + metrics + " (<metricsFile>): "
                        + Printable.text(CannotVerifyException.reason(e)) + ".");
            }
        }
    }

    private static @Nullable Instant append(PastRun run, HistoryPlan remembered) {
        try {
            History history = new History(remembered.file());
            history.append(run);
            return HistoryPage.write(history, remembered.page(), run.database(), run.server());
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The verdict is " + run.verdict() + ", but it could not be added to the history "
                            + remembered.file() + ": " + CannotVerifyException.reason(e) + ".",
                    Remedy.NAME_ANOTHER_HISTORY,
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CannotVerifyException(
                    "The verdict is " + run.verdict()
                            + ", but the build was interrupted before it was added to the history " + remembered.file()
                            + ".",
                    Remedy.RUN_IT_AGAIN,
                    e);
        }
    }

    /** Reads the key before the first query to production. */
    private @Nullable SigningKey signingKey(VerificationPlan plan) throws InvalidConfigurationException {
        String serverId = plan.trust().signatureServerId();
        try {
            return serverId == null ? null : new MavenSigningKey(session().getSettings(), decrypter()).of(serverId);
        } catch (CannotVerifyException e) {
            throw new InvalidConfigurationException(List.of(e.fact() + " " + e.remedy()));
        }
    }

    private static void write(VerificationReport report, EvidenceFolder folder, @Nullable SigningKey key) {
        try {
            Evidence.write(report, folder, key);
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The verdict is " + report.verdict() + ", but its evidence could not be written to " + folder.root()
                            + ": " + CannotVerifyException.reason(e) + ".",
                    Remedy.MAKE_ROOM_FOR_EVIDENCE,
                    e);
        }
    }

    /** Writes a summary for the page of a CI server. It is a convenience: if it fails, the verdict still counts. */
    private void summarize(VerificationReport report, Path directory) {
        try {
            StepSummary.append(report, directory, System.getenv());
        } catch (IOException | InvalidPathException e) {
            getLog().warn("The job summary could not be written: " + Printable.text(String.valueOf(e.getMessage())));
        }
    }

    private void conclude(VerificationReport report, Path directory, MavenConsole console)
            throws MojoExecutionException, MojoFailureException {
        String after = ConsoleText.afterVerdict(report);
        String where = ConsoleText.whereTheReportIs(directory);
        report.outcome().warnings().forEach(console::warn);
        console.verdict(
                goal(), report.verdict() == Verdict.PASS ? Style.SUCCESS : Style.FAILURE, report.verdict(), after);
        if (!ConsoleText.below(report).isEmpty()) {
            console.info(ConsoleText.below(report));
        }
        report.used()
                .expectationTest()
                .map(test -> ExpectationTestText.lines(test, WIDTH - "[INFO] ".length()))
                .ifPresent(lines -> lines.forEach(console::info));
        console.info(where);
        switch (report.verdict()) {
            case PASS -> {
                // The report has the rest.
            }
            case FAIL -> {
                if (!failOnViolation.trim().equals("false")) {
                    // Maven prints this message at the end of the build; with -q it prints nothing else. CI servers
                    // store it as XML, so it has no colours.
                    throw new MojoFailureException(goal() + ": FAIL" + after + ":\n"
                            + String.join("\n", FailureTable.lines(report, WIDTH - "[ERROR] ".length()))
                            + "\n" + where);
                }
                FailureTable.lines(report, WIDTH - "[WARNING] ".length()).forEach(getLog()::warn);
                getLog().warn("The build continues: failOnViolation is false (-Dpgbackup.failOnViolation).");
            }
            case NOT_VERIFIED ->
                throw new MojoExecutionException(headed(cannotRun(), report.problemText()) + "\n" + where);
        }
    }
}
