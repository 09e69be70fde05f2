package io.github.pgbackup.mojo;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.local.LocalEngine;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.fault.ExpectationTest;
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
import io.github.pgbackup.run.BackupVerification;
import io.github.pgbackup.run.EngineSelection;
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
 * Takes a fresh, read-only dump of a production PostgreSQL database, restores it into a throw-away server that nothing
 * can reach, and fails the build unless what came back is what production holds and what the POM expects.
 */
@Mojo(name = "verify-backup", defaultPhase = LifecyclePhase.VERIFY, requiresProject = false, threadSafe = true)
public class VerifyBackupMojo extends ConfiguredMojo {

    /**
     * The database that is backed up: {@code url}, or {@code container}, {@code database} and {@code user}; {@code serverId}.
     * Properties: {@code pgbackup.source.url} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration source;

    /**
     * A backup that is there already, instead of {@code source}: {@code file}, or a {@code command} with {@code filters} that
     * writes it; {@code sha256}, {@code maximumAge}, {@code roles}, {@code manifest}. It is only read, and production is not
     * asked. Properties: {@code pgbackup.archive.file} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration archive;

    /** Servers that are never the restore target and must be up, unchanged, after the run. */
    @Parameter
    private @Nullable PlexusConfiguration protectedEnvironments;

    /**
     * How the archive is taken: {@code format}, {@code compression}, {@code jobs}, {@code keepArchive},
     * {@code maximumRate}. Properties: {@code pgbackup.backup.format} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration backup;

    /**
     * How it is restored: {@code engine}, {@code image}, {@code jobs}, {@code roles}, {@code maximumDuration},
     * {@code parameters}, {@code toleratedDifferences}. Properties: {@code pgbackup.restore.engine} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration restore;

    /** What the backup must hold: tables, columns, values, queries and so on. */
    @Parameter
    private @Nullable PlexusConfiguration expectations;

    /**
     * Files with further {@code <expectations>}, as {@code capture-expectations} writes them.
     * Property: {@code pgbackup.expectationsFiles}, separated by commas.
     */
    @Parameter
    private @Nullable PlexusConfiguration expectationsFiles;

    /**
     * What an existing archive may lack of what the source has now, where both {@code <archive>} and {@code <source>} are
     * given: {@code maximumLoss}, {@code tables}. Property: {@code pgbackup.reference.maximumLoss}.
     */
    @Parameter
    private @Nullable PlexusConfiguration reference;

    /**
     * The runs before this one: {@code file}, {@code page}, {@code maximumLoss}, {@code tables}, {@code maximumGap}. This run
     * is compared with them and added to them. Properties: {@code pgbackup.history.file} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration history;

    /** A file in Prometheus' text format about this run, for a monitoring system. */
    @Parameter(property = "pgbackup.metricsFile")
    private @Nullable String metricsFile;

    /**
     * What the verdict is bound to: {@code commit} ({@code auto}, or the digits of one), and files of the project by {@code includes} and
     * {@code excludes}. Properties: {@code pgbackup.boundTo.commit} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration boundTo;

    /**
     * Signs the evidence: {@code serverId}, a server of settings.xml that has {@code privateKey} (Ed25519, as PEM or its
     * file) and, if the key is encrypted, {@code passphrase}. Property: {@code pgbackup.signature.serverId}.
     */
    @Parameter
    private @Nullable PlexusConfiguration signature;

    /** How much of the restored database is compared with the source: none, schema, rows or content. */
    @Parameter(property = "pgbackup.comparison", defaultValue = PlanReader.COMPARISON)
    private String comparison;

    /** Where PostgreSQL's programs are looked for first; several directories are separated as in {@code PATH}. */
    @Parameter(property = "pgbackup.binDirectory")
    private @Nullable String binDirectory;

    /** Where the throw-away server keeps its data, a full copy of production; by default the directory for temporary files. */
    @Parameter(property = "pgbackup.workDirectory")
    private @Nullable String workDirectory;

