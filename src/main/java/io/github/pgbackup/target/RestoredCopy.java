package io.github.pgbackup.target;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.ArchiveData;
import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.backup.Backup;
import io.github.pgbackup.baseline.Baseline;
import io.github.pgbackup.baseline.DatabaseComparison;
import io.github.pgbackup.baseline.Restored;
import io.github.pgbackup.baseline.SourceDescription;
import io.github.pgbackup.check.Findings;
import io.github.pgbackup.check.Introspection;
import io.github.pgbackup.comparison.DatabaseObservations;
import io.github.pgbackup.comparison.DatabaseObservations.TableObservation;
import io.github.pgbackup.comparison.RowHash;
import io.github.pgbackup.comparison.TableName;
import io.github.pgbackup.container.Container;
import io.github.pgbackup.container.ContainerState;
import io.github.pgbackup.description.DescriptionFindings;
import io.github.pgbackup.disk.DiskWatch;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.Isolation;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.expectation.ArchiveContents;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.postgres.Client;
import io.github.pgbackup.postgres.ClientSecurity;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.production.ProtectedState;
import io.github.pgbackup.restore.PgRestore;
import io.github.pgbackup.restore.PsqlRestore;
import io.github.pgbackup.restore.RestoreError;
import io.github.pgbackup.restore.RestoreResult;
import io.github.pgbackup.restore.RestoreStep;
import io.github.pgbackup.restore.Role;
import io.github.pgbackup.restore.RoleProvisioning;
import io.github.pgbackup.source.ExtensionLibraries;
import io.github.pgbackup.source.ServerIdentity;
import io.github.pgbackup.stage.Background;
import io.github.pgbackup.stage.Interruption;
import io.github.pgbackup.stage.Problems;
import io.github.pgbackup.stage.Progress;
import io.github.pgbackup.stage.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The copy of production: the throw-away server that it is restored into, the restore, and what is asked of it. */
public final class RestoredCopy implements AutoCloseable {

    private final Run run;
    private final ChosenEngine engine;
    private @Nullable PostgresServer server;
    private @Nullable DiskWatch disk;
    private boolean closing;

    /** Libraries, separated by commas. */
    private volatile String preloaded = "";

    public RestoredCopy(Run run, ChosenEngine engine) {
        this.run = run;
        this.engine = engine;
    }

    /** Starts the server, of the source's version unless an image is configured. */
    public PostgresServer start(Backup.Origin source, ExtensionLibraries extensions)
            throws InterruptedException, SQLException {
        TargetStart.Started started = new TargetStart(
                        engine.engine(),
                        source,
                        run.folder().log("server"),
                        run.plan().restore().parameters(),
                        extensions)
                .start();
        preloaded = started.preloaded();
        own(started.server());
        return started.server();
    }

    /** A server whose start took longer than anybody waited for it is stopped at once. */
    private synchronized void own(PostgresServer started) {
        server = started;
        if (closing) {
            started.stop();
        }
    }

    private synchronized @Nullable PostgresServer serverToStop() {
        closing = true;
        return server;
    }

    public void watchDisk(PostgresServer target) {
        Remedy remedy = target.container().isPresent()
                ? Remedy.USE_A_LARGER_DISK_FOR_THE_DAEMON
                : Remedy.USE_A_LARGER_DISK_FOR_THE_COPY;
        disk = target.disk()
                .flatMap(directory -> DiskWatch.start(
                        directory, sentence -> run.interruption().interrupt(new Interruption.Reason(sentence, remedy))))
                .orElse(null);
    }

    /** The run that it would end is over. */
    public void unwatchDisk() {
        if (disk != null) {
            disk.close();
        }
    }

    /** What has just failed may have failed for want of room; then the run ends for that reason. */
    public void inspectDisk() {
        if (disk != null) {
            disk.inspect();
        }
    }

