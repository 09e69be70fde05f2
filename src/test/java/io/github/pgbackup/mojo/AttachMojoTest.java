package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.verify;

import java.nio.file.Path;
import javax.inject.Inject;
import org.apache.maven.api.plugin.testing.InjectMojo;
import org.apache.maven.api.plugin.testing.MojoParameter;
import org.apache.maven.api.plugin.testing.MojoTest;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.logging.Log;
import org.junit.jupiter.api.Test;

/** The goal as Maven configures it. */
@MojoTest
final class AttachMojoTest {

    private static final String NOWHERE = "target/mojo-test/nowhere";

    @Inject
    private Log log;

    @Test
    @InjectMojo(goal = "attach")
    @MojoParameter(name = "skip", value = "true")
    void a_goal_that_is_skipped_says_so(AttachMojo mojo) {
        mojo.setLog(log);

        assertThatCode(mojo::execute).doesNotThrowAnyException();

        verify(log).info("attach is skipped (pgbackup.skip); no evidence was attached.");
    }

    @Test
    @InjectMojo(goal = "attach", pom = "src/test/resources/mojo/evidence.xml")
    @MojoParameter(name = "outputDirectory", value = NOWHERE)
    void missing_evidence_is_an_error(AttachMojo mojo) {
        assertThatThrownBy(mojo::execute)
                .isInstanceOf(MojoExecutionException.class)
                .hasMessage(
                        "attach: no evidence was attached:\n  There is no evidence to attach: "
                                + Path.of(NOWHERE).toAbsolutePath()
                                + "/verification.json is missing.\n  Run verify-backup first, or copy the whole folder of its"
                                + " run here: <outputDirectory>, -Dpgbackup.outputDirectory. See docs/security.md#what-check-evidence-proves.");
    }
}
