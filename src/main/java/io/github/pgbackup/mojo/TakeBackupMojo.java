package io.github.pgbackup.mojo;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.local.LocalEngine;
import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.TakenBackup;
import io.github.pgbackup.plan.BackupPlan;
import io.github.pgbackup.plan.InvalidConfigurationException;
import io.github.pgbackup.plan.PlanReader;
import io.github.pgbackup.report.BackupText;
import io.github.pgbackup.run.BackupTaking;
import io.github.pgbackup.run.BackupVerification;
import io.github.pgbackup.run.EngineSelection;
import io.github.pgbackup.stage.Interruption;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.inject.Inject;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.eclipse.aether.RepositorySystem;
import org.jspecify.annotations.Nullable;

/**
 * Takes a backup of a production PostgreSQL database and writes a manifest of what the database held at that instant, by
 * which {@code verify-backup} compares the backup later, without production. Nothing is restored.
 */
@Mojo(name = "take-backup", requiresProject = false, threadSafe = true)
public final class TakeBackupMojo extends ConfiguredMojo {

    /**
     * The database that is backed up: {@code url}, or {@code container}, {@code database} and {@code user}; {@code serverId}.
     * Properties: {@code pgbackup.source.url} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration source;

    /**
     * Where the backup is kept: archive, roles, manifest and SHA-256. Its files appear when all of them are complete, and
     * nothing is overwritten. By default {@code backup/directory}.
     */
    @Parameter(property = "pgbackup.directory")
    private @Nullable String directory;

    /**
     * Your own dump program and its arguments, instead of pg_dump: words between blanks, in quotes where they have blanks. No
     * shell reads it. It writes the file that the variable {@code PGBACKUP_FILE} names, under the snapshot that
     * {@code PGBACKUP_SNAPSHOT} names; {@code PGHOST}, {@code PGPASSWORD} and so on reach the source.
     */
    @Parameter(property = "pgbackup.command")
    private @Nullable String command;

    /**
     * How the archive is taken: {@code format}, {@code compression}, {@code jobs}, {@code maximumRate}. Properties:
     * {@code pgbackup.backup.format} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration backup;

    /** What the manifest says of the source's answer to: the same as for {@code verify-backup}. */
    @Parameter
    private @Nullable PlexusConfiguration expectations;

    /** Files with further {@code <expectations>}. Property: {@code pgbackup.expectationsFiles}, separated by commas. */
    @Parameter
    private @Nullable PlexusConfiguration expectationsFiles;

    /** How much the manifest holds: none, schema, rows or content, which is a fingerprint of the rows of each table. */
    @Parameter(property = "pgbackup.comparison", defaultValue = PlanReader.COMPARISON)
    private String comparison;

    /** Where PostgreSQL's programs are looked for first; several directories are separated as in {@code PATH}. */
    @Parameter(property = "pgbackup.binDirectory")
    private @Nullable String binDirectory;

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
     * for example 10m or PT10M.
     */
    @Parameter(property = "pgbackup.maximumSnapshotBlocking", defaultValue = PlanReader.MAXIMUM_SNAPSHOT_BLOCKING)
    private String maximumSnapshotBlocking;

    /** What to do when the disk has less room than the archive may need: {@code stop} before the dump, or {@code warn}. */
    @Parameter(property = "pgbackup.onLittleSpace", defaultValue = PlanReader.ON_LITTLE_SPACE)
    private String onLittleSpace;

    /** Where logs and what was found are written; the folder is emptied when a run begins. */
    @Parameter(property = "pgbackup.outputDirectory", defaultValue = "${project.build.directory}/take-backup")
    private File outputDirectory;

    private final SettingsDecrypter decrypter;
    private final RepositorySystem repositories;

    /** Called by Maven. */
    @Inject
    public TakeBackupMojo(SettingsDecrypter decrypter, RepositorySystem repositories) {
        this.decrypter = decrypter;
        this.repositories = repositories;
    }

    @Override
    String skipped() {
        return "no backup was taken";
    }

    @Override
    String cannotRun() {
        return "take-backup: no backup was taken";
    }

    @Override
    void run() throws MojoExecutionException {
        BackupPlan plan;
        try {
            plan = reader().readBackup(tags());
        } catch (InvalidConfigurationException e) {
            throw invalid(e.problems());
        }
        Path evidence = evidenceDirectory(outputDirectory);
        MavenConsole console = MavenConsole.of(getLog(), session());
        try {
            EvidenceOfBuild.of(session()).claim(evidence, executionName());
            try (EvidenceFolder folder = EvidenceFolder.prepare(evidence)) {
                TakenBackup taken = take(plan, folder, console);
                write(taken, EvidenceFile.BACKUP.in(folder.root()));
                taken.facts().warnings().forEach(console::warn);
                console.info(BackupText.line(taken));
            }
        } catch (CannotVerifyException e) {
            throw new MojoExecutionException(headed(cannotRun(), e.fact() + "\n" + e.remedy()));
        }
    }

    private TakenBackup take(BackupPlan plan, EvidenceFolder folder, MavenConsole console) {
        DaemonFinder daemons = new DaemonFinder(System.getenv());
        var environment = new BackupVerification.Environment(
                pluginVersion(),
                System.getenv(),
                new MavenCredentials(session().getSettings(), decrypter, System.getenv())::of,
                daemons,
                EngineSelection.of(
                        plan.run().restore(),
                        daemons,
                        installations -> new LocalEngine(
                                installations,
                                new MavenBinaryResolver(repositories, session())::resolve,
                                plan.run().workDirectory(),
                                console),
                        console));
        try (daemons;
                Interruption interruption = new Interruption(plan.run().timeout(), console)) {
            return new BackupTaking(plan, environment, folder, console, interruption).run();
        }
    }

    private static void write(TakenBackup taken, Path file) {
        try {
            Files.writeString(file, BackupText.of(taken));
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The backup is kept as " + taken.archive() + ", but " + file + " could not be written: "
                            + CannotVerifyException.reason(e) + ".",
                    Remedy.MAKE_ROOM_FOR_EVIDENCE,
                    e);
        }
    }

    @Override
    void addParameters(Map<String, @Nullable Object> parameters) {
        parameters.put("source", source);
        parameters.put("directory", directory);
        parameters.put("command", command);
        parameters.put("backup", backup);
        parameters.put("expectations", expectations);
        parameters.put("expectationsFiles", expectationsFiles);
        parameters.put("comparison", comparison);
        parameters.put("binDirectory", binDirectory);
        parameters.put("timeout", timeout);
        parameters.put("lockWaitTimeout", lockWaitTimeout);
        parameters.put("maximumBlocking", maximumBlocking);
        parameters.put("maximumSnapshotBlocking", maximumSnapshotBlocking);
        parameters.put("onLittleSpace", onLittleSpace);
    }
}
