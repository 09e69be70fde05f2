package io.github.pgbackup.verification;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.container.Daemon;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.plan.DatabaseAddress;
import io.github.pgbackup.plan.ExpectationTestPlan;
import io.github.pgbackup.plan.GivenArchive;
import io.github.pgbackup.plan.HistoryPlan;
import io.github.pgbackup.plan.ProtectedEnvironment;
import io.github.pgbackup.plan.RehearsalPlan;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.restore.RestoreResult;
import io.github.pgbackup.source.Credentials;
import io.github.pgbackup.source.SessionLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The run: guard, dump, restore, introspect, prove that production was left alone, tear down. It returns a report in
 * every case, also when it could not run to its end.
 */
public final class BackupVerification {

    /** The stage in which the backup is restored. */
    static final String RESTORE = "restore";

    private final Environment environment;
    private final Run run;
    private final VerificationPlan plan;
    private final EvidenceFolder folder;
    private final Console console;
    private final Interruption interruption;
    private final Stages stages;
    private final ReportBuilder report;
    private final SourceOpener sources;
    private final BackupSource source;
    private @Nullable RestoredCopy copy;
    private @Nullable Backup acquired;
    private final @Nullable ArchiveStore store;
    private @Nullable HandOver handOver;
    private @Nullable KeptDatabase kept;
    private boolean worthRetrying;

    /** The server that the run is connected to: a lost connection does not say whose it was. */
    private String connected = "The source";

    /**
     * What the run needs of the world around it.
     *
     * @param plugin the plugin's version, for the evidence
     * @param variables of this process, for {@code PATH}
     * @param credentials by which a database is opened
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
        this.folder = folder;
        this.console = console;
        this.interruption = interruption;
        this.stages = new Stages(console);
        this.report = new ReportBuilder(environment.plugin(), plan);
        this.run = new Run(plan, folder, console, interruption, stages, report);
        this.sources = new SourceOpener(
                environment.credentials(),
                environment.daemons(),
                new SessionLimits(plan.timeout(), plan.lockWaitTimeout()),
                console);
        GivenArchive archive = plan.archive();
        this.source = archive == null
                ? new LiveDump(run, sources)
                : new StoredBackup(run, archive, plan.source() == null ? null : new LiveReference(run, sources));
        Path directory = plan.backup().directory();
        this.store = directory == null ? null : new ArchiveStore(directory, () -> interruption.reason() != null);
        environment.daemons().onSilence(interruption::daemonIsSilent);
    }

    /**
     * Runs to the end, or until it is interrupted; then it tidies up and says so in the report.
     *
     * @return the report, with the archive kept or deleted as the plan says
     */
    public VerificationReport run() {
        plan.warnings().forEach(report::warning);
        try {
            verify();
            if (interruption.reason() != null) {
                throw new InterruptedException(); // what was broken off last may not have been missed
            }
        } catch (Exception | LinkageError | StackOverflowError e) {
            if (copy != null) {
                copy.inspectDisk();
            }
            CannotVerifyException problem = Problems.of(e, interruption.reason(), connected);
            worthRetrying = problem.isTransient();
            debug(e);
            report.problem(problem);
        } finally {
            // From here on nothing waits for long, and an interrupt has had its effect.
            Thread.interrupted();
            tearDown();
        }
        return report.build(stages);
    }

    /** Whether what ended the run, if something did, may have passed when it is tried again. */
    boolean worthRetrying() {
        return worthRetrying;
    }

    /** The restored database, where the plan hands it over and it has passed. */
    @Nullable KeptDatabase kept() {
        return kept;
    }

    /** Says in the report what happened before this run. */
    void warning(String sentence) {
        report.warning(sentence);
    }

    /** Acquire, restore, check; what is concluded from it is the report's. */
    private void verify() throws Exception {
        if (store != null) {
            store.prepare(folder.root());
        }
        HistoryPlan remembered = plan.trust().history();
        HistoryComparison history = remembered == null ? null : HistoryComparison.prepare(remembered);
        Installations programs = Installations.find(plan.binDirectories(), environment.variables(), console);
        source.guard();
        connected = source.name();
        boolean protect = !plan.protectedEnvironments().isEmpty();
        Map<String, ProtectedState> environments =
                protect ? stages.run("guard protected environments", this::inspectProtected) : Map.of();
        ChosenEngine engine = environment.engine().apply(programs);
        RestoredCopy copy = new RestoredCopy(run, engine);
        this.copy = copy;

        Backup backup;
        PostgresServer target;
        RestoreResult restored;
        Baseline baseline;
        try (Background background = new Background(interruption::cancel, interruption::endForGood)) {
            BackupSource.Acquired acquired = source.acquire(engine, copy, background);
            backup = acquired.backup();
            this.acquired = backup;
            target = stages.join("target", acquired.target());
            stages.run("check archive", () -> pin(backup.archive()));
            connected = Problems.THROW_AWAY_SERVER;
            copy.watchDisk(target);
            stages.run("guard target", () -> copy.guard(target, backup, environments));
            restored = stages.run("restore", () -> background.alongside(() -> copy.restore(target, backup)));
            baseline = acquired.baseline().call();
        }
        RestoreResult judged = check(copy, target, backup, baseline, restored);
        requireSomethingCompared(backup.archive());
        if (history != null) {
            report.compareWith(history);
        }
        connected = source.name();
        source.inspectAfterwards();
        if (protect) {
            stages.run("protected environments afterwards", () -> inspectProtectedAgain(environments));
        }
        ExpectationTestPlan test = plan.trust().expectationTest();
        if (test != null && report.verdict() == Verdict.PASS) {
            connected = Problems.THROW_AWAY_SERVER;
            report.tested(
                    stages.run("test expectations", () -> new Trial(run, test, target, backup, judged).run(baseline)));
        }
        RehearsalPlan rehearsal = plan.rehearsal();
        if (rehearsal != null && report.verdict() == Verdict.PASS) {
            connected = Problems.THROW_AWAY_SERVER;
            HandOver opened = stages.run("hand over", () -> HandOver.open(target, backup, rehearsal, report::warning));
            handOver = opened;
            report.handedOver(opened, rehearsal);
        }
    }

