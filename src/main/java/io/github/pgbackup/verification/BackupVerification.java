package io.github.pgbackup.verification;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Machine;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.ArchiveData;
import io.github.pgbackup.archive.ArchiveFormat;
import io.github.pgbackup.archive.PgDump;
import io.github.pgbackup.archive.Rate;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.container.Container;
import io.github.pgbackup.container.ContainerState;
import io.github.pgbackup.container.Daemon;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.Engine;
import io.github.pgbackup.engine.Isolation;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.expectation.ArchiveContents;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Figure;
import io.github.pgbackup.ledger.CatalogComparison;
import io.github.pgbackup.ledger.DatabaseFigures;
import io.github.pgbackup.ledger.DatabaseFigures.SequenceFigure;
import io.github.pgbackup.ledger.DatabaseFigures.TableFigure;
import io.github.pgbackup.ledger.RowHash;
import io.github.pgbackup.ledger.SchemaComparison;
import io.github.pgbackup.ledger.SourceCatalog;
import io.github.pgbackup.ledger.TableName;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.plan.DatabaseAddress;
import io.github.pgbackup.plan.KeepArchive;
import io.github.pgbackup.plan.OnLittleSpace;
import io.github.pgbackup.plan.ProtectedEnvironment;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.postgres.Client;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.restore.PgRestore;
import io.github.pgbackup.restore.RestoreError;
import io.github.pgbackup.restore.RestoreResult;
import io.github.pgbackup.restore.Role;
import io.github.pgbackup.restore.RoleProvisioning;
import io.github.pgbackup.source.Credentials;
import io.github.pgbackup.source.Identity;
import io.github.pgbackup.source.Probe;
import io.github.pgbackup.source.ProductionWatcher;
import io.github.pgbackup.source.ServerIdentity;
import io.github.pgbackup.source.SessionLimits;
import io.github.pgbackup.source.Snapshot;
import io.github.pgbackup.source.Source;
import io.github.pgbackup.source.Visibility;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * The run: guard, dump, restore, introspect, prove that production was left alone, tear down. It returns a report in
 * every case, also when it could not run to its end.
 */
public final class BackupVerification {

