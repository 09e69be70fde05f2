package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;
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

/** The goal as Maven configures it, up to the point where it would need a server. */
@MojoTest
final class VerifyBackupMojoTest {

    private static final String OUTPUT = "target/mojo-test/verify-backup";
    private static final Path SUMMARY = Path.of(OUTPUT).toAbsolutePath().resolve("SUMMARY.txt");
    private static final String REPORT = SUMMARY.resolveSibling("index.html") + " (as text: SUMMARY.txt)";
    private static final String NOT_VERIFIED = "verify-backup: NOT_VERIFIED, nothing is known about the backup:\n";

    @Inject
    private Log log;

    @Test
    @InjectMojo(goal = "verify-backup")
    @MojoParameter(name = "skip", value = "true")
    void a_run_that_is_skipped_says_that_nothing_was_verified(VerifyBackupMojo mojo) {
        mojo.setLog(log);

        assertThatCode(mojo::execute).doesNotThrowAnyException();

        verify(log).info("verify-backup is skipped (pgbackup.skip); no backup was verified.");
    }

    @Test
    @InjectMojo(goal = "verify-backup")
    @MojoParameter(name = "outputDirectory", value = OUTPUT)
    @MojoParameter(name = "skip", value = "yes")
    void a_flag_is_true_or_false(VerifyBackupMojo mojo) {
        assertThatThrownBy(mojo::execute)
                .isInstanceOf(MojoExecutionException.class)
                .hasMessageStartingWith(NOT_VERIFIED)
                .hasMessageContaining("\n  - <skip> (-Dpgbackup.skip) is 'yes'; expected true or false.\n");
        assertThat(SUMMARY).content().startsWith("verify-backup: NOT_VERIFIED\n");
    }

    @Test
    @InjectMojo(goal = "verify-backup")
    @MojoParameter(name = "failOnViolation", value = "maybe")
    void an_invalid_flag_does_not_count_as_false(VerifyBackupMojo mojo) {
        assertThatThrownBy(mojo::execute)
                .isInstanceOf(MojoExecutionException.class)
                .hasMessageContaining(
                        "\n  - <failOnViolation> (-Dpgbackup.failOnViolation) is 'maybe'; expected true or false.\n");
    }

    @Test
    @InjectMojo(goal = "verify-backup")
    @MojoParameter(name = "outputDirectory", value = "/evidence/${evidence}")
    void an_output_directory_with_a_property_that_is_not_set(VerifyBackupMojo mojo) {
        assertThatThrownBy(mojo::execute)
                .isInstanceOf(MojoExecutionException.class)
                .hasMessage(NOT_VERIFIED
                        + "  <outputDirectory> (-Dpgbackup.outputDirectory) is '/evidence/${evidence}'; the property in it"
                        + " is not set.");
    }

    @Test
    @InjectMojo(goal = "verify-backup")
    @MojoParameter(name = "outputDirectory", value = OUTPUT)
    @MojoParameter(name = "failOnViolation", value = "false")
    void a_verification_that_cannot_run_is_an_error_even_if_violations_are_tolerated(VerifyBackupMojo mojo) {
        assertThatThrownBy(mojo::execute)
                .isInstanceOf(MojoExecutionException.class)
                .hasMessage(NOT_VERIFIED + """
                          The configuration has a problem:
                          - <source><url> (-Dpgbackup.source.url) is missing; expected a JDBC URL such as jdbc:postgresql://db.internal:5432/directus, or <container> and <database>.
                          Every tag, with an example, is listed by mvn pgbackup:help -Ddetail. See docs/parameters.md.
                        Report:\s""" + REPORT);
        assertThat(SUMMARY).content().startsWith("verify-backup: NOT_VERIFIED\n");
    }

    @Test
    @InjectMojo(goal = "verify-backup", pom = "src/test/resources/mojo/pom.xml")
    @MojoParameter(name = "outputDirectory", value = OUTPUT)
    void all_problems_of_the_configuration_are_reported_at_once(VerifyBackupMojo mojo) {
        assertThatThrownBy(mojo::execute)
                .isInstanceOf(MojoExecutionException.class)
                .hasMessage(NOT_VERIFIED + """
                          The configuration has 4 problems:
                          - <source><url> (-Dpgbackup.source.url) does not start with jdbc:postgresql:. \
                        Write jdbc:postgresql://host:port/database.
                          - <identity><serverVersion> (-Dpgbackup.identity.serverVersion) is '[16'; \
                        expected a version or a range of versions: 16 (any 16.x), 16.4, [16,17), [13,).
                          - <backup><format> (-Dpgbackup.backup.format) is 'plain'; expected one of custom, directory.
                          - <timeout> (-Dpgbackup.timeout) is '10 minutes'; \
                        expected a duration above zero and below 20 days, such as 30s, 10m, 2h or PT10M.
                          Every tag, with an example, is listed by mvn pgbackup:help -Ddetail. See docs/parameters.md.
                        Report:\s""" + REPORT);
    }
}
