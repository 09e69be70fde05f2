package io.github.pgbackup.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.ProductionContainer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole verification of a production that is a container, with the container engine. */
final class ContainerVerificationIT {

    @TempDir
    Path directory;

    @Test
    void a_backup_of_a_container_passes() {
        Docker.require(15);
        try (ProductionContainer production = ProductionContainer.start(15, "workflow_admin")) {
            production.createDatabase("directus");
            production.query(
                    "directus",
                    "create table t (a int primary key, b text); insert into t select g, 'x' || g from generate_series(1, 1000) g");

            VerificationRun run = VerificationRun.inContainer(production.name(), "directus", directory);
            VerificationReport report = run.run();

            System.out.println(report.target());
            System.out.println(report.failedChecks());
            System.out.println(report.problemText());
            assertThat(report.verdict()).isEqualTo(Verdict.PASS);
        }
    }
}
