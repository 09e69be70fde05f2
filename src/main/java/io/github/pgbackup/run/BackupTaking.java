package io.github.pgbackup.run;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.ArchiveFormat;
import io.github.pgbackup.backup.dump.DumpChoice;
import io.github.pgbackup.backup.dump.DumpCommand;
import io.github.pgbackup.backup.dump.SourceDump;
import io.github.pgbackup.backup.kept.BackupDirectory;
import io.github.pgbackup.baseline.SourceDescription;
import io.github.pgbackup.comparison.RowHash;
import io.github.pgbackup.disk.DiskSpace;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.Engine;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.Fact;
import io.github.pgbackup.evidence.Facts;
import io.github.pgbackup.evidence.TakenBackup;
import io.github.pgbackup.manifest.Manifest;
import io.github.pgbackup.manifest.ManifestFile;
import io.github.pgbackup.plan.BackupPlan;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.production.Production;
import io.github.pgbackup.production.Production.Answers;
import io.github.pgbackup.production.Production.Before;
import io.github.pgbackup.production.SourceDescriber;
import io.github.pgbackup.production.SourceOpener;
import io.github.pgbackup.restore.RoleProvisioning;
import io.github.pgbackup.run.BackupVerification.Environment;
import io.github.pgbackup.source.SessionLimits;
import io.github.pgbackup.source.Snapshot;
import io.github.pgbackup.source.Source;
import io.github.pgbackup.stage.Background;
import io.github.pgbackup.stage.Interruption;
import io.github.pgbackup.stage.Problems;
import io.github.pgbackup.stage.Run;
import io.github.pgbackup.stage.Stages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes a backup and records what the source held: guard, snapshot, dump, manifest, proof that production was left
 * alone. It restores nothing.
 */
public final class BackupTaking {

    private final BackupPlan plan;
    private final Environment environment;
    private final Run run;
    private final Stages stages;
    private final Facts facts = new Facts();
    private final ReportBuilder report;
    private final SourceOpener sources;

    /** The server that the run is connected to, because a lost connection does not name its server. */
    private String connected = "The source";

    private @Nullable Engine engine;

    public BackupTaking(
            BackupPlan plan,
            Environment environment,
            EvidenceFolder folder,
            Console console,
            Interruption interruption) {
        this.plan = plan;
        this.environment = environment;
        this.stages = new Stages(console);
        this.run = new Run(environment.plugin(), plan.run(), folder, console, interruption, stages);
        this.report = new ReportBuilder(environment.plugin(), plan.run(), stages);
        this.sources = new SourceOpener(
                environment.credentials(),
                environment.daemons(),
                new SessionLimits(plan.run().timeout(), plan.run().lockWaitTimeout()),
                console);
        environment.daemons().onSilence(interruption::daemonIsSilent);
    }

    /** A finished dump that does not have its final name yet. */
    private record Dumped(Manifest.Archive archive, Answers answers, Optional<SourceDescription> definitions) {}

    /** Dumps a snapshot into an archive. */
    private interface Dump {
        Manifest.Archive take() throws Exception;
    }

    /**
     * How the archive is taken.
     *
     * @param jobs the number of connections
     */
    private record Dumper(int jobs, Dump dump) {}

    /**
     * Takes the backup.
     *
     * @throws CannotVerifyException when that was not possible; then this run has left no files, and earlier files are
     *     untouched
     */
    public TakenBackup run() {
        plan.run().warnings().forEach(report::warning);
        try (BackupDirectory directory = BackupDirectory.open(plan.directory())) {
            TakenBackup taken = take(directory);
            Interruption.Reason reason = run.interruption().reason();
            if (reason != null) {
                throw new InterruptedException();
            }
            return taken;
        } catch (Exception | LinkageError | StackOverflowError e) {
            throw Problems.of(e, run.interruption().reason(), connected);
        }
    }

    private TakenBackup take(BackupDirectory directory) throws Exception {
        try (Production production = stages.run("guard", () -> Production.guard(run, sources, facts))) {
            connected = production.name();
            Source source = production.source();
            SourceDump pgDump =
                    plan.command().isEmpty() ? stages.run("client programs", () -> clientPrograms(source)) : null;
            DiskSpace space = stages.run("disk space", () -> inspectDisk(production));
            Snapshot snapshot = stages.run("snapshot", () -> production.takeSnapshot());
            Before before = production.ask(() -> production.inspectBefore(snapshot));
            Dumper dumper = pgDump == null
                    ? byCommand(source, snapshot, directory)
                    : production.ask(() -> by(pgDump, source, snapshot, space, directory));
            Dumped dumped = dump(production, snapshot, before, dumper);
            stages.run("production afterwards", () -> production.inspectAfterwards(dumped.answers()));
            requireProductionLeftAlone();
            Manifest manifest =
                    production.manifest(dumped.archive(), snapshot, before, dumped.answers(), dumped.definitions());
            List<Path> files = stages.run("keep", () -> keep(directory, manifest, source));
            report.add(facts);
            return new TakenBackup(files.get(files.size() - 1), files, manifest, report.build());
        } finally {
            SourceDescriber.delete(run.folder()::description);
            if (engine != null) {
                engine.close();
            }
        }
    }

