package io.github.pgbackup.run;

import static io.github.pgbackup.run.VerificationRun.assertPassed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.history.History;
import io.github.pgbackup.history.PastRun;
import io.github.pgbackup.report.ConsoleText;
import io.github.pgbackup.report.Evidence;
import io.github.pgbackup.report.RunRecord;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.ProductionServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An existing archive, compared with a source that has changed since. */
final class LiveSourceIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    @TempDir
    private Path directory;

    private Path archive;

    @BeforeEach
    void createDatabaseAndArchive() throws Exception {
        PRODUCTION.execute("postgres", "DROP DATABASE IF EXISTS reference WITH (FORCE)");
        PRODUCTION.createDatabase("reference");
        sql("CREATE TABLE entries AS SELECT id, 'secret ' || id AS text FROM generate_series(1, 100) id");
        sql("CREATE TABLE \"Audit log\" AS SELECT id FROM generate_series(1, 100) id");
        sql("CREATE TABLE queue (id int)");
        archive = directory.resolve("today.dump");
        new Archives(PRODUCTION.bin(), PRODUCTION).dump("reference", archive, "-Fc");
    }

    private static void sql(String statement) {
        PRODUCTION.execute("reference", statement);
    }

    private VerificationRun run() {
        return VerificationRun.ofArchiveAndSource(archive, PRODUCTION, "reference", directory);
    }

    @Test
    void growth_is_not_a_finding_and_the_verdict_names_the_baseline() throws Exception {
        sql("INSERT INTO entries SELECT id, 'more' FROM generate_series(101, 5000) id");

        VerificationReport report = run().run();

        assertPassed(report);
        assertThat(report.checked().comparison().orElseThrow().baseline()).isEqualTo("live");
        assertThat(ConsoleText.afterVerdict(report)).endsWith("(baseline live)");
        assertThat(report.checked().comparison().orElseThrow().notes())
                .anyMatch(note -> note.startsWith("Compared with the live source as it was at "));
        assertThat(report.acquired().production().orElseThrow().sessions()).hasSize(3);
        assertThat(report.checks())
                .extracting(Check::title)
                .contains(
                        "production: transaction ids assigned to our sessions",
                        "target: not the source",
                        "comparison: 4 objects of archive and restored database, rows of 3 tables of archive and restored"
                                + " database, losses in 3 tables of the live source");
    }

    @Test
    void a_table_that_is_missing_or_empty_in_the_archive_is_always_a_difference() throws Exception {
        sql("CREATE TABLE orders (id int)");
        sql("INSERT INTO queue VALUES (1), (2)");

        VerificationReport report = run().run();

        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(report.failedChecks())
                .extracting(Check::name, Check::expected, Check::actual)
                .containsExactlyInAnyOrder(
                        tuple("TABLE public.orders", "a table, as the source has one with 0 rows", "no such table"),
                        tuple("TABLE DATA public.queue", "some rows, as the source has 2 rows", "none"));
        assertThat(run().tolerate("TABLE public.orders", "added by the release")
                        .tolerate("TABLE DATA public.queue", "emptied every night")
                        .run()
                        .verdict())
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void a_table_may_lack_the_number_of_rows_that_the_reference_allows() throws Exception {
        sql("INSERT INTO entries SELECT id, 'more' FROM generate_series(101, 110) id");

        assertPassed(run().with("reference.maximumLoss", "10%").run());
        VerificationReport report = run().with("reference.maximumLoss", "9%").run();
        assertThat(report.failedChecks())
                .extracting(Check::name, Check::expected, Check::actual)
                .containsExactly(tuple(
                        "TABLE DATA public.entries",
                        "at least 101 rows (9% fewer than the 110 in the source)",
                        "100 rows"));
        assertThat(written(report)).doesNotContain("secret 1");
    }

    private String written(VerificationReport report) throws Exception {
        Path folder = directory.resolve("verify-backup");
        Evidence.write(report, folder);
        try (var files = Files.walk(folder)) {
            StringBuilder all = new StringBuilder();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(Files.readString(file));
            }
            return all.toString();
        }
    }

    @Test
    void a_manifest_decides_and_the_live_source_still_shows_a_loss() throws Exception {
        VerificationReport first =
                VerificationRun.of(PRODUCTION, "reference", directory).run();
        assertPassed(first);
        Path taken = directory
                .resolve("verify-backup")
                .resolve(first.acquired().archive().orElseThrow().path());
        Files.copy(taken, directory.resolve("with-manifest.dump"));
        Files.copy(
                taken.resolveSibling(taken.getFileName() + ".manifest.json"),
                directory.resolve("with-manifest.dump.manifest.json"));
        archive = directory.resolve("with-manifest.dump");

        VerificationReport same = run().run();
        sql("CREATE TABLE orders (id int)");
        VerificationReport later = run().run();

        assertPassed(same);
        assertThat(same.checked().comparison().orElseThrow().baseline()).isEqualTo("manifest");
        assertThat(later.failedChecks()).extracting(Check::name).containsExactly("TABLE public.orders");
    }

    @Test
    void the_source_must_be_what_the_identity_says() throws Exception {
        VerificationReport report = run().with("identity.role", "somebody_else").run();

        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.problemText()).contains("expected `somebody_else`");
        assertPassed(run().with("identity.database", "reference").run());
    }

    @Test
    void the_history_of_an_archive_shows_a_loss_since_the_last_pass() throws Exception {
        Path file = directory.resolve("history.jsonl");
        List<VerificationReport> reports = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            if (i == 2) {
                sql("DELETE FROM entries WHERE id > 50");
                new Archives(PRODUCTION.bin(), PRODUCTION).dump("reference", archive, "-Fc");
            }
            VerificationReport report = VerificationRun.ofArchive(archive, "reference", directory)
                    .with("history.file", file.toString())
                    .with("history.maximumLoss", "10%")
                    .run();
            new History(file).append(RunRecord.of(report, "", null));
            reports.add(report);
        }

        assertPassed(reports.get(0));
        assertPassed(reports.get(1));
        assertThat(reports.get(1).outcome().warnings())
                .anyMatch(each -> each.startsWith("This archive was verified before: 1 run"));
        assertThat(reports.get(2).failedChecks())
                .extracting(Check::title)
                .containsExactly("history: rows of public.entries since the last PASS");
        List<PastRun> runs = new ArrayList<>();
        new History(file).forEach(runs::add);
        assertThat(runs).extracting(PastRun::database).containsOnly("reference");
        assertThat(runs).allMatch(run -> run.takenAt() != null && run.backupAge() != null);
    }
}