    /** How long the whole run may take, for example 10m or PT10M. */
    @Parameter(property = "pgbackup.timeout", defaultValue = PlanReader.TIMEOUT)
    private String timeout;

    /** How long the source may let us wait for a lock, for example 10m or PT10M. */
    @Parameter(property = "pgbackup.lockWaitTimeout", defaultValue = PlanReader.LOCK_WAIT_TIMEOUT)
    private String lockWaitTimeout;

    /** How long another session may wait for one of our locks before we cancel the dump, for example 10m or PT10M. */
    @Parameter(property = "pgbackup.maximumBlocking", defaultValue = PlanReader.MAXIMUM_BLOCKING)
    private String maximumBlocking;

    /**
     * How long CREATE INDEX CONCURRENTLY and other commands with CONCURRENTLY may wait for our snapshot before the dump is given up,
     * for example 10m or PT10M. They block nobody meanwhile; as soon as another session waits behind them, maximumBlocking
     * holds for it.
     */
    @Parameter(property = "pgbackup.maximumSnapshotBlocking", defaultValue = PlanReader.MAXIMUM_SNAPSHOT_BLOCKING)
    private String maximumSnapshotBlocking;

    /**
     * How often to try again when the verification could not come to its end for a reason that may pass: a lock that is
     * held, a dump ended for production's sake, a connection lost. A failed check is never tried again.
     */
    @Parameter(property = "pgbackup.retries", defaultValue = PlanReader.RETRIES)
    private String retries;

    /** How long to wait before that, for example 10m or PT10M. */
    @Parameter(property = "pgbackup.retryPause", defaultValue = PlanReader.RETRY_PAUSE)
    private String retryPause;

    /**
     * What to do when a disk has less room than archive or restored copy may need: {@code stop} before the dump, or
     * {@code warn} and go on.
     */
    @Parameter(property = "pgbackup.onLittleSpace", defaultValue = PlanReader.ON_LITTLE_SPACE)
    private String onLittleSpace;

    /**
     * Where the evidence is written; the folder is emptied when a run begins. Where a project has several executions of
     * this goal, the default of each but the one without an id ends with {@code -} and its id.
     */
    @Parameter(property = "pgbackup.outputDirectory", defaultValue = "${project.build.directory}/verify-backup")
    private File outputDirectory;

    /** Whether a failed check fails the build; {@code false} makes it a warning. An error always fails the build. */
    @Parameter(property = "pgbackup.failOnViolation", defaultValue = "true")
    private String failOnViolation;

    /** Columns of a terminal, Maven's own prefix included. */
    static final int WIDTH = 80;

    private final SettingsDecrypter decrypter;
    private final RepositorySystem repositories;