    private SourceDump clientPrograms(Source source) throws InterruptedException {
        Installations programs =
                Installations.find(run.plan().binDirectories(), environment.variables(), run.console());
        ChosenEngine chosen = environment.engine().apply(programs);
        engine = chosen.engine();
        SourceDump dump = SourceDump.by(chosen, run, source);
        facts.warn(dump.warning());
        return dump;
    }

    private DiskSpace inspectDisk(Production production) throws Exception {
        DiskSpace space =
                new DiskSpace(production.databaseSize(), run.plan().backup().compression());
        facts.warn(DiskSpace.require(
                space.shortages(plan.directory(), null), run.plan().onLittleSpace()));
        return space;
    }

    private Dumper byCommand(Source source, Snapshot snapshot, BackupDirectory directory) {
        DumpCommand command = new DumpCommand(plan.command(), environment.variables());
        Path target = directory.unfinished(name(source, ".dump"));
        return new Dumper(1, () -> command.run(run, source, snapshot, target, facts));
    }

    /** A backup that is kept should be small. */
    private Dumper by(SourceDump pgDump, Source source, Snapshot snapshot, DiskSpace space, BackupDirectory directory)
            throws SQLException, InterruptedException {
        DumpChoice choice = pgDump.choose(snapshot, space, false);
        Map<String, Long> tableSizes = snapshot.tableSizes();
        String name = name(source, choice.format() == ArchiveFormat.CUSTOM ? ".dump" : ".dir");
        return new Dumper(choice.jobs(), () -> {
            Archive archive = pgDump.take(snapshot, choice, tableSizes, directory.unfinished(name), facts);
            pgDump.tell(archive, name);
            return new Manifest.Archive(
                    name,
                    archive.sha256(),
                    archive.size(),
                    "pg_dump " + pgDump.client().version());
        });
    }

    private String name(Source source, String suffix) {
        return EvidenceFolder.name(source.identity().database(), stages.startedAt(), suffix);
    }

    private Dumped dump(Production production, Snapshot snapshot, Before before, Dumper dumper) throws Exception {
        try (Background background = run.background()) {
            Optional<SourceDescriber> describing =
                    stages.concurrently("describe source", () -> production.ask(() -> production.describe(snapshot)));
            Callable<Answers> ask = () -> stages.concurrently(
                    "source observations",
                    () -> production.ask(() -> production.answers(snapshot, before, RowHash::fastest)));
            @Nullable Future<Answers> asking = dumper.jobs() > 1 ? null : background.start(ask);
            Manifest.Archive archive = stages.run(
                    "dump",
                    () -> background.alongside(() -> {
                        if (asking == null) {
                            production.lendSession(snapshot);
                        }
                        return dumper.dump().take();
                    }));
            Answers answers = asking == null
                    ? stages.run("source observations", ask)
                    : stages.join("source observations", asking);
            Optional<SourceDescription> definitions = describing.isEmpty()
                    ? Optional.empty()
                    : Optional.of(production.ask(() -> describing.get().confirm(snapshot.session())));
            stages.run("release production", () -> production.ask(() -> production.release(snapshot, answers)));
            facts.add(new Fact.NotContained(answers.doesNotContain()));
            return new Dumped(archive, answers, definitions);
        }
    }

    private void requireProductionLeftAlone() {
        report.add(facts);
        List<Check> failed = report.build().failedChecks();
        if (!failed.isEmpty()) {
            throw new CannotVerifyException(
                    "The backup was not kept: "
                            + failed.stream().map(Check::sentence).collect(Collectors.joining(" ")),
                    Remedy.FIND_OUT_WHO_CHANGED_PRODUCTION);
        }
    }

    /** Publishes the archive last, so that a reader who finds the archive also finds its other files. */
    private List<Path> keep(BackupDirectory directory, Manifest manifest, Source source) throws IOException {
        String archive = manifest.archive().name();
        String roles = name(source, ".roles.sql");
        Path manifestFile = ManifestFile.of(directory.unfinished(archive));
        Path hash = directory.unfinished(archive + ".sha256");
        Files.writeString(
                directory.unfinished(roles),
                RoleProvisioning.script(
                        manifest.content().roles(), source.identity().version()));
        Files.writeString(hash, manifest.archive().sha256() + "  " + archive + "\n");
        ManifestFile.write(manifest, manifestFile, environment.plugin());
        return directory.publish(List.of(
                roles, hash.getFileName().toString(), manifestFile.getFileName().toString(), archive));
    }
}
