package io.github.pgbackup.run;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.Setting;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.backup.Backup;
import io.github.pgbackup.backup.BackupSource;
import io.github.pgbackup.backup.dump.LiveDump;
import io.github.pgbackup.backup.kept.ArchiveStore;
import io.github.pgbackup.backup.stored.LiveReference;
import io.github.pgbackup.backup.stored.StoredBackup;
import io.github.pgbackup.baseline.Baseline;
import io.github.pgbackup.check.DatabaseCheck;
import io.github.pgbackup.check.Findings;
import io.github.pgbackup.check.HistoryComparison;
import io.github.pgbackup.check.Judgement;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.plan.DatabaseAddress;
import io.github.pgbackup.plan.ExpectationTestPlan;
import io.github.pgbackup.plan.GivenArchive;
import io.github.pgbackup.plan.HistoryPlan;
import io.github.pgbackup.plan.RehearsalPlan;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.production.ProtectedServers;
import io.github.pgbackup.production.ProtectedState;
import io.github.pgbackup.production.SourceOpener;
import io.github.pgbackup.server.Restoration;
import io.github.pgbackup.server.RestoredDatabase;
import io.github.pgbackup.server.ThrowAwayServer;
import io.github.pgbackup.source.Credentials;
import io.github.pgbackup.source.SessionLimits;
import io.github.pgbackup.stage.Background;
import io.github.pgbackup.stage.Interruption;
import io.github.pgbackup.stage.Problems;
import io.github.pgbackup.stage.Run;
import io.github.pgbackup.stage.Stages;
import io.github.pgbackup.use.HandOver;
import io.github.pgbackup.use.Trial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The run: acquire a backup, restore it, check the restored database, use it, conclude. It always returns a report,
 * even when it could not finish.
 */
public final class BackupVerification {

    /** The stage in which the backup is restored. */
    static final String RESTORE = "restore";

    private final Environment environment;
    private final Run run;
    private final VerificationPlan plan;
    private final Console console;
    private final Interruption interruption;
    private final Stages stages;
    private final ReportBuilder report;
    private final BackupSource source;
    private final ProtectedServers others;
    private final Restoration restoration;
    private final @Nullable ArchiveStore store;
    private @Nullable ThrowAwayServer server;
    private @Nullable Backup backup;
    private @Nullable HandOver handOver;
    private @Nullable KeptDatabase kept;
    private boolean worthRetrying;

    /** The server that the run is connected to, because a lost connection does not name its server. */
    private String connected = "The source";

    /**
     * The environment that the run needs.
     *
     * @param plugin the plugin's version, for the evidence
     * @param variables the environment variables of this process, for {@code PATH}
     * @param credentials the credentials for a database
     * @param daemons finds the Docker daemon
     * @param engine makes the engine, which uses the programs found
     */
    public record Environment(
            String plugin,
            Map<String, String> variables,
            Function<DatabaseAddress, Credentials> credentials,
            DaemonFinder daemons,
            Function<Installations, ChosenEngine> engine) {}

    public BackupVerification(
            VerificationPlan plan,
            Environment environment,
            EvidenceFolder folder,
            Console console,
            Interruption interruption) {
        this.environment = environment;
        this.plan = plan;
        this.console = console;
        this.interruption = interruption;
        this.stages = new Stages(console);
        this.report = new ReportBuilder(environment.plugin(), plan, stages);
        this.run = new Run(environment.plugin(), plan, folder, console, interruption, stages);
        SourceOpener sources = new SourceOpener(
                environment.credentials(),
                environment.daemons(),
                new SessionLimits(plan.timeout(), plan.lockWaitTimeout()),
                console);
        GivenArchive archive = plan.archive();
        this.source = archive == null
                ? new LiveDump(run, sources)
                : new StoredBackup(
                        run,
                        archive,
                        environment.variables(),
                        plan.source() == null ? null : new LiveReference(run, sources));
        this.others = new ProtectedServers(plan.protectedEnvironments(), sources);
        this.restoration = new Restoration(run);
        Path directory = plan.backup().directory();
        this.store = directory == null ? null : new ArchiveStore(directory, () -> interruption.reason() != null);
        environment.daemons().onSilence(interruption::daemonIsSilent);
    }

