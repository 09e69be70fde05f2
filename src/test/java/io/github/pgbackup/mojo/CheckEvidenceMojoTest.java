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
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugin.logging.Log;
import org.junit.jupiter.api.Test;

/** The goal as Maven configures it. */
@MojoTest
final class CheckEvidenceMojoTest {

    private static final String NOWHERE = "target/mojo-test/nowhere";

    @Inject
    private Log log;

    @Test
    @InjectMojo(goal = "check-evidence")
    @MojoParameter(name = "skip", value = "true")
    void a_check_that_is_skipped_says_so(CheckEvidenceMojo mojo) {
        mojo.setLog(log);

        assertThatCode(mojo::execute).doesNotThrowAnyException();

        verify(log).info("check-evidence is skipped (pgbackup.skip); no evidence was checked.");
    }

    @Test
    @InjectMojo(goal = "check-evidence")
    @MojoParameter(name = "maximumAge", value = "1 day")
    void an_invalid_configuration_is_an_error_that_names_every_problem(CheckEvidenceMojo mojo) {
        assertThatThrownBy(mojo::execute)
                .isInstanceOf(MojoExecutionException.class)
                .hasMessage("""
                        check-evidence: the evidence was not checked:
                          - <identity><database> (-Dpgbackup.identity.database) is missing: it must say which database the evidence is about.
                          - <maximumAge> (-Dpgbackup.maximumAge) is '1 day'; expected a duration above zero and \
                        below ten years, such as 6h, 1d or PT6H.
                          Every tag, with an example, is listed by mvn pgbackup:help -Ddetail. See docs/parameters.md.""");
    }

    @Test
    @InjectMojo(goal = "check-evidence", pom = "src/test/resources/mojo/evidence.xml")
    @MojoParameter(name = "outputDirectory", value = NOWHERE)
    void missing_evidence_is_a_failure(CheckEvidenceMojo mojo) {
        assertThatThrownBy(mojo::execute)
                .isInstanceOf(MojoFailureException.class)
                .hasMessage(
                        "check-evidence: FAIL, nothing here proves that the backup is good:\n  - There is no evidence: "
                                + Path.of(NOWHERE).toAbsolutePath()
                                + "/verification.json is missing. Run verify-backup first, or copy the whole folder of its"
                                + " run here: <outputDirectory>, -Dpgbackup.outputDirectory. See docs/security.md"
                                + "#what-check-evidence-proves.");
    }
}
