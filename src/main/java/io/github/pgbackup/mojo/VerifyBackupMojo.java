package io.github.pgbackup.mojo;

import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/** Backs up a PostgreSQL database, restores the backup into a throw-away server and verifies what came back. */
@Mojo(name = "verify-backup", defaultPhase = LifecyclePhase.VERIFY, requiresProject = false, threadSafe = true)
public final class VerifyBackupMojo extends AbstractMojo {

    /** Skips the verification; the log says that nothing was verified. */
    @Parameter(property = "pgbackup.skip", defaultValue = "false")
    private boolean skip;

    /** Called by Maven. */
    public VerifyBackupMojo() {}

    @Override
    public void execute() throws MojoExecutionException {
        if (skip) {
            getLog().info("verify-backup is skipped; no backup was verified.");
            return;
        }
        // A verification that could not run never reports as passing.
        throw new MojoExecutionException("verify-backup verified nothing: this version has no verification yet.");
    }
}