    /** After a restore with several jobs that left differences, one with one job decides. */
    private RestoreResult check(
            RestoredCopy copy, PostgresServer target, Backup backup, Baseline baseline, RestoreResult restored)
            throws Exception {
        Findings findings = stages.run("introspect", () -> copy.introspect(target, backup, baseline, restored));
        if (!findings.callForOneJob()) {
            report.restored(plan, findings, null);
            return restored;
        }
        console.info("  " + findings.whyOneJob());
        RestoreResult again = stages.run("restore with one job", () -> copy.restoreByOneJob(target, backup));
        Findings judged = stages.run("introspect again", () -> copy.introspect(target, backup, baseline, again));
        report.restored(plan, judged, findings);
        return again;
    }

    private Map<String, ProtectedState> inspectProtected() throws InterruptedException {
        Map<String, ProtectedState> states = new LinkedHashMap<>();
        for (ProtectedEnvironment each : plan.protectedEnvironments()) {
            ProtectedState state = inspect(each);
            console.info("  " + each.name() + ": " + state.describe());
            states.put(each.name(), state);
        }
        return states;
    }

    private ProtectedState inspect(ProtectedEnvironment each) throws InterruptedException {
        String container = each.container();
        if (container != null) {
            Daemon daemon = environment.daemons().require("<protectedEnvironment><container>");
            return ProtectedState.of(each.name(), container, daemon);
        }
        return ProtectedState.of(
                sources.open(Objects.requireNonNull(each.address())).identity(), Optional.empty());
    }

    /** What agrees with nothing proves nothing: it may be another database than the one that was meant. */
    private void requireSomethingCompared(Archive archive) {
        if (plan.expectations().isEmpty()
                && archive.contents().isOfAnEmptyDatabase()
                && report.verdict() == Verdict.PASS) {
            throw new CannotVerifyException(
                    "The database " + archive.contents().databaseName()
                            + " is empty, and there are no <expectations>: nothing could be compared.",
                    Remedy.nameTheDatabaseOrExpectSomething(source.tag()));
        }
    }

    private void pin(Archive archive) throws IOException {
        String changed = archive.verifyUnchanged().orElse("");
        report.check(Check.of(
                "archive",
                "SHA-256 before the restore",
                archive.sha256(),
                changed.isEmpty() ? archive.sha256() : changed,
                changed.isEmpty()));
        if (!changed.isEmpty()) {
            throw new CannotVerifyException(changed, Remedy.SEE_WHAT_ELSE_WRITES_THERE);
        }
    }

    private void inspectProtectedAgain(Map<String, ProtectedState> before) throws InterruptedException {
        for (ProtectedEnvironment each : plan.protectedEnvironments()) {
            String expected = Objects.requireNonNull(before.get(each.name())).incarnation();
            String actual;
            try {
                actual = inspect(each).incarnation();
            } catch (CannotVerifyException e) {
                actual = e.fact();
            }
            report.check(Check.of("protected", each.name(), expected, actual, expected.equals(actual)));
        }
    }

    private void tearDown() {
        HandOver opened = report.verdict() == Verdict.PASS ? handOver : null;
        try {
            stages.run("tear down", opened == null ? this::close : source::close);
            // What kept the throw-away server from being removed says nothing about the backup.
            Interruption.Reason reason = interruption.reason();
            boolean removed = opened == null && (copy == null || copy.removed());
            if (reason != null && !removed && report.verdict() != Verdict.NOT_VERIFIED) {
                throw Problems.of(new InterruptedException(), reason, connected);
            }
            Backup backup = acquired;
            if (store != null && backup != null && report.verdict() == Verdict.PASS) {
                stages.run("store archive", () -> store(store, backup.archive()));
            }
        } catch (Exception e) {
            report.problem(Problems.of(e, null, connected));
        }
        try {
            source.discard(report.verdict() == Verdict.PASS);
        } catch (IOException e) {
            report.problem(Problems.of(e, null, connected));
        }
        if (opened != null) {
            keepOrEnd(opened);
        }
    }

    /** Nothing is handed over but what has passed. */
    private void keepOrEnd(HandOver opened) {
        RestoredCopy restored = Objects.requireNonNull(copy);
        if (report.verdict() == Verdict.PASS) {
            restored.unwatchDisk();
            kept = new KeptDatabase(run, restored, opened);
            return;
        }
        opened.close();
        try {
            stages.run("tear down the restored database", restored::close);
        } catch (Exception e) {
            report.problem(Problems.of(e, null, connected));
        }
    }

    /** Once nothing is left that could fail. */
    private void store(ArchiveStore store, Archive archive) throws InterruptedException {
        try {
            Path roles = folder.file("dump", archive.contents().databaseName(), report.startedAt(), ".roles.sql");
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
        if (copy != null) {
            copy.close();
        }
    }

    /** Without its message, which can quote values of rows. */
    private void debug(Throwable failure) {
        console.debug("The run was ended by " + failure.getClass().getName());
        for (StackTraceElement frame : failure.getStackTrace()) {
            console.debug("  at " + frame);
        }
    }
}
