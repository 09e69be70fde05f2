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
 * Fails the build unless the evidence that {@code verify-backup} has left, perhaps in another build, is whole, says
 * PASS, is not too old, and is about the database and the expectations that are configured here. It opens no connection.
 */
@Mojo(name = "check-evidence", defaultPhase = LifecyclePhase.VALIDATE, requiresProject = false, threadSafe = true)
public final class CheckEvidenceMojo extends ConfiguredMojo {

    /**
     * The database that the evidence must be about; where there is none, {@code identity} alone says. Nothing is connected
     * to. Properties: {@code pgbackup.source.url} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration source;

    /** As {@code verify-backup} had it: {@code roles}, {@code maximumDuration} and {@code toleratedDifferences} are part of what was demanded. */
    @Parameter
    private @Nullable PlexusConfiguration restore;

    /** As {@code verify-backup} had them. */
    @Parameter
    private @Nullable PlexusConfiguration expectations;

    /**
     * Files with further {@code <expectations>}, as {@code capture-expectations} writes them.
     * Property: {@code pgbackup.expectationsFiles}, separated by commas.
     */
    @Parameter
    private @Nullable PlexusConfiguration expectationsFiles;

    /** As {@code verify-backup} had it. */
    @Parameter(property = "pgbackup.comparison", defaultValue = PlanReader.COMPARISON)
    private String comparison;

    /** Instead of {@code expectations}, {@code comparison} and {@code restore}: the {@code demands.sha256} that {@code verification.json} must have. */
    @Parameter(property = "pgbackup.demands")
    private @Nullable String demands;

    /** How long ago the run may have begun, for example 10m or PT10M. */
    @Parameter(property = "pgbackup.maximumAge", defaultValue = PlanReader.MAXIMUM_AGE)
    private String maximumAge;

    /**
     * Public keys of whom to trust, as PEM or as files: one of them must have signed the evidence. Without any, nobody's
     * signature is needed. Property: {@code pgbackup.trustedKeys}, separated by commas.
     */
    @Parameter
    private @Nullable PlexusConfiguration trustedKeys;

    /**
     * What the evidence must be bound to, as it is here: {@code commit} ({@code auto}, or the digits of one), and files of the project by {@code includes} and
     * {@code excludes}. Properties: {@code pgbackup.boundTo.commit} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration boundTo;

    /** Whether an archive that the run kept must be there; {@code false} for evidence that {@code attach} has attached. */
    @Parameter(property = "pgbackup.requireArchive", defaultValue = "true")
    private String requireArchive;

    /** Where the evidence is. An execution that has both goals takes the folder that its {@code verify-backup} writes. */
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
