package io.github.pgbackup.backup.dump;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Machine;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.ArchiveFormat;
import io.github.pgbackup.backup.Backup;
import io.github.pgbackup.backup.BackupSource;
import io.github.pgbackup.backup.RestoreChoice;
import io.github.pgbackup.backup.ServerStart;
import io.github.pgbackup.baseline.Baseline;
import io.github.pgbackup.baseline.SourceDescription;
import io.github.pgbackup.comparison.RowHash;
import io.github.pgbackup.disk.DiskSpace;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.Engine;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.Fact;
import io.github.pgbackup.evidence.Facts;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.manifest.Manifest;
import io.github.pgbackup.manifest.ManifestFile;
import io.github.pgbackup.plan.KeepArchive;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.production.Production;
import io.github.pgbackup.production.Production.Answers;
import io.github.pgbackup.production.Production.Before;
import io.github.pgbackup.production.ProtectedState;
import io.github.pgbackup.production.SourceDescriber;
import io.github.pgbackup.production.SourceOpener;
import io.github.pgbackup.restore.RoleProvisioning;
import io.github.pgbackup.source.ServerIdentity;
import io.github.pgbackup.source.Snapshot;
import io.github.pgbackup.stage.Background;
import io.github.pgbackup.stage.Run;
import io.github.pgbackup.stage.Stages;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A dump of the source. The source is queried under the same snapshot. The archive belongs to the run. */
public final class LiveDump implements BackupSource {

    private final Run run;
    private final SourceOpener sources;
    private final Facts facts = new Facts();
    private @Nullable Production guarded;
    private @Nullable Answers answers;
    private @Nullable Path path;

    /** What is known of the source after its snapshot was released. */
    private record Known(Answers answers, Optional<SourceDescription> definitions) {}

    public LiveDump(Run run, SourceOpener sources) {
        this.run = run;
        this.sources = sources;
    }

    @Override
    public Facts facts() {
        return facts;
    }

    @Override
    public String name() {
        return guarded == null ? "The source" : guarded.name();
    }

    @Override
    public void guard() throws Exception {
        guarded = run.stages().run("guard", () -> Production.guard(run, sources, facts));
    }

    private Production production() {
        return Objects.requireNonNull(guarded);
    }

    @Override
    public Acquired acquire(ChosenEngine engine, ServerStart server, Background background) throws Exception {
        Production production = production();
        Stages stages = run.stages();
        SourceDump dump = stages.run("client programs", () -> SourceDump.by(engine, run, production.source()));
        facts.warn(dump.warning());
        DiskSpace space = stages.run("disk space", () -> inspectDisks(engine.engine(), production));
        Snapshot snapshot = stages.run("snapshot", () -> production.takeSnapshot());
        Before before = production.ask(() -> production.inspectBefore(snapshot));
        Map<String, Long> tableSizes = production.ask(snapshot::tableSizes);
        DumpChoice choice = production.ask(() -> dump.choose(
                snapshot,
                space,
                space.hasRoomForText(
                        run.folder().root(), engine.engine().dataDirectory().orElse(null))));
        RestoreChoice restoring = RestoreChoice.of(
                run.plan().restore().jobs(), space.database(), snapshot.tables(), Machine.here(), before.parallel());
        facts.warn(before.parallel().warning());
        ServerIdentity identity = production.source().identity();
        Future<PostgresServer> starting = background.start(() -> stages.concurrently("target", () -> {
            PostgresServer started = server.start(
                    new Backup.Origin(identity.database(), identity.version(), identity.bootstrapSuperuser()),
                    before.libraries());
            facts.warn(DiskSpace.require(
                    space.shortages(started.freeSpace()), run.plan().onLittleSpace()));
            return started;
        }));
        Optional<SourceDescriber> describing =
                stages.concurrently("describe source", () -> production.ask(() -> production.describe(snapshot)));
        Callable<Answers> ask = () -> stages.concurrently(
                "source observations",
                () -> production.ask(() -> production.answers(
                        snapshot, before, source -> commonHash(source, Background.result(starting)))));
        Future<Answers> asking = choice.jobs() > 1 ? null : background.start(ask);
        Archive archive = stages.run(
                "dump",
                () -> background.alongside(() -> {
                    if (asking == null) {
                        production.lendSession(snapshot);
                    }
                    return take(dump, snapshot, choice, tableSizes);
                }));
        Future<Known> lettingGo = background.start(() -> {
            Answers given = asking == null ? ask.call() : Background.result(asking);
            Optional<SourceDescription> definitions = describing.isEmpty()
                    ? Optional.empty()
                    : Optional.of(production.ask(() -> describing.get().confirm(snapshot.session())));
            stages.concurrently("release production", () -> production.ask(() -> production.release(snapshot, given)));
            facts.add(new Fact.NotContained(given.doesNotContain()));
            writeBeside(archive, dump.client(), snapshot, before, new Known(given, definitions));
            return new Known(given, definitions);
        });
        Backup backup = new Backup(
                archive,
                before.roles(),
                before.settings(),
                restoring,
                tableSizes,
                Optional.of(dump.client().version()),
                Optional.of(ProtectedState.of(identity, production.source().container())));
        return new Acquired(backup, starting, () -> {
            Known known = stages.join("source observations", lettingGo);
            answers = known.answers();
            return new Baseline.Snapshot(
                    known.answers().observations(),
                    known.definitions(),
                    known.answers().expectations());
        });
    }

