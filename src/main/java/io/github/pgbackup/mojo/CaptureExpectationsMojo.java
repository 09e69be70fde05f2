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
import org.jspecify.annotations.Nullable;

/**
 * Reads a live database, without changing it, and writes what a backup of it would hold now as {@code <expectations>},
 * ready to paste into a POM: tables with their numbers of rows, columns with their types, indexes, constraints,
 * policies, sequences, views and extensions. For a column with few values that repeat, it also writes the values.
 */
@Mojo(name = "capture-expectations", requiresProject = false, threadSafe = true)
public final class CaptureExpectationsMojo extends SourceMojo {

    /** Tables, views and sequences to capture: patterns such as {@code public.*}, separated by commas. */
    @Parameter(property = "pgbackup.include", defaultValue = PlanReader.INCLUDE)
    private String include;

    /** Tables, views and sequences to exclude: patterns such as {@code audit.*}, separated by commas. */
    @Parameter(property = "pgbackup.exclude")
    private @Nullable String exclude;

    /** Maximum number of distinct values to capture per column; columns with more are skipped. 0 captures no values. */
    @Parameter(property = "pgbackup.maximumDistinct", defaultValue = PlanReader.MAXIMUM_DISTINCT)
    private String maximumDistinct;

    /** File to write. It can contain values of rows, so only its owner can read it. */
    @Parameter(
            property = "pgbackup.outputFile",
            defaultValue = "${project.build.directory}/verify-backup-expectations.xml")
    private File outputFile;

    /** Called by Maven. */
    @Inject
    public CaptureExpectationsMojo(SettingsDecrypter decrypter) {
        super(decrypter);
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
            List<CapturedExpectation> captured =
                    new ExpectationCapture(plan, credentials(), daemons, console, interruption).run();
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
        super.addParameters(parameters);
        parameters.put("include", include);
        parameters.put("exclude", exclude);
        parameters.put("maximumDistinct", maximumDistinct);
    }
}