    /** Called by Maven. */
    @Inject
    public VerifyBackupMojo(SettingsDecrypter decrypter, RepositorySystem repositories) {
        this.decrypter = decrypter;
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

    /** What it is called in messages. */
    String goal() {
        return "verify-backup";
    }

    VerificationPlan plan(PlanReader reader) throws InvalidConfigurationException {
        return reader.read(tags());
    }

    /**
     * What came of a run.
     *
     * @param started the restored database, where it is handed over and has passed
     * @param plan null when the configuration could not be read
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

    /** On the page over all executions of the build, which is beside the evidence of the project that was built. */
    private void list(VerificationReport report, Path directory) {
        MavenProject built = session().getTopLevelProject();
        Path page = built == null || built.getFile() == null
                ? directory.resolveSibling(BuildPage.FILE)
                : Path.of(built.getBuild().getDirectory(), BuildPage.FILE);
        try {
            EvidenceOfBuild.of(session()).ended(directory, BuildPage.line(report, executionName(), directory), page);
        } catch (IOException e) {
            getLog().warn("The page over all executions could not be written to " + page + ": "
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
        var environment = new BackupVerification.Environment(
                pluginVersion(),
                System.getenv(),
                new MavenCredentials(session().getSettings(), decrypter, System.getenv())::of,
                daemons,
                EngineSelection.of(
                        plan.restore(),
                        daemons,
                        installations -> new LocalEngine(
                                installations,
                                new MavenBinaryResolver(repositories, session())::resolve,
                                plan.workDirectory(),
                                console),
                        console));
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

    /** What others look at gets one verdict of a run: the last one, once the database has ended. */
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

    /** Gives the restored database to the rest of the build. */
    void handOver(StartedDatabase started, VerificationPlan plan) throws MojoExecutionException, MojoFailureException {
        throw new IllegalStateException(goal() + " hands nothing over.");
    }

    @Override
    void addParameters(Map<String, @Nullable Object> parameters) {
        parameters.put("source", source);
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
        parameters.put("timeout", timeout);
        parameters.put("lockWaitTimeout", lockWaitTimeout);
        parameters.put("maximumBlocking", maximumBlocking);
        parameters.put("maximumSnapshotBlocking", maximumSnapshotBlocking);
        parameters.put("retries", retries);
        parameters.put("retryPause", retryPause);
        parameters.put("onLittleSpace", onLittleSpace);
        parameters.put("failOnViolation", failOnViolation);
    }

    /** What others look at: a history, its page and a monitoring system's file. */
    private void remember(VerificationReport report, VerificationPlan plan, @Nullable SigningKey key) {
        if (plan.trust().expectationTest() != null) {
            return; // too few caught faults are no failure of the backup
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
                // Its age will tell whoever watches it.
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

    /** Before anything is asked of production. */
    private @Nullable SigningKey signingKey(VerificationPlan plan) throws InvalidConfigurationException {
        String serverId = plan.trust().signatureServerId();
        try {
            return serverId == null ? null : new MavenSigningKey(session().getSettings(), decrypter).of(serverId);
        } catch (CannotVerifyException e) {
            throw new InvalidConfigurationException(List.of(e.fact() + " " + e.remedy()));
        }
    }

    private static void write(VerificationReport report, EvidenceFolder folder, @Nullable SigningKey key) {
        try {
            Evidence.write(report, folder.root(), key);
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The verdict is " + report.verdict() + ", but its evidence could not be written to " + folder.root()
                            + ": " + CannotVerifyException.reason(e) + ".",
                    Remedy.MAKE_ROOM_FOR_EVIDENCE,
                    e);
        }
    }

    /** A summary on the page of a CI server is a convenience: without it the verdict stands. */
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
        report.warnings().forEach(console::warn);
        console.verdict(
                goal(), report.verdict() == Verdict.PASS ? Style.SUCCESS : Style.FAILURE, report.verdict(), after);
        if (!ConsoleText.below(report).isEmpty()) {
            console.info(ConsoleText.below(report));
        }
        ExpectationTest test = report.expectationTest();
        if (test != null) {
            ExpectationTestText.lines(test, WIDTH - "[INFO] ".length()).forEach(console::info);
        }
        console.info(where);
        switch (report.verdict()) {
            case PASS -> {
                // The rest is in the report.
            }
            case FAIL -> {
                if (!failOnViolation.trim().equals("false")) {
                    // Maven prints it at the end of the build, as the only thing with -q; others keep it in XML, hence
                    // no colours.
                    throw new MojoFailureException(goal() + ": FAIL" + after + ":\n"
                            + String.join("\n", FailureTable.lines(report, WIDTH - "[ERROR] ".length()))
                            + "\n" + where);
                }
                FailureTable.lines(report, WIDTH - "[WARNING] ".length()).forEach(getLog()::warn);
                getLog().warn("The build goes on: failOnViolation is false (-Dpgbackup.failOnViolation).");
            }
            case NOT_VERIFIED ->
                throw new MojoExecutionException(headed(cannotRun(), report.problemText()) + "\n" + where);
        }
    }
}