    private static RowHash commonHash(Session source, PostgresServer target) throws SQLException {
        try (Session other = target.connect("template1")) {
            return RowHash.common(source, other);
        }
    }

    /** Writes the roles, which an archive does not contain, and the manifest. */
    private void writeBeside(Archive archive, ClientPrograms client, Snapshot snapshot, Before before, Known known)
            throws IOException {
        ServerIdentity identity = production().source().identity();
        run.folder()
                .write(
                        run.folder()
                                .file("dump", identity.database(), run.stages().startedAt(), ".roles.sql"),
                        RoleProvisioning.script(before.roles(), identity.version()));
        Manifest.Archive taken = new Manifest.Archive(
                archive.path().getFileName().toString(),
                archive.sha256(),
                archive.size(),
                "pg_dump " + client.version());
        writeManifest(
                production().manifest(taken, snapshot, before, known.answers(), known.definitions()),
                ManifestFile.of(archive.path()));
    }

    private void writeManifest(Manifest manifest, Path file) {
        try {
            ManifestFile.write(manifest, file, run.plugin());
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The manifest " + file + " could not be written: " + CannotVerifyException.reason(e) + ".",
                    Remedy.MAKE_ROOM_FOR_THE_ARCHIVE,
                    e);
        }
    }

    /** Compares free space and need before the first long query to production. */
    private DiskSpace inspectDisks(Engine engine, Production production) throws SQLException, InterruptedException {
        DiskSpace space =
                new DiskSpace(production.databaseSize(), run.plan().backup().compression());
        facts.warn(DiskSpace.require(
                space.shortages(run.folder().root(), engine.dataDirectory().orElse(null)),
                run.plan().onLittleSpace()));
        return space;
    }

    private Archive take(SourceDump dump, Snapshot snapshot, DumpChoice choice, Map<String, Long> tableSizes)
            throws InterruptedException {
        ServerIdentity identity = production().source().identity();
        String suffix = choice.format() == ArchiveFormat.CUSTOM ? ".dump" : ".dir";
        Path target =
                run.folder().file("dump", identity.database(), run.stages().startedAt(), suffix);
        path = target;
        Instant began = Instant.now();
        Archive archive = dump.take(snapshot, choice, tableSizes, target, facts);
        archive.members().forEach((name, member) -> run.folder().remember(target.resolve(name), member));
        facts.add(section(archive, dump.client(), identity, Duration.between(began, Instant.now())));
        dump.tell(archive, run.folder().relative(target));
        return archive;
    }

    private VerificationReport.Archive section(
            Archive taken, ClientPrograms client, ServerIdentity identity, Duration duration) {
        return new VerificationReport.Archive(
                run.folder().relative(taken.path()),
                taken.sha256(),
                taken.size(),
                taken.format().toString(),
                taken.contents().compression().toString(),
                taken.contents().archiveVersion(),
                taken.contents().entries().size(),
                "pg_dump " + client.version(),
                identity.version().toString(),
                Optional.of(new VerificationReport.TakenBy(identity.role(), identity.superuser())),
                duration,
                true,
                Optional.empty(),
                Optional.empty());
    }

    @Override
    public String tag() {
        return Objects.requireNonNull(run.plan().source()).url().tag();
    }

    @Override
    public void inspectAfterwards() throws Exception {
        run.stages()
                .run("production afterwards", () -> production().inspectAfterwards(Objects.requireNonNull(answers)));
    }

    @Override
    public void close() throws IOException {
        SourceDescriber.delete(run.folder()::description);
        if (guarded != null) {
            guarded.close();
        }
    }

    @Override
    public boolean discard(boolean passed) throws IOException {
        KeepArchive keep = run.plan().backup().keepArchive();
        if (path != null && (keep == KeepArchive.NEVER || keep == KeepArchive.ON_SUCCESS && !passed)) {
            EvidenceFolder.delete(path);
            EvidenceFolder.delete(ManifestFile.of(path));
            return true;
        }
        return false;
    }
}