    public void guard(PostgresServer target, Backup backup, Map<String, ProtectedState> environments)
            throws SQLException {
        try (Session session = target.connect("template1")) {
            ServerIdentity identity = ServerIdentity.of(session);
            Isolation isolation = target.isolation();
            run.report().target(engine.engine().name(), engine.reason(), identity, withParameters(isolation));
            run.console()
                    .info("  at " + identity.address().orElse("a Unix socket") + ", system identifier "
                            + identity.systemIdentifier().orElse("(not readable)"));
            if (!backup.client().equals(Optional.of(target.version()))) {
                ClientSecurity.warning(target.version(), "the throw-away server")
                        .ifPresent(run.report()::warning);
            }
            Optional<ContainerState> container = target.container().flatMap(Container::inspect);
            backup.source().ifPresent(source -> mustBeAnother(identity, container, "source", source));
            environments.forEach((name, environment) ->
                    mustBeAnother(identity, container, "protected environment " + name, environment));
            run.report()
                    .check(Check.of(
                            "target",
                            "reachable from outside",
                            "no",
                            isolation.unreachable() ? "no" : "not proved: " + isolation.facts(),
                            isolation.unreachable()));
        }
    }

    private Isolation withParameters(Isolation isolation) {
        Map<String, String> facts = new LinkedHashMap<>(isolation.facts());
        if (!preloaded.isEmpty()) {
            facts.put("preloaded libraries", preloaded + ", without background workers");
        }
        run.plan().restore().parameters().forEach((name, value) -> facts.put("parameter " + name, value));
        return new Isolation(isolation.unreachable(), facts);
    }

    private void mustBeAnother(
            ServerIdentity target, Optional<ContainerState> container, String name, ProtectedState other) {
        boolean same = other.isOrIsCopiedTo(target, container);
        run.report()
                .check(Check.of(
                        "target",
                        "not the " + name,
                        "another server than " + other.describe(),
                        target.describe(),
                        !same));
        if (same) {
            throw new CannotVerifyException(
                    "The restore target is the " + name + " (" + target.describe() + "). Nothing was restored.",
                    Remedy.GIVE_THE_RESTORE_ITS_OWN_SERVER);
        }
    }

    public RestoreResult restore(PostgresServer target, Backup backup)
            throws SQLException, IOException, InterruptedException {
        run.console().info("  " + backup.restoring().why());
        Path schema =
                run.folder().file("schema", backup.database(), run.report().startedAt(), ".sql");
        SchemaScript.extract(target, backup.archive(), schema);
        backup.roles().stream()
                .map(Role::name)
                .filter(role -> !RoleProvisioning.isAccepted(role, target.version()))
                .forEach(role -> run.report()
                        .warning("The role " + QualifiedName.quote(role) + " was not created: PostgreSQL "
                                + target.version().major() + " refuses a line break in the name of a role. Rename it"
                                + " before the upgrade."));
        return restore(target, backup, backup.restoring().jobs(), "pg_restore");
    }

    /** Restores once more, in place of what several jobs made, into a new database of the same name. */
    public RestoreResult restoreByOneJob(PostgresServer target, Backup backup)
            throws SQLException, IOException, InterruptedException {
        return restore(target, backup, 1, "pg_restore-1-job");
    }

    private RestoreResult restore(PostgresServer target, Backup backup, int jobs, String log)
            throws SQLException, IOException, InterruptedException {
        Archive archive = backup.archive();
        String database = backup.database();
        String maintenance = Target.prepare(
                target, archive, backup.roles(), run.plan().restore().roles());
        Progress progress = run.stages().telling(new Progress(backup.tableSizes(), jobs, System::nanoTime));
        List<String> commandLine = new ArrayList<>();
        RestoreResult result = null;
        for (RestoreStep step : RestoreStep.of(archive)) {
            RestoreResult of =
                    restore(target, step, step.creates() ? maintenance : database, jobs, log, progress, commandLine);
            result = result == null ? of : result.then(of);
        }
        run.report().restoreCommand(commandLine);
        Objects.requireNonNull(result);
        if (result.errors().stream().anyMatch(RestoreError::isOfAnotherMajorsDump)) {
            PostgresVersion source = PostgresVersion.parse(archive.contents().serverVersion());
            run.report()
                    .warning("pg_dump " + archive.contents().dumpVersion()
                            + " wrote pg_attver, an option of columns that servers like the source (" + source
                            + ") set and no server takes; the tables that have it are lost. "
                            + Remedy.dumpByTheClientOf(source.major()));
        }
        Optional<CannotVerifyException> diskFull = Problems.diskFull(result);
        if (diskFull.isPresent()) {
            throw diskFull.get();
        }
        if (!Target.hasDatabase(target, maintenance, database)) {
            throw Problems.databaseNotCreated(database, result);
        }
        return result;
    }

