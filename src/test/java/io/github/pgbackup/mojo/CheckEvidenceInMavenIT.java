package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A release build that requires what another build has verified. */
final class CheckEvidenceInMavenIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    private static final String IDENTITY = "<identity><database>lending</database></identity>";
    private static final String EXPECTATIONS =
            "<expectations><table><name>public.loans</name><rows>%d</rows></table></expectations>";

    @TempDir
    private Path project;

    @BeforeAll
    static void createDatabase() {
        PRODUCTION.createDatabase("lending");
        PRODUCTION.execute("lending", "CREATE TABLE loans AS SELECT id FROM generate_series(1, 10) id");
    }

    @Test
    void evidence_is_accepted_only_unaltered_and_with_the_same_expectations() throws IOException {
        MavenBuild build = new MavenBuild(project).source(PRODUCTION, "lending", IDENTITY + EXPECTATIONS.formatted(10));
        assertThat(build.run("verify").output()).contains("BUILD SUCCESS");

        MavenBuild.Result accepted = build.run(MavenBuild.goal("check-evidence"));
        assertThat(accepted.output())
                .contains("BUILD SUCCESS")
                .containsPattern("\\[INFO] check-evidence: PASS, database lending, verified at \\S+Z by \\d+ checks; ");
        assertThat(accepted.warnings()).isEmpty();

        // Without the POM's configuration, by the digest of the demands.
        String demands = build.run("verify")
                .evidence("verification.json")
                .replaceFirst("(?s).*\"demands\": \\{\\s+\"sha256\": \"(\\w+)\".*", "$1");
        MavenBuild release = new MavenBuild(project.resolve("release"));
        MavenBuild.Result byProperties = release.run(
                MavenBuild.goal("check-evidence"),
                "-Dpgbackup.identity.database=lending",
                "-Dpgbackup.demands=" + demands,
                "-Dpgbackup.outputDirectory=" + build.evidence());
        assertThat(byProperties.output()).contains("BUILD SUCCESS");

        Path file = build.evidence().resolve("verification.json");
        String json = Files.readString(file);
        Files.writeString(file, json.replace("lending", "shop"));
        MavenBuild.Result altered = build.run(MavenBuild.goal("check-evidence"));
        assertThat(altered.output()).contains("BUILD FAILURE");
        assertThat(altered.error())
                .startsWith("check-evidence: FAIL, nothing here proves that the backup is good:\n"
                        + "  - verification.json is not as listed in SHA256SUMS: expected SHA-256 ")
                .contains("identity: database is `shop`, expected `lending`.");
    }

    @Test
    void evidence_for_fewer_demands_is_refused() {
        MavenBuild build =
                new MavenBuild(project).source(PRODUCTION, "lending", IDENTITY + "<comparison>schema</comparison>");
        assertThat(build.run("verify").output()).contains("BUILD SUCCESS");

        MavenBuild.Result refused = build.source(PRODUCTION, "lending", IDENTITY + EXPECTATIONS.formatted(10))
                .run(MavenBuild.goal("check-evidence"));

        assertThat(refused.error())
                .contains("(comparison rows, roles provision, 1 expectations, 0 tolerated differences), actual ")
                .contains("(comparison schema, roles provision, 0 expectations, 0 tolerated differences)");
    }
}
