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
 * Attaches the evidence of {@code verify-backup} to the project as a zip archive with the classifier
 * {@code backup-evidence}. The project's own plugins then sign, install and deploy it. The zip archive contains neither
 * the dump nor the roles, and so no row of a table.
 */
@Mojo(name = "attach", defaultPhase = LifecyclePhase.VERIFY, threadSafe = true)
public final class AttachMojo extends ConfiguredMojo {

    private static final String CLASSIFIER = "backup-evidence";

    /**
     * Folder with the evidence. In an execution that also runs {@code verify-backup}, the default is the folder to
     * which {@code verify-backup} writes.
     */
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
        // This goal has only the parameters that every goal has.
    }
}