    private RestoreResult restore(
            PostgresServer target,
            RestoreStep step,
            String database,
            int jobs,
            String log,
            Progress progress,
            List<String> commandLine)
            throws IOException, InterruptedException {
        Archive archive = step.part().archive();
        if (!commandLine.isEmpty()) {
            commandLine.add("&&");
        }
        RestoreResult result;
        if (archive.contents().isOfAPlainDump()) {
            List<String> arguments = PsqlRestore.arguments(database);
            commandLine.add("psql");
            commandLine.addAll(arguments);
            result = PsqlRestore.run(
                    target.psql(archive.path(), arguments),
                    archive.contents(),
                    run.folder().log("psql"),
                    progress::line);
        } else {
            PgRestore pgRestore = new PgRestore(
                    target, database, step.creates(), run.plan().restore().roles(), jobs);
            commandLine.addAll(pgRestore.commandLine(archive, step.options()));
            result = pgRestore.run(archive, step.options(), run.folder().log(log), progress::line);
        }
        return result.renumbered(step.part().shift());
    }

    /** Asks and compares; reports nothing, as what is found may call for another restore. */
    public Findings introspect(PostgresServer target, Backup backup, Baseline baseline, RestoreResult restored)
            throws Exception {
        Archive archive = backup.archive();
        String database = backup.database();
        Introspection introspection = new Introspection(run.plan().expectations());
        Comparison level = run.plan().comparison();
        try (Background background = new Background(run.interruption()::cancel, run.interruption()::endForGood)) {
            Future<Optional<DescriptionFindings>> described = background.start(() -> {
                Optional<SourceDescription> definitions = baseline.definitions();
                return definitions.isEmpty()
                        ? Optional.empty()
                        : Optional.of(compareDefinitions(target, database, definitions.get()));
            });
            Future<InArchive> inArchive = background.start(() -> askArchive(target, backup, baseline));
            Future<Optional<String>> rehashing = background.start(archive::verifyUnchanged);
            Future<DatabaseObservations> counting = background.start(() -> level.includes(Comparison.ROWS)
                    ? count(
                            background,
                            target,
                            database,
                            baseline.hash().orElse(null),
                            backup.restoring().readers())
                    : null);
            Map<Expectation, Map<String, Observation>> inRestored;
            try (Session session = Target.read(target, database)) {
                run.interruption().onInterrupt(session::abort);
                inRestored = introspection.ask(session);
            }
            DatabaseObservations tables = Background.result(counting);
            Optional<String> changed = Background.result(rehashing);
            if (changed.isPresent()) {
                throw new CannotVerifyException(changed.get(), Remedy.SEE_WHAT_ELSE_WRITES_THERE);
            }
            InArchive found = Background.result(inArchive);
            DatabaseComparison comparison = new DatabaseComparison(run.plan(), baseline.kind(), archive.contents());
            try (Session session = Target.read(target, database)) {
                run.interruption().onInterrupt(session::abort);
                List<Check> expectations =
                        introspection.checks(found.expectations(), inRestored, baseline.expectations(), session);
                Background.result(described).ifPresent(comparison::definitions);
                Restored facts =
                        new Restored(archive.contents(), found.rows(), restored, target.version(), session, tables);
                baseline.compare(comparison, facts);
                Set<String> byRestore = byRestore(expectations, comparison, restored);
                baseline.compareArchive(comparison, facts);
                return new Findings(restored, expectations, comparison, byRestore);
            }
        }
    }

