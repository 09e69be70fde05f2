package io.github.pgbackup.mojo;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.plan.InvalidConfigurationException;
import io.github.pgbackup.report.EvidenceArchive;
import java.io.File;
import java.nio.file.Path;
import java.util.Map;
import javax.inject.Inject;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;
import org.apache.maven.project.MavenProjectHelper;
import org.jspecify.annotations.Nullable;

/**
 * Attaches the evidence that {@code verify-backup} has left, without archive and roles, to the project: a zip archive with
 * the classifier {@code backup-evidence}, which the project's own plugins sign, install and deploy.
 */
@Mojo(name = "attach", defaultPhase = LifecyclePhase.VERIFY, threadSafe = true)
public final class AttachMojo extends ConfiguredMojo {

    private static final String CLASSIFIER = "backup-evidence";

    /** Where the evidence is. An execution that has both goals takes the folder that its {@code verify-backup} writes. */
    @Parameter(property = "pgbackup.outputDirectory", defaultValue = "${project.build.directory}/verify-backup")
    private File outputDirectory;

    private final MavenProjectHelper projects;

    /** Called by Maven. */
    @Inject
    public AttachMojo(MavenProjectHelper projects) {
        this.projects = projects;
    }

    @Override
    String skipped() {
        return "no evidence was attached";
    }

    @Override
    String cannotRun() {
        return "attach: no evidence was attached";
    }

    @Override
    void run() throws MojoExecutionException {
        Path folder = evidenceDirectory(outputDirectory);
        requireValid();
        MavenProject project = session().getCurrentProject();
        String classifier = CLASSIFIER + configuration().folderSuffix();
        Path zip = Path.of(project.getBuild().getDirectory())
                .resolve(project.getBuild().getFinalName() + "-" + classifier + ".zip");
        try {
            EvidenceArchive.write(folder, zip);
        } catch (CannotVerifyException e) {
            throw new MojoExecutionException(headed(cannotRun(), e.fact() + "\n" + e.remedy()));
        }
        projects.attachArtifact(project, "zip", classifier, zip.toFile());
        getLog().info("attach: " + zip + " is attached, with the classifier " + classifier);
    }

    private void requireValid() throws MojoExecutionException {
        try {
            reader().readAttachment(tags());
        } catch (InvalidConfigurationException e) {
            throw invalid(e.problems());
        }
    }

    @Override
    void addParameters(Map<String, @Nullable Object> parameters) {
        // Those of every goal are all that it has.
    }
}