    /**
     * Runs to the end or until it is interrupted. An interrupted run cleans up and says so in the report.
     *
     * @return the report, with the archive kept or deleted as the plan says
     */
    public VerificationReport run() {
        plan.warnings().forEach(report::warning);
        try {
            HistoryComparison history = prepare();

            // acquire
            Installations programs = Installations.find(plan.binDirectories(), environment.variables(), console);
            source.guard();
            connected = source.name();
            Map<String, ProtectedState> protect = guardOthers();
            ChosenEngine engine = environment.engine().apply(programs);
            ThrowAwayServer server = new ThrowAwayServer(run, engine);
            this.server = server;
            RestoredDatabase restored;
            Baseline baseline;
            try (Background background = run.background()) {
                BackupSource.Acquired acquired = source.acquire(engine, server, background);
                Backup backup = acquired.backup();
                this.backup = backup;
                PostgresServer target = stages.join("target", acquired.target());
                stages.run("check archive", () -> requireUnchanged(backup.archive()));

                // restore
                connected = Problems.THROW_AWAY_SERVER;
                server.watchDisk(target);
                stages.run("guard target", () -> server.guard(target, backup, protect));
                restored = stages.run(RESTORE, () -> background.alongside(() -> restoration.restore(target, backup)));
                baseline = acquired.baseline().call();
            }

            // check
            RestoredDatabase judged = check(restored, baseline);
            requireSomethingCompared(judged.backup().archive());
            if (history != null) {
                compareWith(history);
            }
            connected = source.name();
            source.inspectAfterwards();
            compareOthers(protect);

            // use
            if (verdict() == Verdict.PASS) {
                testExpectations(judged, baseline);
            }
            if (verdict() == Verdict.PASS) {
                handOver(judged);
            }
            if (interruption.reason() != null) {
                throw new InterruptedException(); // the step that was cancelled last may have returned as if complete
            }
        } catch (Exception | LinkageError | StackOverflowError e) {
            explain(e);
        } finally {
            // From here on nothing waits for long, and an interrupt has had its effect.
            Thread.interrupted();

            // conclude
            conclude();
        }
        return report.build();
    }

    /** Whether a transient problem ended the run, so that another attempt may succeed. */
    boolean worthRetrying() {
        return worthRetrying;
    }

    /** The restored database, if the plan hands it over and it has passed. */
    @Nullable KeptDatabase kept() {
        return kept;
    }

    /** Adds a warning to the report, about something that happened before this run. */
    void warning(String sentence) {
        report.warning(sentence);
    }

    /** Adds to the report what the steps have found since the last call. */
    private void collect() {
        report.add(source.facts());
        if (server != null) {
            report.add(server.facts());
        }
        report.add(restoration.facts());
    }

    private Verdict verdict() {
        collect();
        return report.verdict();
    }

    /** Prepares the files outside the run's own folder, before the run queries production. */
    private @Nullable HistoryComparison prepare() {
        if (store != null) {
            store.prepare(run.folder().root());
        }
        HistoryPlan remembered = plan.trust().history();
        return remembered == null ? null : HistoryComparison.prepare(remembered);
    }

    private Map<String, ProtectedState> guardOthers() throws Exception {
        return others.environments().isEmpty()
                ? Map.of()
                : stages.run("guard protected environments", () -> others.inspect());
    }

    private void compareOthers(Map<String, ProtectedState> before) throws Exception {
        if (!before.isEmpty()) {
            collect();
            report.add(stages.run("protected environments afterwards", () -> others.compare(before)));
        }
    }

    private void requireUnchanged(Archive archive) throws IOException {
        String changed = archive.verifyUntouched().orElse("");
        collect();
        report.add(Check.of(
                "archive",
                "SHA-256 before the restore",
                archive.sha256(),
                changed.isEmpty() ? archive.sha256() : changed,
                changed.isEmpty()));
        if (!changed.isEmpty()) {
            throw new CannotVerifyException(changed, Remedy.SEE_WHAT_ELSE_WRITES_THERE);
        }
    }

    /** If a restore with several jobs left differences, a second restore with one job decides. */
    private RestoredDatabase check(RestoredDatabase restored, Baseline baseline) throws Exception {
        DatabaseCheck check = new DatabaseCheck(run);
        Findings findings = stages.run("introspect", () -> check.of(restored, baseline));
        if (!findings.callForOneJob()) {
            collect();
            report.judged(Judgement.of(plan, findings, Optional.empty()));
            return restored;
        }
        console.info("  " + findings.whyOneJob());
        RestoredDatabase again = stages.run(
                "restore with one job", () -> restoration.restoreByOneJob(restored.server(), restored.backup()));
        Findings judged = stages.run("introspect again", () -> check.of(again, baseline));
        collect();
        report.judged(Judgement.of(plan, judged, Optional.of(findings)));
        return again;
    }

    /** An empty database proves nothing when nothing is expected of it: it may be the wrong database. */
    private void requireSomethingCompared(Archive archive) {
        if (plan.expectations().isEmpty() && archive.contents().isOfAnEmptyDatabase() && verdict() == Verdict.PASS) {
            throw new CannotVerifyException(
                    "The database " + archive.contents().databaseName() + " is empty, and there are no "
                            + Setting.EXPECTATIONS + ": nothing could be compared.",
                    Remedy.nameTheDatabaseOrExpectSomething(source.tag()));
        }
    }