    /** What the archive itself says: of the expectations, and how many rows it holds for each entry of data. */
    private record InArchive(Map<Expectation, Map<String, Observation>> expectations, Map<Entry, Long> rows) {}

    /** What a restore has no part in, such as an object that the archive does not have, is not compared yet. */
    private static Set<String> byRestore(
            List<Check> expectations, DatabaseComparison comparison, RestoreResult restored) {
        Set<String> found = new HashSet<>(comparison.failing());
        comparison.grade(restored.errors()).stream()
                .filter(error -> !error.harmless())
                .map(error -> error.entry().isEmpty() ? "an error of pg_restore: " + error.message() : error.entry())
                .forEach(found::add);
        expectations.stream()
                .filter(check -> !check.passed() && !check.restoredAsInSource())
                .map(Check::name)
                .forEach(found::add);
        return found;
    }

    /** By several sessions: nothing writes there any more, so they need no common snapshot. */
    private DatabaseObservations count(
            Background background, PostgresServer target, String database, @Nullable RowHash hash, int readers)
            throws Exception {
        try (Session session = Target.read(target, database)) {
            run.interruption().onInterrupt(session::abort);
            DatabaseObservations.Tables tables = DatabaseObservations.Tables.of(session);
            List<Future<Map<TableName, TableObservation>>> others = IntStream.range(1, readers)
                    .mapToObj(other -> background.start(() -> {
                        try (Session another = Target.read(target, database)) {
                            run.interruption().onInterrupt(another::abort);
                            return tables.ask(another, hash, true);
                        }
                    }))
                    .toList();
            Map<TableName, TableObservation> observations = new HashMap<>(tables.ask(session, hash, true));
            for (Future<Map<TableName, TableObservation>> other : others) {
                observations.putAll(Background.result(other));
            }
            return DatabaseObservations.of(
                    session, tables, observations, hash != null, DatabaseObservations.sequences(session));
        }
    }

    private DescriptionFindings compareDefinitions(
            PostgresServer target, String database, SourceDescription description) throws SQLException, IOException {
        try (Session session = Target.read(target, database)) {
            run.interruption().onInterrupt(session::abort);
            return description.compare(
                    session, run.plan().restore().withRoles(), new Target.Databases(target, database));
        }
    }

    private InArchive askArchive(Client client, Backup backup, Baseline baseline) throws InterruptedException {
        Archive archive = backup.archive();
        Set<String> names = backup.roles().stream().map(Role::name).collect(Collectors.toSet());
        ArchiveContents contents = new ArchiveContents(archive.contents(), names);
        Map<Expectation, Supplier<Map<String, Observation>>> asked = new LinkedHashMap<>();
        run.plan().expectations().forEach(expectation -> asked.put(expectation, expectation.inArchive(contents)));
        Supplier<Map<Entry, Long>> rows = baseline.asksForRowsInArchive() ? contents.rowsOfAll() : Map::of;
        contents.readRows(new ArchiveData(client, archive));
        Map<Expectation, Map<String, Observation>> observationsOfArchive = new LinkedHashMap<>();
        asked.forEach((expectation, answer) -> observationsOfArchive.put(expectation, answer.get()));
        return new InArchive(observationsOfArchive, rows.get());
    }

    /** Whether nothing is left of it. */
    public boolean removed() {
        PostgresServer stopped = serverToStop();
        return stopped == null || stopped.stop().complete();
    }

    /** Stops the server and deletes its data. */
    @Override
    public void close() {
        unwatchDisk();
        PostgresServer stopping = serverToStop();
        if (stopping != null) {
            run.report().removal(stopping.stop());
        }
        engine.engine().close();
    }
}
