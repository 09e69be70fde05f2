package io.github.pgbackup.mojo;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.expectation.CapturedExpectation;
import io.github.pgbackup.plan.CapturePlan;
import io.github.pgbackup.plan.InvalidConfigurationException;
import io.github.pgbackup.plan.PlanReader;
import io.github.pgbackup.postgres.OwnerOnly;
import io.github.pgbackup.report.ExpectationsXml;
import io.github.pgbackup.run.ExpectationCapture;
import io.github.pgbackup.stage.Interruption;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import javax.inject.Inject;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Reads a live database, without changing it, and writes what a backup of it would hold now as {@code <expectations>},
 * ready to paste into a POM: tables with their numbers of rows, columns with their types, indexes, constraints,
 * policies, sequences, views and extensions. For a column with few values that repeat, it also writes the values.
 */
@Mojo(name = "capture-expectations", requiresProject = false, threadSafe = true)
public final class CaptureExpectationsMojo extends ConfiguredMojo {

    /**
     * The database to read: {@code url}, or {@code container} with {@code database} and {@code user}; {@code serverId}
     * names the credentials in settings.xml. For example
     * {@code <source><url>jdbc:postgresql://db.internal:5432/directus</url></source>}. Properties:
     * {@code pgbackup.source.url} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration source;

    /** Tables, views and sequences to capture: patterns such as {@code public.*}, separated by commas. */
    @Parameter(property = "pgbackup.include", defaultValue = PlanReader.INCLUDE)
    private String include;

    /** Tables, views and sequences to exclude: patterns such as {@code audit.*}, separated by commas. */
    @Parameter(property = "pgbackup.exclude")
    private @Nullable String exclude;

    /** Maximum number of distinct values to capture per column; columns with more are skipped. 0 captures no values. */
    @Parameter(property = "pgbackup.maximumDistinct", defaultValue = PlanReader.MAXIMUM_DISTINCT)
    private String maximumDistinct;

    /** Maximum duration of the whole run, for example 4h or PT4H. */
    @Parameter(property = "pgbackup.timeout", defaultValue = PlanReader.TIMEOUT)
    private String timeout;

    /** How long to wait for a lock on the source before giving up, for example 10s or PT10S. */
    @Parameter(property = "pgbackup.lockWaitTimeout", defaultValue = PlanReader.LOCK_WAIT_TIMEOUT)
    private String lockWaitTimeout;

    /** How long another session may wait for one of our locks before we cancel our queries, for example 5s or PT5S. */
    @Parameter(property = "pgbackup.maximumBlocking", defaultValue = PlanReader.MAXIMUM_BLOCKING)
    private String maximumBlocking;

    /**
     * How long CREATE INDEX CONCURRENTLY and other commands with CONCURRENTLY may wait for our snapshot before we
     * cancel our queries, for example 1h or PT1H. Such a command blocks no other session while it waits. As soon as
     * another session waits for it, {@code maximumBlocking} applies.
     */
    @Parameter(property = "pgbackup.maximumSnapshotBlocking", defaultValue = PlanReader.MAXIMUM_SNAPSHOT_BLOCKING)
    private String maximumSnapshotBlocking;

    /** File to write. It can contain values of rows, so only its owner can read it. */
    @Parameter(
            property = "pgbackup.outputFile",
            defaultValue = "${project.build.directory}/verify-backup-expectations.xml")
    private File outputFile;

    private final SettingsDecrypter decrypter;

    /** Called by Maven. */
    @Inject
    public CaptureExpectationsMojo(SettingsDecrypter decrypter) {
        this.decrypter = decrypter;
    }

    @Override
    String skipped() {
        return "no expectations were captured";
    }

    @Override
    String cannotRun() {
        return "capture-expectations: no expectations were written";
    }

    @Override
    void run() throws MojoExecutionException {
        Path file = path(outputFile, "outputFile");
        CapturePlan plan = plan();
        plan.warnings().forEach(getLog()::warn);
        MavenConsole console = MavenConsole.of(getLog(), session());
        try (DaemonFinder daemons = new DaemonFinder(System.getenv());
                Interruption interruption = new Interruption(plan.timeout(), console)) {
            List<CapturedExpectation> captured = new ExpectationCapture(
                            plan,
                            new MavenCredentials(session().getSettings(), decrypter, System.getenv())::of,
                            daemons,
                            console,
                            interruption)
                    .run();
            write(
                    file,
                    ExpectationsXml.of(
                            captured,
                            "Captured by capture-expectations at "
                                    + Clock.systemUTC().instant()
                                    + "; use a range, such as [1,), for numbers that change from one backup to the next."));
            console.info(captured.size() + " expectations; " + file);
        } catch (CannotVerifyException e) {
            throw new MojoExecutionException(headed(cannotRun(), e.fact() + "\n" + e.remedy()));
        }
    }

    private CapturePlan plan() throws MojoExecutionException {
        try {
            return reader().readCapture(tags());
        } catch (InvalidConfigurationException e) {
            throw invalid(e.problems());
        }
    }

    private static void write(Path file, String text) {
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            Files.deleteIfExists(file);
            Files.createFile(file, OwnerOnly.file());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The expectations could not be written to " + file + ": " + CannotVerifyException.reason(e) + ".",
                    Remedy.NAME_A_FILE_THAT_CAN_BE_WRITTEN,
                    e);
        }
    }

    @Override
    void addParameters(Map<String, @Nullable Object> parameters) {
        parameters.put("source", source);
        parameters.put("include", include);
        parameters.put("exclude", exclude);
        parameters.put("maximumDistinct", maximumDistinct);
        parameters.put("timeout", timeout);
        parameters.put("lockWaitTimeout", lockWaitTimeout);
        parameters.put("maximumBlocking", maximumBlocking);
        parameters.put("maximumSnapshotBlocking", maximumSnapshotBlocking);
    }
}
