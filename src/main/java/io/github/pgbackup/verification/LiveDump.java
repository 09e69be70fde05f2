package io.github.pgbackup.verification;

import io.github.pgbackup.Machine;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.ArchiveFormat;
import io.github.pgbackup.comparison.RowHash;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.Engine;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.manifest.Manifest;
import io.github.pgbackup.manifest.ManifestFile;
import io.github.pgbackup.plan.KeepArchive;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.restore.RoleProvisioning;
import io.github.pgbackup.source.ServerIdentity;
import io.github.pgbackup.source.Snapshot;
import io.github.pgbackup.verification.Production.Answers;
import io.github.pgbackup.verification.Production.Before;
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

/** A dump of the source, taken under a snapshot by which the source is asked, too. The archive is the run's own. */
final class LiveDump implements BackupSource {

    private final Run run;
    private final SourceOpener sources;
    private @Nullable Production guarded;
    private @Nullable Answers answers;
    private @Nullable Path path;

    /** What is known of the source when it has been let go. */
    private record Known(Answers answers, Optional<SourceDescription> definitions) {}

    LiveDump(Run run, SourceOpener sources) {
        this.run = run;
        this.sources = sources;
    }

    @Override
    public String name() {
        return guarded == null ? "The source" : guarded.name();
    }

    @Override
    public void guard() throws Exception {
        guarded = run.stages().run("guard", () -> Production.guard(run, sources));
    }

    private Production production() {
        return Objects.requireNonNull(guarded);
    }

    @Override
    public Acquired acquire(ChosenEngine engine, RestoredCopy copy, Background background) throws Exception {
        Production production = production();
        Stages stages = run.stages();
        SourceDump dump = stages.run("client programs", () -> SourceDump.by(engine, run, production.source()));
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
        before.parallel().warning().ifPresent(run.report()::warning);
        ServerIdentity identity = production.source().identity();
        Future<PostgresServer> starting = background.start(() -> stages.concurrently("target", () -> {
            PostgresServer started = copy.start(
                    new Backup.Origin(identity.database(), identity.version(), identity.bootstrapSuperuser()),
                    before.libraries());
            DiskSpace.require(space.shortages(started.freeSpace()), run);
            return started;
        }));
        Optional<SourceDescriber> describing =
                stages.concurrently("describe source", () -> production.ask(() -> production.describe(snapshot)));
        Callable<Answers> ask = () -> stages.concurrently(
                "source figures",
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
            stages.concurrently(
                    "let go of production", () -> production.ask(() -> production.release(snapshot, given)));
            run.report().doesNotContain(given.doesNotContain());
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
            Known known = stages.join("source figures", lettingGo);
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

    /** The roles, which no archive holds, and the manifest. */
    private void writeBeside(Archive archive, ClientPrograms client, Snapshot snapshot, Before before, Known known)
            throws IOException {
        ServerIdentity identity = production().source().identity();
        run.folder()
                .write(
                        run.folder()
                                .file("dump", identity.database(), run.report().startedAt(), ".roles.sql"),
                        RoleProvisioning.script(before.roles(), identity.version()));
        Manifest.Archive taken = new Manifest.Archive(
                archive.path().getFileName().toString(),
                archive.sha256(),
                archive.size(),
                "pg_dump " + client.version());
        run.folder()
                .writeManifest(
                        production().manifest(taken, snapshot, before, known.answers(), known.definitions()),
                        archive.path(),
                        run.report().plugin());
    }

    /** Before production is asked for anything that takes long. */
    private DiskSpace inspectDisks(Engine engine, Production production) throws SQLException, InterruptedException {
        DiskSpace space =
                new DiskSpace(production.databaseSize(), run.plan().backup().compression());
        DiskSpace.require(
                space.shortages(run.folder().root(), engine.dataDirectory().orElse(null)), run);
        return space;
    }

    private Archive take(SourceDump dump, Snapshot snapshot, DumpChoice choice, Map<String, Long> tableSizes)
            throws InterruptedException {
        ServerIdentity identity = production().source().identity();
        String suffix = choice.format() == ArchiveFormat.CUSTOM ? ".dump" : ".dir";
        Path target =
                run.folder().file("dump", identity.database(), run.report().startedAt(), suffix);
        path = target;
        Instant began = Instant.now();
        Archive archive = dump.take(snapshot, choice, tableSizes, target);
        run.report()
                .archive(
                        archive,
                        run.folder().relative(target),
                        dump.client(),
                        identity,
                        Duration.between(began, Instant.now()));
        dump.tell(archive, run.folder().relative(target));
        return archive;
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
    public void discard(boolean passed) throws IOException {
        KeepArchive keep = run.plan().backup().keepArchive();
        if (path != null && (keep == KeepArchive.NEVER || keep == KeepArchive.ON_SUCCESS && !passed)) {
            EvidenceFolder.delete(path);
            EvidenceFolder.delete(ManifestFile.of(path));
            run.report().archiveDeleted();
        }
    }
}
