package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.fault.TestedFault.Outcome;
import io.github.pgbackup.test.DirectusScenario;
import io.github.pgbackup.test.ProductionServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The test of the scenario's expectations. */
final class DirectusTrialIT {

    @AutoClose
    static final ProductionServer PRODUCTION = ProductionServer.start("workflow_admin");

    @TempDir
    Path directory;

    @Test
    void every_fault_of_the_scenario_is_tried_within_the_usual_budget() {
        DirectusScenario.create(PRODUCTION, "directus");

        VerificationReport report = VerificationRun.of(PRODUCTION, "directus", directory)
                .expect("table", "cutter_governance.canonical_address_alias")
                .expect("column", "public.tac_logical_unit.authority")
                .expect("column", "public.tac_logical_unit.canonical_address_format_version")
                .expect("column", "sandbox_tac.logical_unit.authority")
                .expect("column", "sandbox_tac.logical_unit.canonical_address_format_version")
                .tested()
                .run();

        BackupVerificationIT.assertPassed(report);
        ExpectationTest test = report.used().expectationTest().orElseThrow();
        assertThat(test.count(Outcome.NOT_TRIED)).isZero();
        assertThat(test.viable()).isGreaterThan(100);
        assertThat(test.count(Outcome.CAUGHT)).isGreaterThanOrEqualTo(5);
    }
}
