package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.maven.api.plugin.testing.InjectMojo;
import org.apache.maven.api.plugin.testing.MojoParameter;
import org.apache.maven.api.plugin.testing.MojoTest;
import org.apache.maven.plugin.MojoExecutionException;
import org.junit.jupiter.api.Test;

@MojoTest
final class VerifyBackupMojoTest {

    @Test
    @InjectMojo(goal = "verify-backup")
    @MojoParameter(name = "skip", value = "true")
    void a_skipped_run_passes(VerifyBackupMojo mojo) {
        assertThatCode(mojo::execute).doesNotThrowAnyException();
    }

    @Test
    @InjectMojo(goal = "verify-backup")
    void a_run_that_verified_nothing_does_not_pass(VerifyBackupMojo mojo) {
        assertThatThrownBy(mojo::execute).isInstanceOf(MojoExecutionException.class);
    }
}