    private final VerificationPlan plan;
    private final Environment environment;
    private final EvidenceFolder folder;
    private final Console console;
    private final Interruption interruption;
    private final SourceOpener sources;
    private final Stages stages;
    private final ReportBuilder report;
    private boolean mayPass;

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
        this.plan = plan;
        this.environment = environment;
        this.folder = folder;
        this.console = console;
        this.interruption = interruption;
        this.sources = new SourceOpener(environment.credentials(), environment.daemons(), console);
        this.stages = new Stages(console);
        this.report = new ReportBuilder(environment.plugin(), plan.demands());
    }

    /** What is looked at before pg_dump does. */
    private record Before(Map<TableName, SequenceFigure> sequences, List<Role> roles) {}

    /** The source under its snapshot. */
    private record SourceFigures(
            Probe probe,
            Map<Expectation, Map<String, Figure>> expectations,
            @Nullable RowHash hash,
            @Nullable SourceCatalog catalog,
            Map<String, String> extensions,
            @Nullable DatabaseFigures tables,
            List<String> doesNotContain) {}

    /** The source when all is done. */
    private record After(Probe probe, Map<Expectation, Map<String, Figure>> expectations) {}

    /** What a run has opened and must close, in whatever state it ends. */
    private static final class Open {
        @Nullable ProductionWatcher watcher;

        @Nullable Snapshot snapshot;

        Instant snapshotTaken = Instant.EPOCH;

        @Nullable Engine engine;

        Map<String, Long> tableSizes = Map.of();

        @Nullable PostgresServer target;

        private boolean closing;

        /** A server whose start took longer than anybody waited for it is stopped at once. */
        synchronized void own(PostgresServer started) {
            target = started;
            if (closing) {
                started.stop();
            }
        }

        synchronized @Nullable PostgresServer targetToStop() {
            closing = true;
            return target;
        }

        @Nullable DiskWatch disk;

        @Nullable Path archive;

        /** The server that is asked; a lost connection does not say whose it was. */
        String asked = "The source";
    }

    /**
     * Runs to the end, or until it is interrupted; then it tidies up and says so in the report.
     *
     * @return the report, with the archive kept or deleted as the plan says
     */
    public VerificationReport run() {
        Open open = new Open();
        plan.warnings().forEach(report::warning);
        try {
            verify(open);
        } catch (Exception | LinkageError | StackOverflowError e) {
            CannotVerifyException problem = Problems.of(e, interruption.reason(), open.asked);
            mayPass = problem.passing();
            debug(e);
            report.problem(problem);
        } finally {
            // From here on nothing waits for long, and an interrupt has had its effect.
            Thread.interrupted();
            tearDown(open);
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

    private void verify(Open open) throws Exception {
        Installations programs = Installations.find(plan.binDirectories(), environment.variables(), console);
        Source source = stages.run("guard", this::guard);
        open.asked = "The source " + source.describe();
        boolean protect = !plan.protectedEnvironments().isEmpty();
        Map<String, ProtectedState> environments =
                protect ? stages.run("guard protected environments", this::lookAtProtected) : Map.of();
        ChosenEngine engine = environment.engine().apply(programs);
        open.engine = engine.engine();
        ClientPrograms client = stages.run("client programs", () -> client(engine, source));

        DiskSpace space = stages.run("disk space", () -> lookAtDisks(engine.engine(), source));
        Snapshot snapshot = stages.run("snapshot", () -> takeSnapshot(open, source));
        Before before = ofSource(source, () -> lookBefore(snapshot, source));
        Machine machine = Machine.here();
        DumpChoice choice = ofSource(source, () -> chooseDump(open, client, snapshot, space, machine));
        RestoreChoice restoring = RestoreChoice.of(plan.restore().jobs(), space.database(), snapshot.tables(), machine);
        SourceFigures figures;
        Archive archive;
        PostgresServer target;
        RestoreResult restored;
        try (Background background = new Background(interruption::breakOff, interruption::endForGood)) {
            Future<PostgresServer> starting = background.start(() -> stages.beside("target", () -> {
                PostgresServer started = startTarget(open, engine, source);
                onLittleSpace(space.shortages(started.freeSpace()));
                return started;
            }));
            Callable<SourceFigures> ask = () -> stages.beside(
                    "source figures", () -> ofSource(source, () -> askSource(open, snapshot, before, starting)));
            Future<SourceFigures> asking = choice.jobs() > 1 ? null : background.start(ask);
            archive = stages.run(
                    "dump",
                    () -> background.beside(() -> {
                        lendSession(open, snapshot, asking == null);
                        return dump(open, client, source, snapshot, choice);
                    }));
            Future<SourceFigures> lettingGo = background.start(() -> {
                SourceFigures asked = asking == null ? ask.call() : Background.result(asking);
                return stages.beside(
                        "let go of production",
                        () -> ofSource(source, () -> letGo(open, source, snapshot, before.roles(), asked)));
            });
            target = stages.join("target", starting);
            stages.run("check archive", () -> pin(archive));
            open.asked = Problems.THROW_AWAY_SERVER;
            open.disk = watchDisk(target);
            stages.run("guard target", () -> guardTarget(engine, target, client.version(), source, environments));
            restored = stages.run(
                    "restore",
                    () -> background.beside(() -> restore(open, target, archive, before.roles(), restoring)));
            figures = stages.join("source figures", lettingGo);
        }

        stages.run(
                "introspect",
                () -> introspect(target, archive, before.roles(), figures, restored, restoring.readers()));
        open.asked = "The source " + source.describe();
        stages.run("production afterwards", () -> lookAtProduction(source, figures));
        if (protect) {
            stages.run("protected environments afterwards", () -> lookAtProtectedAgain(environments));
        }
    }

    /** What runs beside other work names the server that it has lost itself. */
    private <T> T ofSource(Source source, Callable<T> question) throws Exception {
        try {
            return question.call();
        } catch (SQLException e) {
            throw Problems.of(e, interruption.reason(), "The source " + source.describe());
        }
    }

    // ---- guard ----

    private Source guard() throws SQLException, InterruptedException {
        Source source = open(plan.source());
        ServerIdentity identity = source.identity();
        report.source(source);
        List<Identity.Finding> findings = plan.identity().findings(identity, source.container());
        findings.forEach(finding -> report.check(
                Check.of("identity", finding.name(), finding.expected(), finding.actual(), finding.holds())));
        Optional<CannotVerifyException> refusal = Identity.refusal(findings);
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        try (Session session = source.connect()) {
            interruption.onInterrupt(() -> breakOff(session));
            List<Visibility.Obstacle> obstacles = Visibility.obstacles(session);
            if (!obstacles.isEmpty()) {
                throw new CannotVerifyException(
                        "The source's role does not see everything, so a dump by it would not be complete.\n"
                                + obstacles.stream()
                                        .map(Visibility.Obstacle::fact)
                                        .collect(Collectors.joining("\n")),
                        Remedy.all(obstacles.stream()
                                .map(Visibility.Obstacle::remedy)
                                .toList()));
            }
        }
        console.info("  " + source.describe() + " as " + identity.role() + ", PostgreSQL " + identity.version());
        return source;
    }

    private Source open(DatabaseAddress address) throws InterruptedException {
        return sources.open(address, new SessionLimits(plan.timeout(), plan.lockWaitTimeout()));
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
        return ProtectedState.of(open(Objects.requireNonNull(each.address())).identity(), Optional.empty());
    }

    /** Before production is asked for anything that takes long. */
    private DiskSpace lookAtDisks(Engine engine, Source source) throws SQLException, InterruptedException {
        DiskSpace space;
        try (Session session = source.connect()) {
            interruption.onInterrupt(() -> breakOff(session));
            space = new DiskSpace(
                    session.number("select pg_catalog.pg_database_size(current_database())"),
                    plan.backup().compression());
        }
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

    // ---- one snapshot ----

    /**
     * With several jobs pg_dump has one connection more than jobs. Production sees no more than two beside those of the
     * jobs, so the snapshot's session is then the watcher's too, and is asked after the dump.
     */
    private static void lendSession(Open open, Snapshot snapshot, boolean idle) {
        if (idle && open.watcher != null) {
            open.watcher.lend(snapshot.session());
        }
    }

    private Snapshot takeSnapshot(Open open, Source source) throws InterruptedException, SQLException {
        Snapshot snapshot = Snapshot.take(source, plan.lockWaitTimeout());
        open.snapshot = snapshot;
        open.snapshotTaken = Instant.now();
        open.tableSizes = snapshot.tableSizes();
        interruption.onInterrupt(snapshot::abandon);
        open.watcher = watch(source, snapshot.session(), "dump");
        console.info(
                "  " + snapshot.id() + ", " + Counted.of(snapshot.tables(), "table") + " locked in ACCESS SHARE mode");
        return snapshot;
    }

    private ProductionWatcher watch(Source source, Session session, String what) throws SQLException {
        return ProductionWatcher.start(
                source,
                session.pid(),
                plan.maximumBlocking(),
                sentence -> interruption.interrupt(new Interruption.Reason(
                        "The " + what + " was ended for the sake of production: " + sentence,
                        Remedy.RAISE_MAXIMUM_BLOCKING,
                        true)),
                sentence ->
                        interruption.interrupt(new Interruption.Reason(sentence, Remedy.LOOK_AT_THE_NETWORK, true)));
    }

    private PostgresServer startTarget(Open open, ChosenEngine engine, Source source) throws InterruptedException {
        ServerIdentity identity = source.identity();
        PostgresServer target = engine.engine()
                .start(new ServerRequest(identity.version(), identity.bootstrapSuperuser(), folder.log("server")));
        open.own(target);
        return target;
    }

    /** Before pg_dump looks at sequences: no snapshot holds them back, and the archive's values must not be behind. */
    private Before lookBefore(Snapshot snapshot, Source source) throws SQLException {
        Session session = snapshot.session();
        return new Before(
                plan.comparison().includes(Comparison.ROWS) ? DatabaseFigures.sequences(session) : Map.of(),
                RoleProvisioning.rolesOf(session, source.identity().version()));
    }

    private DumpChoice chooseDump(Open open, ClientPrograms client, Snapshot snapshot, DiskSpace space, Machine machine)
            throws SQLException, InterruptedException {
        Path copy = Objects.requireNonNull(open.engine).dataDirectory().orElse(null);
        DumpChoice choice = DumpChoice.of(
                plan.backup(),
                client,
                space.database(),
                snapshot.tables(),
                snapshot.leavesRoomForWorkers(),
                space.hasRoomForText(folder.root(), copy),
                machine);
        console.info("  " + choice.why());
        return choice;
    }

    private SourceFigures askSource(Open open, Snapshot snapshot, Before before, Future<PostgresServer> starting)
            throws Exception {
        if (open.watcher != null) {
            open.watcher.takeBack();
        }
        Session session = snapshot.session();
        Comparison comparison = plan.comparison();
        Probe probe = Probe.of(session);
        Map<Expectation, Map<String, Figure>> expectations = new Introspection(plan.expectations()).ask(session);
        RowHash hash = null;
        if (comparison.includes(Comparison.CONTENT)) {
            try (Session other = Background.result(starting).connect("template1")) {
                hash = RowHash.common(session, other);
            }
        }
        DatabaseFigures figures = null;
        if (comparison.includes(Comparison.ROWS)) {
            DatabaseFigures.Tables tables = DatabaseFigures.Tables.of(session);
            figures = DatabaseFigures.of(
                    session, tables, tables.ask(session, hash), hash != null, withRoles(), before.sequences());
        }
        return new SourceFigures(
                probe,
                expectations,
                hash,
                comparison.includes(Comparison.SCHEMA) ? SourceCatalog.of(session) : null,
                SourceCatalog.extensionVersions(session),
                figures,
                NotContained.in(session, before.roles()));
    }

    private Archive dump(Open open, ClientPrograms client, Source source, Snapshot snapshot, DumpChoice choice)
            throws InterruptedException {
        String suffix = choice.format() == ArchiveFormat.CUSTOM ? ".dump" : ".dir";
        Path path = folder.file("dump", source.identity().database(), report.startedAt(), suffix);
        open.archive = path;
        PgDump dump = new PgDump(
                client,
                source.pgDumpEnvironment(client.version()),
                snapshot.id(),
                choice.format(),
                choice.compression(),
                choice.jobs(),
                plan.lockWaitTimeout());
        Instant began = Instant.now();
        Progress progress = stages.telling(new Progress(open.tableSizes, System::nanoTime));
        Rate rate = plan.backup().maximumRate();
        Archive archive = dump.run(
                path, folder.log("pg_dump"), rate == null ? progress : rate.throttle(progress), progress::line);
        report.archive(
                archive, folder.relative(path), client, source.identity(), Duration.between(began, Instant.now()));
        console.info("  " + folder.relative(path));
        console.info(String.format(Locale.ROOT, "  %,d bytes, ", archive.size())
                + archive.contents().entries().size() + " entries, SHA-256 "
                + archive.sha256().substring(0, 12) + "…");
        return archive;
    }

    private SourceFigures letGo(Open open, Source source, Snapshot snapshot, List<Role> roles, SourceFigures figures)
            throws SQLException, IOException {
        ProductionWatcher watcher = open.watcher;
        ProductionWatcher.Observations observations = watcher == null ? null : watcher.observations();
        if (watcher != null) {
            watcher.close();
        }
        Map<String, String> sessions = new LinkedHashMap<>();
        sessions.put("snapshot session", transactionId(snapshot.letGo()));
        report.snapshot(snapshot.id(), snapshot.takenAt(), Duration.between(open.snapshotTaken, Instant.now()));
        if (observations != null) {
            sessions.put(
                    "pg_dump's and all other sessions of ours",
                    observations.transactionIds().isEmpty()
                            ? "no transaction id seen in " + Counted.of(observations.looks(), "look")
                            : "transaction ids " + observations.transactionIds());
            observations.failure().ifPresent(report::warning);
        }
        report.production(sessions, figures.probe(), figures.expectations());
        boolean none = sessions.values().stream().allMatch(each -> each.startsWith("no transaction id"));
        report.check(Check.of(
                "production",
                "transaction ids assigned to our sessions",
                "none",
                none ? "none" : sessions.toString(),
                none));
        folder.write(
                folder.file("dump", source.identity().database(), report.startedAt(), ".roles.sql"),
                RoleProvisioning.script(roles, source.identity().version()));
        report.doesNotContain(figures.doesNotContain());
        return figures;
    }

    private static String transactionId(Optional<String> id) {
        return id.map(assigned -> "transaction id " + assigned).orElse("no transaction id was assigned");
    }

    // ---- archive and target before the restore ----

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

    private void guardTarget(
            ChosenEngine engine,
            PostgresServer target,
            PostgresVersion client,
            Source source,
            Map<String, ProtectedState> environments)
            throws SQLException {
        try (Session session = target.connect("template1")) {
            ServerIdentity identity = ServerIdentity.of(session);
            Isolation isolation = target.isolation();
            report.target(engine.engine().name(), engine.reason(), identity, isolation);
            console.info("  at " + identity.address().orElse("a Unix socket") + ", system identifier "
                    + identity.systemIdentifier().orElse("(not readable)"));
            if (!target.version().equals(client)) {
                ClientSecurity.warning(target.version(), "the throw-away server")
                        .ifPresent(report::warning);
            }
            Optional<ContainerState> container = target.container().flatMap(Container::look);
            mustBeAnother(identity, container, "source", ProtectedState.of(source.identity(), source.container()));
            environments.forEach((name, environment) ->
                    mustBeAnother(identity, container, "protected environment " + name, environment));
            report.check(Check.of(
                    "target",
                    "reachable from outside",
                    "no",
                    isolation.unreachable() ? "no" : "not proved: " + isolation.facts(),
                    isolation.unreachable()));
        }
    }

    private void mustBeAnother(
            ServerIdentity target, Optional<ContainerState> container, String name, ProtectedState other) {
        boolean same = other.isOrIsCopiedTo(target, container);
        report.check(Check.of(
                "target", "not the " + name, "another server than " + other.describe(), target.describe(), !same));
        if (same) {
            throw new CannotVerifyException(
                    "The restore target is the " + name + " (" + target.describe() + "). Nothing was restored.",
                    Remedy.GIVE_THE_RESTORE_ITS_OWN_SERVER);
        }
    }

    // ---- restore ----

    private @Nullable DiskWatch watchDisk(PostgresServer target) {
        Remedy remedy = target.container().isPresent()
                ? Remedy.USE_A_LARGER_DISK_FOR_THE_DAEMON
                : Remedy.USE_A_LARGER_DISK_FOR_THE_COPY;
        return target.disk()
                .flatMap(disk -> DiskWatch.start(
                        disk, sentence -> interruption.interrupt(new Interruption.Reason(sentence, remedy))))
                .orElse(null);
    }

    private RestoreResult restore(
            Open open, PostgresServer target, Archive archive, List<Role> roles, RestoreChoice choice)
            throws SQLException, IOException, InterruptedException {
        console.info("  " + choice.why());
        String database = archive.contents().databaseName();
        Path schema = folder.file("schema", database, report.startedAt(), ".sql");
        SchemaScript.extract(target, archive, schema);
        String maintenance =
                Target.prepare(target, archive, roles, plan.restore().roles());
        PgRestore pgRestore = new PgRestore(target, maintenance, plan.restore().roles(), choice.jobs());
        Progress progress = stages.telling(new Progress(open.tableSizes, System::nanoTime));
        RestoreResult result = pgRestore.run(archive, folder.log("pg_restore"), progress::line);
        Optional<CannotVerifyException> diskFull = Problems.diskFull(result);
        if (diskFull.isPresent()) {
            throw diskFull.get();
        }
        if (!Target.hasDatabase(target, maintenance, database)) {
            throw Problems.databaseNotCreated(database, result);
        }
        Duration budget = plan.restore().maximumDuration();
        if (budget != null) {
            report.check(Check.of(
                    "restore",
                    "recovery time",
                    "at most " + budget,
                    result.duration().truncatedTo(ChronoUnit.MILLIS).toString(),
                    result.duration().compareTo(budget) <= 0));
        }
        return result;
    }

    // ---- introspection ----

    private void introspect(
            PostgresServer target,
            Archive archive,
            List<Role> roles,
            SourceFigures figures,
            RestoreResult restored,
            int readers)
            throws Exception {
        String database = archive.contents().databaseName();
        Introspection introspection = new Introspection(plan.expectations());
        Comparison comparison = plan.comparison();
        try (Background background = new Background(interruption::breakOff, interruption::endForGood)) {
            Future<TableOfContents> schema = background.start(() -> comparison.includes(Comparison.SCHEMA)
                    ? Target.schema(target, database, folder.restoredSchema())
                    : archive.contents());
            Future<Map<Expectation, Map<String, Figure>>> inArchive =
                    background.start(() -> askArchive(target, archive, roles));
            Future<DatabaseFigures> counting = background.start(() -> comparison.includes(Comparison.ROWS)
                    ? count(background, target, database, figures.hash(), readers)
                    : null);
            Map<Expectation, Map<String, Figure>> inRestored;
            Map<String, String> extensions;
            try (Session session = Target.read(target, database)) {
                interruption.onInterrupt(() -> abort(session));
                inRestored = introspection.ask(session);
                extensions = SourceCatalog.extensionVersions(session);
            }
            DatabaseFigures tables = Background.result(counting);
            introspection
                    .checks(Background.result(inArchive), inRestored, figures.expectations())
                    .forEach(report::check);
            Ledger ledger = new Ledger(plan, archive.contents());
            if (comparison.includes(Comparison.SCHEMA)) {
                ledger.schema(compareSchemas(target, archive, restored, Background.result(schema)));
            }
            if (figures.catalog() != null) {
                ledger.source(CatalogComparison.of(figures.catalog(), archive.contents()));
                int major = PostgresVersion.parse(archive.contents().serverVersion())
                        .major();
                ledger.extensions(
                        figures.extensions(), extensions, target.version().major() != major);
            }
            if (tables != null && figures.tables() != null) {
                ledger.rows(figures.tables(), tables);
            }
            report.restored(plan, restored, ledger);
        }
    }

    /** By several sessions: nothing writes there any more, so they need no common snapshot. */
    private DatabaseFigures count(
            Background background, PostgresServer target, String database, @Nullable RowHash hash, int readers)
            throws Exception {
        try (Session session = Target.read(target, database)) {
            interruption.onInterrupt(() -> abort(session));
            DatabaseFigures.Tables tables = DatabaseFigures.Tables.of(session);
            List<Future<Map<TableName, TableFigure>>> others = IntStream.range(1, readers)
                    .mapToObj(other -> background.start(() -> {
                        try (Session another = Target.read(target, database)) {
                            interruption.onInterrupt(() -> abort(another));
                            return tables.ask(another, hash);
                        }
                    }))
                    .toList();
            Map<TableName, TableFigure> figures = new HashMap<>(tables.ask(session, hash));
            for (Future<Map<TableName, TableFigure>> other : others) {
                figures.putAll(Background.result(other));
            }
            return DatabaseFigures.of(
                    session, tables, figures, hash != null, withRoles(), DatabaseFigures.sequences(session));
        }
    }

    private SchemaComparison compareSchemas(
            PostgresServer target, Archive archive, RestoreResult restored, TableOfContents actual) throws Exception {
        SchemaComparison comparison = SchemaComparison.of(archive.contents(), actual, withRoles());
        if (comparison.differences().isEmpty()) {
            return comparison;
        }
        Set<Integer> failed = restored.errors().stream()
                .map(RestoreError::dumpId)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        TableOfContents reprinted =
                Target.reprinted(target, archive, plan.restore().roles(), folder.restoredSchema());
        return SchemaComparison.of(archive.contents(), actual, withRoles(), reprinted, failed);
    }

    private boolean withRoles() {
        return plan.restore().roles() == PgRestore.Roles.PROVISION;
    }

    private Map<Expectation, Map<String, Figure>> askArchive(Client client, Archive archive, List<Role> roles)
            throws InterruptedException {
        Set<String> names = roles.stream().map(Role::name).collect(Collectors.toSet());
        ArchiveContents contents = new ArchiveContents(archive.contents(), names);
        Map<Expectation, Supplier<Map<String, Figure>>> asked = new LinkedHashMap<>();
        plan.expectations().forEach(expectation -> asked.put(expectation, expectation.inArchive(contents)));
        contents.readRows(new ArchiveData(client, archive));
        Map<Expectation, Map<String, Figure>> figuresOfArchive = new LinkedHashMap<>();
        asked.forEach((expectation, answer) -> figuresOfArchive.put(expectation, answer.get()));
        return figuresOfArchive;
    }

    // ---- production and protected environments afterwards ----

    private void lookAtProduction(Source source, SourceFigures figures) throws SQLException, InterruptedException {
        try (Session session = source.connect();
                ProductionWatcher watcher = watch(source, session, "look at production afterwards")) {
            interruption.onInterrupt(() -> breakOff(session));
            session.answersWithin(Duration.ZERO);
            Introspection introspection = new Introspection(plan.expectations());
            After after = Snapshot.ask(
                    session, plan.lockWaitTimeout(), asked -> new After(Probe.of(asked), introspection.ask(asked)));
            String id = session.text("select pg_catalog.pg_current_xact_id_if_assigned()::text");
            report.productionAfter(
                    figures.probe(), after.probe(), after.expectations(), transactionId(Optional.ofNullable(id)));
            watcher.observations().failure().ifPresent(report::warning);
        }
        source.container().ifPresent(before -> {
            String actual = sources.container(plan.source())
                    .look()
                    .map(ContainerState::life)
                    .orElse("it is gone");
            report.check(Check.of(
                    "production",
                    "container " + before.name(),
                    before.life(),
                    actual,
                    before.life().equals(actual)));
        });
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

    // ---- tear down ----

    private void tearDown(Open open) {
        try {
            stages.run("tear down", () -> close(open));
            // What kept the throw-away server from being removed says nothing about the backup.
            Interruption.Reason reason = interruption.reason();
            boolean removed = open.target == null || open.target.stop().complete();
            if (reason != null && !removed && report.verdict() != Verdict.NOT_VERIFIED) {
                throw Problems.of(new InterruptedException(), reason, open.asked);
            }
        } catch (Exception e) {
            report.problem(Problems.of(e, null, open.asked));
        }
    }

    private void close(Open open) throws IOException {
        if (open.watcher != null) {
            open.watcher.close();
        }
        if (open.snapshot != null) {
            open.snapshot.close();
            report.snapshotUnlessKnown(
                    open.snapshot.id(), open.snapshot.takenAt(), Duration.between(open.snapshotTaken, Instant.now()));
        }
        if (open.disk != null) {
            open.disk.close();
        }
        PostgresServer target = open.targetToStop();
        if (target != null) {
            report.removal(target.stop());
        }
        if (open.engine != null) {
            open.engine.close();
        }
        KeepArchive keep = plan.backup().keepArchive();
        boolean passed = report.verdict() == Verdict.PASS;
        if (open.archive != null && (keep == KeepArchive.NEVER || keep == KeepArchive.ON_SUCCESS && !passed)) {
            EvidenceFolder.delete(open.archive);
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

    /** In production the query must not go on without us. */
    private static void breakOff(Session session) {
        try {
            session.connection().unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            // there is none any more
        }
        abort(session);
    }

    private static void abort(Session session) {
        try {
            session.connection().abort(Runnable::run);
        } catch (SQLException e) {
            // it is lost already, which is what was wanted
        }
    }
}