    private void compareWith(HistoryComparison history) throws IOException {
        VerificationReport soFar = report.soFar();
        VerificationReport.Acquired acquired = soFar.acquired();
        HistoryComparison.Result result = history.compare(
                acquired.database().orElseThrow(),
                acquired.source().map(VerificationReport.Source::server).orElse(""),
                stages.startedAt(),
                acquired.archive().orElseThrow().sha256(),
                soFar.checked().tableRows());
        report.add(result.checks());
        result.warnings().forEach(report::warning);
    }

    private void testExpectations(RestoredDatabase restored, Baseline baseline) throws Exception {
        ExpectationTestPlan test = plan.trust().expectationTest();
        if (test != null) {
            connected = Problems.THROW_AWAY_SERVER;
            ExpectationTest tested =
                    stages.run("test expectations", () -> new Trial(run, test, restored).run(baseline));
            report.tested(tested);
            Trial.check(tested).ifPresent(report::add);
        }
    }

    private void handOver(RestoredDatabase restored) throws Exception {
        RehearsalPlan rehearsal = plan.rehearsal();
        if (rehearsal != null) {
            connected = Problems.THROW_AWAY_SERVER;
            HandOver opened = stages.run("hand over", () -> HandOver.open(restored, rehearsal, report::warning));
            handOver = opened;
            report.add(opened.section(rehearsal));
        }
    }

    /** Reports what ended the run. */
    private void explain(Throwable failure) {
        if (server != null) {
            server.inspectDisk();
        }
        collect();
        CannotVerifyException problem = Problems.of(failure, interruption.reason(), connected);
        worthRetrying = problem.isTransient();
        debug(failure);
        report.problem(problem);
    }

    /** Stops everything, keeps what the plan keeps, and deletes the rest. */
    private void conclude() {
        HandOver opened = verdict() == Verdict.PASS ? handOver : null;
        try {
            stages.run("tear down", opened == null ? this::close : source::close);
            // A throw-away server that could not be removed says nothing about the backup.
            Interruption.Reason reason = interruption.reason();
            boolean removed = opened == null && (server == null || server.removed());
            if (reason != null && !removed && verdict() != Verdict.NOT_VERIFIED) {
                throw Problems.of(new InterruptedException(), reason, connected);
            }
            Backup passed = backup;
            if (store != null && passed != null && verdict() == Verdict.PASS) {
                stages.run("store archive", () -> store(store, passed.archive()));
            }
        } catch (Exception e) {
            problem(e);
        }
        try {
            if (source.discard(verdict() == Verdict.PASS)) {
                report.archiveDeleted();
            }
        } catch (IOException e) {
            problem(e);
        }
        if (opened != null) {
            keepOrEnd(opened, Objects.requireNonNull(server));
        }
    }

    /** Reports a problem at the end of the run, when nothing interrupts it any more. */
    private void problem(Exception failure) {
        collect();
        report.problem(Problems.of(failure, null, connected));
    }

    /** Hands over the restored database only if it has passed. */
    private void keepOrEnd(HandOver opened, ThrowAwayServer server) {
        if (verdict() == Verdict.PASS) {
            server.unwatchDisk();
            kept = new KeptDatabase(run, report, server, opened);
            return;
        }
        opened.close();
        try {
            stages.run("tear down the restored database", () -> end(server));
        } catch (Exception e) {
            problem(e);
        }
    }

    /** Stores the archive, when nothing is left that could fail. */
    private void store(ArchiveStore store, Archive archive) throws InterruptedException {
        try {
            Path roles = run.folder().file("dump", archive.contents().databaseName(), stages.startedAt(), ".roles.sql");
            VerificationReport.Stored stored = store.store(archive, roles);
            report.archiveStored(stored);
            console.info("  " + stored.archive());
        } catch (InterruptedException e) {
            throw Problems.of(e, interruption.reason(), connected);
        }
    }

    private void close() throws IOException {
        source.close();
        if (handOver != null) {
            handOver.close();
        }
        if (server != null) {
            end(server);
        }
    }

    private void end(ThrowAwayServer server) {
        collect();
        server.stop().ifPresent(report::removal);
        server.close();
    }

    /** Logs the failure without its message, which can quote values of rows. */
    private void debug(Throwable failure) {
        console.debug("The run was ended by " + failure.getClass().getName());
        for (StackTraceElement frame : failure.getStackTrace()) {
            console.debug("  at " + frame);
        }
    }
}
