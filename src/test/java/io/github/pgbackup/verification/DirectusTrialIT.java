package io.github.pgbackup.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.fault.TestedFault.Outcome;
import io.github.pgbackup.test.DirectusScenario;
import io.github.pgbackup.test.ProductionServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectusTrialIT {

    @AutoClose
    static final ProductionServer PRODUCTION = ProductionServer.start("workflow_admin");

    @TempDir
    Path directory;

    @Test
    void two_hundred_faults_of_the_scenario_take_no_more_than_twenty_seconds() {
        DirectusScenario.create(PRODUCTION, "directus");

        VerificationRun run = VerificationRun.of(PRODUCTION, "directus", directory)
                .expect("table", "cutter_governance.canonical_address_alias")
                .expect("column", "public.tac_logical_unit.authority")
                .onRestored(session -> {
                    session.execute("alter system set log_min_duration_statement = 0");
                    session.execute("select pg_reload_conf()");
                })
                .tested();
        VerificationReport report = run.run();
        if (!report.problemText().isEmpty()) {
            run.log().forEach(System.out::println);
        }

        assertThat(report.problemText()).isEmpty();
        ExpectationTest test = report.expectationTest();
        try {
            java.nio.file.Files.copy(
                    directory.resolve("verify-backup/logs/server.log"),
                    Path.of("/tmp/exp-server.log"),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
        System.out.println(test.duration() + " " + test.faults().size() + " " + test.viable() + " "
                + test.count(Outcome.NOT_TRIED));
    }
}
