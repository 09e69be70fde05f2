package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.Podman;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The container engine over Podman's socket. */
final class PodmanIT {

    @TempDir
    private Path directory;

    @Test
    void a_backup_is_restored_in_a_podman_container_and_nothing_is_left() throws Exception {
        Docker.require(15);
        try (ProductionServer production =
                        ProductionServer.start(Programs.ofMajor(15).bin());
                Podman podman = Podman.start(directory, "postgres:15")) {
            production.createDatabase("shop");
            production.execute("shop", "create table orders as select generate_series(1, 1000) id");

            VerificationReport report = VerificationRun.of(production, "shop", directory)
                    .with("restore.engine", "container")
                    .daemon(podman.host())
                    .run();

            VerificationRun.assertPassed(report);
            assertThat(report.restored().target().orElseThrow().isolation())
                    .containsEntry("network mode", "none")
                    .containsEntry("network interfaces", "lo")
                    .containsEntry("published ports", "none")
                    .containsEntry("capabilities added", "none");
            assertThat(report.restored().target().orElseThrow().isolation().get("capabilities dropped"))
                    .as("Podman lists them one by one")
                    .contains("CHOWN", "DAC_OVERRIDE", "NET_RAW", "SETUID", "SYS_CHROOT");
            assertThat(report.restored().target().orElseThrow().removal().values())
                    .allMatch(fact -> fact.endsWith("is gone"));
            assertThat(podman.containers()).isEmpty();
            assertThat(podman.volumes()).isEmpty();
        }
    }
}
