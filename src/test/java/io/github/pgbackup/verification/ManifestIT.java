package io.github.pgbackup.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives that are compared with their manifests, while the server that they are of is down. */
final class ManifestIT {

    @TempDir
    Path directory;

    /** Takes a backup by verify-backup, which writes the manifest beside it. */
    private Path backup(ProductionServer production, String comparison) throws IOException {
        VerificationReport report = VerificationRun.of(production, "odd", directory.resolve("source"))
                .with("comparison", comparison)
                .run();
        assertPassed(report);
        return directory
                .resolve("source/verify-backup")
                .resolve(report.archive().path());
    }

    private static void assertPassed(VerificationReport report) {
        assertThat(report.verdict())
                .as(report.problemText()
                        + report.failedChecks().stream().map(Check::sentence).collect(Collectors.joining("\n")))
                .isEqualTo(Verdict.PASS);
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 19})
    void one_of_every_kind_of_object_passes_by_its_manifest(int major) throws Exception {
        Programs programs = Programs.ofMajor(major);
        Path archive;
        try (ProductionServer production = OddDatabase.server(programs)) {
            OddDatabase.create(production, "odd", major);
            archive = backup(production, "content");
        }
        VerificationReport report = VerificationRun.ofArchive(archive, "odd", directory.resolve("later"))
                .with("comparison", "content")
                .run();
        assertPassed(report);
        assertThat(report.ledger().baseline()).isEqualTo("manifest");
    }
}
