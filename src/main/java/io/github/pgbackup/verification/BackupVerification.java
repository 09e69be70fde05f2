package io.github.pgbackup.verification;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Machine;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.ArchiveFormat;
import io.github.pgbackup.archive.PgDump;
import io.github.pgbackup.archive.Rate;
import io.github.pgbackup.container.Daemon;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.Engine;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.plan.DatabaseAddress;
import io.github.pgbackup.plan.HistoryPlan;
import io.github.pgbackup.plan.KeepArchive;
import io.github.pgbackup.plan.OnLittleSpace;
import io.github.pgbackup.plan.ProtectedEnvironment;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.restore.RestoreResult;
import io.github.pgbackup.source.Credentials;
import io.github.pgbackup.source.SessionLimits;
import io.github.pgbackup.source.Snapshot;
import io.github.pgbackup.source.Source;
import io.github.pgbackup.verification.Production.Before;
import io.github.pgbackup.verification.Production.SourceFigures;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
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
    private @Nullable Production production;
    private @Nullable RestoredCopy copy;
    private @Nullable Path kept;
    private @Nullable SourceDescription described;
    private @Nullable Archive taken;
    private final @Nullable ArchiveStore store;
    private boolean mayPass;

    /** The server that is asked; a lost connection does not say whose it was. */
    private String asked = "The source";

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
                copy.lookAtDisk();
            }
            CannotVerifyException problem = Problems.of(e, interruption.reason(), asked);
            mayPass = problem.passing();
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
    boolean mayPass() {
        return mayPass;
    }

    /** Says in the report what happened before this run. */
    void warning(String sentence) {
        report.warning(sentence);
    }

    private void verify() throws Exception {
        if (store != null) {
            store.prepare(folder.root());
        }
        HistoryPlan remembered = plan.trust().history();
        HistoryComparison history = remembered == null ? null : HistoryComparison.prepare(remembered);
        Installations programs = Installations.find(plan.binDirectories(), environment.variables(), console);
        Production production = stages.run("guard", this::guard);
        asked = production.name();
        boolean protect = !plan.protectedEnvironments().isEmpty();
        Map<String, ProtectedState> environments =
                protect ? stages.run("guard protected environments", this::lookAtProtected) : Map.of();
        ChosenEngine engine = environment.engine().apply(programs);
        RestoredCopy copy = new RestoredCopy(run, engine);
        this.copy = copy;
        ClientPrograms client = stages.run("client programs", () -> client(engine, production.source()));

        DiskSpace space = stages.run("disk space", () -> lookAtDisks(engine.engine(), production));
        Snapshot snapshot = stages.run("snapshot", () -> production.takeSnapshot());
        Before before = production.asked(() -> production.lookBefore(snapshot));
        Map<String, Long> tableSizes = production.asked(snapshot::tableSizes);
        Machine machine = Machine.here();
        DumpChoice choice = production.asked(() -> chooseDump(engine.engine(), client, snapshot, space, machine));
        RestoreChoice restoring = RestoreChoice.of(
                plan.restore().jobs(), space.database(), snapshot.tables(), machine, before.parallel());
        before.parallel().warning().ifPresent(report::warning);
        SourceFigures figures;
        Archive archive;
        PostgresServer target;
        RestoreResult restored;
        try (Background background = new Background(interruption::breakOff, interruption::endForGood)) {
            Future<PostgresServer> starting = background.start(() -> stages.beside("target", () -> {
                PostgresServer started = copy.start(production.source().identity(), before.libraries());
                onLittleSpace(space.shortages(started.freeSpace()));
                return started;
            }));
            Optional<SourceDescription> description =
                    stages.beside("describe source", () -> production.asked(() -> production.describe(snapshot)));
            described = description.orElse(null);
            Callable<SourceFigures> ask = () -> stages.beside(
                    "source figures", () -> production.asked(() -> production.figures(snapshot, before, starting)));
            Future<SourceFigures> asking = choice.jobs() > 1 ? null : background.start(ask);
            archive = stages.run(
                    "dump",
                    () -> background.beside(() -> {
                        if (asking == null) {
                            production.lendSession(snapshot);
                        }
                        return dump(client, production.source(), snapshot, choice, tableSizes);
                    }));
            Future<SourceFigures> lettingGo = background.start(() -> {
                SourceFigures answers = asking == null ? ask.call() : Background.result(asking);
                if (description.isPresent()) {
                    production.asked(() -> {
                        description.get().confirm(snapshot.session());
                        return answers;
                    });
                }
                return stages.beside(
                        "let go of production",
                        () -> production.asked(() -> production.letGo(snapshot, before.roles(), answers)));
            });
            target = stages.join("target", starting);
            stages.run("check archive", () -> pin(archive));
            asked = Problems.THROW_AWAY_SERVER;
            copy.watchDisk(target);
            stages.run("guard target", () -> copy.guard(target, client.version(), production.source(), environments));
            restored = stages.run(
                    RESTORE,
                    () -> background.beside(
                            () -> copy.restore(target, archive, before.roles(), restoring, tableSizes)));
            figures = stages.join("source figures", lettingGo);
        }

        int readers = restoring.readers();
        Findings findings = stages.run(
                "introspect",
                () -> copy.introspect(target, archive, before.roles(), figures, described, restored, readers));
        if (!findings.callForOneJob()) {
            report.restored(plan, findings, null);
        } else {
            console.info("  " + findings.whyOneJob());
            RestoreResult again = stages.run(
                    "restore with one job", () -> copy.restoreByOneJob(target, archive, before.roles(), tableSizes));
            Findings judged = stages.run(
                    "introspect again",
                    () -> copy.introspect(target, archive, before.roles(), figures, described, again, readers));
            report.restored(plan, judged, findings);
        }
        requireSomethingCompared(archive);
        if (history != null) {
            report.compareWith(history);
        }
        asked = production.name();
        stages.run("production afterwards", () -> production.lookAfterwards(figures));
        if (protect) {
            stages.run("protected environments afterwards", () -> lookAtProtectedAgain(environments));
        }
    }

    private Production guard() throws SQLException, InterruptedException {
        Production guarded = Production.guard(run, sources);
        production = guarded;
        return guarded;
    }

    private ClientPrograms client(ChosenEngine engine, Source source) throws InterruptedException {
        console.info("  engine " + engine.engine().name() + ", " + engine.reason());
        Optional<ClientPrograms> beside = source.programs();
        ClientPrograms client = beside.isPresent()
                ? beside.get()
                : engine.engine().dumpPrograms(source.identity().version(), source.host());
        ClientSecurity.warning(client).ifPresent(report::warning);
        console.info("  pg_dump " + client.version() + " in " + client.place());
        return client;
    }

    private Map<String, ProtectedState> lookAtProtected() throws InterruptedException {
        Map<String, ProtectedState> states = new LinkedHashMap<>();
        for (ProtectedEnvironment each : plan.protectedEnvironments()) {
            ProtectedState state = look(each);
            console.info("  " + each.name() + ": " + state.describe());
            states.put(each.name(), state);
        }
        return states;
    }

    private ProtectedState look(ProtectedEnvironment each) throws InterruptedException {
        String container = each.container();
        if (container != null) {
            Daemon daemon = environment.daemons().require("<protectedEnvironment><container>");
            return ProtectedState.of(each.name(), container, daemon);
        }
        return ProtectedState.of(
                sources.open(Objects.requireNonNull(each.address())).identity(), Optional.empty());
    }

    /** Before production is asked for anything that takes long. */
    private DiskSpace lookAtDisks(Engine engine, Production production) throws SQLException, InterruptedException {
        DiskSpace space = new DiskSpace(production.databaseSize(), plan.backup().compression());
        onLittleSpace(space.shortages(folder.root(), engine.dataDirectory().orElse(null)));
        return space;
    }

    private void onLittleSpace(List<DiskSpace.Shortage> shortages) {
        if (plan.onLittleSpace() == OnLittleSpace.WARN) {
            shortages.forEach(shortage -> report.warning(shortage.fact()));
        } else if (!shortages.isEmpty()) {
            throw new CannotVerifyException(
                    shortages.stream().map(DiskSpace.Shortage::fact).collect(Collectors.joining(" ")),
                    DiskSpace.remedy(shortages));
        }
    }

    private DumpChoice chooseDump(
            Engine engine, ClientPrograms client, Snapshot snapshot, DiskSpace space, Machine machine)
            throws SQLException, InterruptedException {
        DumpChoice choice = DumpChoice.of(
                plan.backup(),
                client,
                space.database(),
                snapshot.tables(),
                snapshot.leavesRoomForWorkers(),
                space.hasRoomForText(folder.root(), engine.dataDirectory().orElse(null)),
                machine);
        console.info("  " + choice.why());
        return choice;
    }

    private Archive dump(
            ClientPrograms client, Source source, Snapshot snapshot, DumpChoice choice, Map<String, Long> tableSizes)
            throws InterruptedException {
        String suffix = choice.format() == ArchiveFormat.CUSTOM ? ".dump" : ".dir";
        Path path = folder.file("dump", source.identity().database(), report.startedAt(), suffix);
        kept = path;
        PgDump dump = new PgDump(
                client,
                source.pgDumpEnvironment(client.version()),
                snapshot.id(),
                choice.format(),
                choice.compression(),
                choice.jobs(),
                plan.lockWaitTimeout());
        report.dumpCommand(dump.commandLine(path));
        Instant began = Instant.now();
        Progress progress = stages.telling(new Progress(tableSizes, choice.jobs(), System::nanoTime));
        Rate rate = plan.backup().maximumRate();
        Archive archive = dump.run(
                path, folder.log("pg_dump"), rate == null ? progress : rate.throttle(progress), progress::line);
        taken = archive;
        report.archive(
                archive, folder.relative(path), client, source.identity(), Duration.between(began, Instant.now()));
        console.info("  " + folder.relative(path));
        console.info(String.format(Locale.ROOT, "  %,d bytes, ", archive.size())
                + archive.contents().entries().size() + " entries, SHA-256 "
                + archive.sha256().substring(0, 12) + "…");
        return archive;
    }

    /** What agrees with nothing proves nothing: it may be another database than the one that was meant. */
    private void requireSomethingCompared(Archive archive) {
        if (plan.expectations().isEmpty()
                && archive.contents().isOfAnEmptyDatabase()
                && report.verdict() == Verdict.PASS) {
            throw new CannotVerifyException(
                    "The database " + archive.contents().databaseName()
                            + " is empty, and there are no <expectations>: nothing could be compared.",
                    Remedy.nameTheDatabaseOrExpectSomething(plan.source().url().tag()));
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

    private void lookAtProtectedAgain(Map<String, ProtectedState> before) throws InterruptedException {
        for (ProtectedEnvironment each : plan.protectedEnvironments()) {
            String expected = Objects.requireNonNull(before.get(each.name())).life();
            String actual;
            try {
                actual = look(each).life();
            } catch (CannotVerifyException e) {
                actual = e.fact();
            }
            report.check(Check.of("protected", each.name(), expected, actual, expected.equals(actual)));
        }
    }

    private void tearDown() {
        try {
            stages.run("tear down", this::close);
            // What kept the throw-away server from being removed says nothing about the backup.
            Interruption.Reason reason = interruption.reason();
            boolean removed = copy == null || copy.removed();
            if (reason != null && !removed && report.verdict() != Verdict.NOT_VERIFIED) {
                throw Problems.of(new InterruptedException(), reason, asked);
            }
            Archive archive = taken;
            if (store != null && archive != null && report.verdict() == Verdict.PASS) {
                stages.run("store archive", () -> store(store, archive));
            }
        } catch (Exception e) {
            report.problem(Problems.of(e, null, asked));
        }
        try {
            discardArchive();
        } catch (IOException e) {
            report.problem(Problems.of(e, null, asked));
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
            throw Problems.of(e, interruption.reason(), asked);
        }
    }

    private void close() throws IOException {
        if (described != null) {
            described.delete();
        }
        if (production != null) {
            production.close();
        }
        if (copy != null) {
            copy.close();
        }
    }

    private void discardArchive() throws IOException {
        KeepArchive keep = plan.backup().keepArchive();
        boolean passed = report.verdict() == Verdict.PASS;
        if (kept != null && (keep == KeepArchive.NEVER || keep == KeepArchive.ON_SUCCESS && !passed)) {
            EvidenceFolder.delete(kept);
            report.archiveDeleted();
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
