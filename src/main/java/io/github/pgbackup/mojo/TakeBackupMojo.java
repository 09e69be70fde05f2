package io.github.pgbackup.mojo;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.TakenBackup;
import io.github.pgbackup.plan.BackupPlan;
import io.github.pgbackup.plan.InvalidConfigurationException;
import io.github.pgbackup.plan.PlanReader;
import io.github.pgbackup.report.BackupText;
import io.github.pgbackup.run.BackupTaking;
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
 * Takes a backup of a production PostgreSQL database and writes a manifest of what the database held at that instant.
 * {@code verify-backup} can later compare the backup with the manifest, without production. This goal restores nothing.
 */
@Mojo(name = "take-backup", requiresProject = false, threadSafe = true)
public final class TakeBackupMojo extends SourceMojo {

    /**
     * Directory for the backup: archive, roles, manifest and SHA-256. The files appear once all of them are complete;
     * existing files are never overwritten. By default the {@code directory} of {@code <backup>}.
     */
    @Parameter(property = "pgbackup.directory")
    private @Nullable String directory;

    /**
     * Your own dump program with its arguments, instead of pg_dump. Separate words with blanks, and quote a word that
     * contains blanks; no shell reads the command. The program must write the file that the environment variable
     * {@code PGBACKUP_FILE} names, and use the snapshot that {@code PGBACKUP_SNAPSHOT} names. {@code PGHOST},
     * {@code PGPASSWORD} and so on lead it to the source.
     */
    @Parameter(property = "pgbackup.command")
    private @Nullable String command;

    /**
     * How to take the archive: {@code format}, {@code compression}, {@code jobs}, {@code maximumRate}. For example
     * {@code <backup><format>directory</format><jobs>4</jobs></backup>}. Properties: {@code pgbackup.backup.format} and
     * so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration backup;

    /** The expectations of {@code verify-backup}. The manifest records what the source answers to them. */
    @Parameter
    private @Nullable PlexusConfiguration expectations;

    /** Files with further {@code <expectations>}. Property: {@code pgbackup.expectationsFiles}, separated by commas. */
    @Parameter
    private @Nullable PlexusConfiguration expectationsFiles;

    /**
     * How much the manifest records: none, schema, rows or content. content adds a fingerprint of each table's rows.
     */
    @Parameter(property = "pgbackup.comparison", defaultValue = PlanReader.COMPARISON)
    private String comparison;

    /** Directories to search first for PostgreSQL's programs, separated as in {@code PATH}. */
    @Parameter(property = "pgbackup.binDirectory")
    private @Nullable String binDirectory;

    /**
     * What to do if the disk has less space than the archive may need: {@code stop} before the dump, or {@code warn}
     * and continue.
     */
    @Parameter(property = "pgbackup.onLittleSpace", defaultValue = PlanReader.ON_LITTLE_SPACE)
    private String onLittleSpace;

    /** Folder for logs and findings. A run empties it when it begins. */
    @Parameter(property = "pgbackup.outputDirectory", defaultValue = "${project.build.directory}/take-backup")
    private File outputDirectory;

    private final RepositorySystem repositories;

    /** Called by Maven. */
    @Inject
    public TakeBackupMojo(SettingsDecrypter decrypter, RepositorySystem repositories) {
        super(decrypter);
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
                taken.facts().outcome().warnings().forEach(console::warn);
                console.info(BackupText.line(taken));
            }
        } catch (CannotVerifyException e) {
            throw new MojoExecutionException(headed(cannotRun(), e.fact() + "\n" + e.remedy()));
        }
    }

    private TakenBackup take(BackupPlan plan, EvidenceFolder folder, MavenConsole console) {
        DaemonFinder daemons = new DaemonFinder(System.getenv());
        var environment = environment(plan.run(), daemons, repositories, console);
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
        super.addParameters(parameters);
        parameters.put("directory", directory);
        parameters.put("command", command);
        parameters.put("backup", backup);
        parameters.put("expectations", expectations);
        parameters.put("expectationsFiles", expectationsFiles);
        parameters.put("comparison", comparison);
        parameters.put("binDirectory", binDirectory);
        parameters.put("onLittleSpace", onLittleSpace);
    }
}
