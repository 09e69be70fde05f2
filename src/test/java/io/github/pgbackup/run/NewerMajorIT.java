package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A backup that is restored into a newer major version, as a rehearsal of the upgrade, for every pair of versions. */
final class NewerMajorIT {

    @TempDir
    Path directory;

    static Stream<Programs> older() {
        int newest = Programs.majors().mapToInt(Programs::major).max().orElseThrow();
        return Programs.majors().filter(programs -> programs.major() < newest);
    }

    @ParameterizedTest
    @MethodSource("older")
    void one_of_every_kind_of_object_passes_in_each_newer_major(Programs programs) throws Exception {
        try (ProductionServer production = OddDatabase.server(programs)) {
            OddDatabase.create(production, "odd", programs.major());
            List<Callable<List<String>>> verifications = new ArrayList<>();
            Programs.majors()
                    .mapToInt(Programs::major)
                    .filter(major -> major > programs.major())
                    .forEach(major -> verifications.add(() -> complaints(production, major)));

            assertThat(String.join("\n", Score.complaints(verifications))).isEmpty();
        }
    }

    private List<String> complaints(ProductionServer production, int major) {
        VerificationReport report = VerificationRun.of(production, "odd", directory.resolve("into " + major))
                .into(major)
                .with("comparison", "content")
                .run();
        List<String> complaints = new ArrayList<>();
        report.failedChecks().forEach(check -> complaints.add("Into " + major + ": " + check.sentence()));
        if (report.verdict() != Verdict.PASS) {
            complaints.add("Into " + major + ": " + report.verdict() + " " + report.problemText());
        } else if (!report.restored().target().orElseThrow().serverVersion().startsWith(major + "")) {
            complaints.add("Restored into PostgreSQL "
                    + report.restored().target().orElseThrow().serverVersion() + " instead of " + major + ".");
        }
        return complaints;
    }
}
