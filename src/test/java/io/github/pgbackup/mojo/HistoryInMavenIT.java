package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds with a history, and builds bound to what they verified. */
final class HistoryInMavenIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    @TempDir
    private Path project;

    @BeforeAll
    static void createDatabase() {
        PRODUCTION.createDatabase("diary");
        PRODUCTION.execute("diary", "CREATE TABLE days AS SELECT id FROM generate_series(1, 10) id");
    }

    @Test
    void each_run_adds_a_line_and_rewrites_page_and_metrics() throws IOException {
        MavenBuild build = new MavenBuild(project)
                .source(
                        PRODUCTION,
                        "diary",
                        "<history><file>history.jsonl</file><maximumLoss>0%</maximumLoss></history>"
                                + "<metricsFile>metrics/backup.prom</metricsFile>");

        assertThat(build.run("verify").output()).contains("BUILD SUCCESS");
        assertThat(build.run("verify").output()).contains("BUILD SUCCESS");
        PRODUCTION.execute("diary", "DELETE FROM days WHERE id = 1");
        MavenBuild.Result lost = build.run("verify");

        assertThat(lost.error()).contains("verify-backup: FAIL").contains("public.days");
        assertThat(Files.readAllLines(project.resolve("history.jsonl")))
                .hasSize(3)
                .allMatch(line -> line.matches("\\{.*\"rows\":\\{\"public.days\":(9|10)},\"lineSha256\":\"\\w{64}\"}"));
        assertThat(project.resolve("history.html"))
                .content()
                .contains("Database diary on ", "<dt>Runs</dt><dd>3, of which 2 passed</dd>");
        assertThat(project.resolve("metrics/backup.prom"))
                .content()
                .contains("verdict=\"FAIL\"} 1", "pgbackup_last_pass_timestamp_seconds{database=\"diary\"");
    }

    @Test
    void a_release_with_other_migrations_than_the_verified_ones_is_refused() {
        MavenBuild build = new MavenBuild(project)
                .file("db/V1.sql", "select 1")
                .source(PRODUCTION, "diary", "<boundTo><includes><include>db/**</include></includes></boundTo>");
        assertThat(build.run("verify").output()).contains("BUILD SUCCESS");
        assertThat(build.run(MavenBuild.goal("check-evidence"), "-Dpgbackup.identity.database=diary")
                        .output())
                .contains("BUILD SUCCESS");

        build.file("db/V2.sql", "select 2");
        assertThat(build.run(MavenBuild.goal("check-evidence"), "-Dpgbackup.identity.database=diary")
                        .error())
                .contains(
                        "- The evidence is bound to other files: db/V2.sql exists now, but did not exist when the backup was verified.");
    }
}
