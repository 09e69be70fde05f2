package io.github.pgbackup.mojo;

import io.github.pgbackup.plan.EvidencePlan;
import io.github.pgbackup.plan.InvalidConfigurationException;
import io.github.pgbackup.plan.PlanReader;
import io.github.pgbackup.report.EvidenceCheck;
import io.github.pgbackup.report.Printable;
import java.io.File;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Fails the build unless the evidence that {@code verify-backup} wrote, in this build or in another one, is complete,
 * matches its checksums, says PASS, is recent enough, and is about the database and the expectations that are
 * configured here. It opens no connection.
 */
@Mojo(name = "check-evidence", defaultPhase = LifecyclePhase.VALIDATE, requiresProject = false, threadSafe = true)
public final class CheckEvidenceMojo extends ConfiguredMojo {

    /**
     * The database that the evidence must be about. If it is missing, only {@code identity} identifies the database.
     * The goal does not connect to it. Properties: {@code pgbackup.source.url} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration source;

    /**
     * The same as for {@code verify-backup}: {@code roles}, {@code maximumDuration} and {@code toleratedDifferences}
     * are part of the demands on the backup.
     */
    @Parameter
    private @Nullable PlexusConfiguration restore;

    /** The same as for {@code verify-backup}. */
    @Parameter
    private @Nullable PlexusConfiguration expectations;

    /**
     * Files with further {@code <expectations>}, as {@code capture-expectations} writes them.
     * Property: {@code pgbackup.expectationsFiles}, separated by commas.
     */
    @Parameter
    private @Nullable PlexusConfiguration expectationsFiles;

    /** The same as for {@code verify-backup}: none, schema, rows or content. */
    @Parameter(property = "pgbackup.comparison", defaultValue = PlanReader.COMPARISON)
    private String comparison;

    /**
     * The {@code demands.sha256} that {@code verification.json} must contain, instead of {@code expectations},
     * {@code comparison} and {@code restore}.
     */
    @Parameter(property = "pgbackup.demands")
    private @Nullable String demands;

    /** Maximum age of the evidence, counted from the beginning of the run, for example 1d or PT24H. */
    @Parameter(property = "pgbackup.maximumAge", defaultValue = PlanReader.MAXIMUM_AGE)
    private String maximumAge;

    /**
     * Public keys to trust, each as PEM or as a file; one of them must have signed the evidence. Without this tag, no
     * signature is required. Property: {@code pgbackup.trustedKeys}, separated by commas.
     */
    @Parameter
    private @Nullable PlexusConfiguration trustedKeys;

    /**
     * What the evidence must be bound to: a {@code commit} ({@code auto}, or its id), and the project's files that
     * {@code includes} and {@code excludes} select. They are compared with the commit and the files here. Properties:
     * {@code pgbackup.boundTo.commit} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration boundTo;

    /**
     * Whether the folder must contain the archive if the run kept it; {@code false} for evidence from {@code attach},
     * which leaves the archive out.
     */
    @Parameter(property = "pgbackup.requireArchive", defaultValue = "true")
    private String requireArchive;

    /**
     * Folder with the evidence. In an execution that also runs {@code verify-backup}, the default is the folder to
     * which {@code verify-backup} writes.
     */
    @Parameter(property = "pgbackup.outputDirectory", defaultValue = "${project.build.directory}/verify-backup")
    private File outputDirectory;

    @Override
    String skipped() {
        return "no evidence was checked";
    }

    @Override
    String cannotRun() {
        return "check-evidence: the evidence was not checked";
    }

    @Override
    void run() throws MojoExecutionException, MojoFailureException {
        Path folder = evidenceDirectory(outputDirectory);
        EvidencePlan plan = plan();
        plan.warnings().forEach(getLog()::warn);
        EvidenceCheck.Result result =
                EvidenceCheck.of(plan, folder, Clock.systemUTC().instant());
        if (!result.problems().isEmpty()) {
            throw new MojoFailureException(headed(
                    "check-evidence: FAIL, nothing here proves that the backup is good",
                    result.problems().stream().map(problem -> "- " + problem).collect(Collectors.joining("\n"))));
        }
        getLog().info("check-evidence: PASS, " + Printable.text(result.facts()) + "; " + folder);
    }

    private EvidencePlan plan() throws MojoExecutionException {
        try {
            return reader().readEvidence(tags());
        } catch (InvalidConfigurationException e) {
            throw invalid(e.problems());
        }
    }

    @Override
    void addParameters(Map<String, @Nullable Object> parameters) {
        parameters.put("source", source);
        parameters.put("restore", restore);
        parameters.put("expectations", expectations);
        parameters.put("expectationsFiles", expectationsFiles);
        parameters.put("comparison", comparison);
        parameters.put("demands", demands);
        parameters.put("maximumAge", maximumAge);
        parameters.put("trustedKeys", trustedKeys);
        parameters.put("requireArchive", requireArchive);
        parameters.put("boundTo", boundTo);
    }
}
