package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.history.History;
import io.github.pgbackup.history.PastRun;
import io.github.pgbackup.report.Evidence;
import io.github.pgbackup.report.RunRecord;
import io.github.pgbackup.test.ProductionServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consecutive runs, each of which is recorded in the history. */
final class HistoryIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void createDatabase() {
        file = directory.resolve("history.jsonl");
        PRODUCTION.execute("postgres", "DROP DATABASE IF EXISTS chronicle WITH (FORCE)");
        PRODUCTION.createDatabase("chronicle");
        PRODUCTION.execute(
                "chronicle",
                "CREATE TABLE entries AS SELECT id, 'secret ' || id AS text FROM generate_series(1, 100) id");
        PRODUCTION.execute("chronicle", "CREATE TABLE settings AS SELECT 1 AS id");
    }

    private VerificationReport run() throws Exception {
        VerificationReport report = VerificationRun.of(PRODUCTION, "chronicle", directory)
                .with("history.file", file.toString())
                .with("history.maximumLoss", "10%")
                .with("history.maximumGap", "P7D")
                .run();
        Evidence.write(report, directory.resolve("verify-backup"));
        new History(file)
                .append(RunRecord.of(
                        report, report.acquired().source().orElseThrow().server(), null));
        return report;
    }

    private List<PastRun> history() throws Exception {
        List<PastRun> runs = new ArrayList<>();
        assertThat(new History(file).forEach(runs::add).count()).isZero();
        return runs;
    }

    @Test
    void a_loss_in_production_since_the_last_pass_is_found_and_growth_is_not() throws Exception {
        VerificationReport first = run();
        assertThat(first.verdict()).as(first.problemText()).isEqualTo(Verdict.PASS);
        assertThat(first.outcome().warnings())
                .anyMatch(warning -> warning.contains("yet: there is nothing to compare with."));

        PRODUCTION.execute("chronicle", "INSERT INTO entries SELECT id, 'more' FROM generate_series(101, 200) id");
        VerificationReport grown = run();
        assertThat(grown.verdict()).isEqualTo(Verdict.PASS);
        assertThat(grown.checks())
                .extracting(Check::title)
                .contains(
                        "history: time since the last PASS",
                        "history: tables that lost more rows since the last PASS than allowed");

        PRODUCTION.execute("chronicle", "DELETE FROM entries WHERE id > 150");
        PRODUCTION.execute("chronicle", "DROP TABLE settings");
        VerificationReport lost = run();
        assertThat(lost.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(lost.failedChecks())
                .extracting(Check::title, Check::actual)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "history: rows of public.entries since the last PASS", "150"),
                        org.assertj.core.groups.Tuple.tuple(
                                "history: rows of public.settings since the last PASS", "no table"));

        // Still against the last PASS.
        assertThat(run().verdict()).isEqualTo(Verdict.FAIL);

        assertThat(history())
                .extracting(PastRun::verdict, run -> run.rows().get("public.entries"))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("PASS", 100L),
                        org.assertj.core.groups.Tuple.tuple("PASS", 200L),
                        org.assertj.core.groups.Tuple.tuple("FAIL", 150L),
                        org.assertj.core.groups.Tuple.tuple("FAIL", 150L));
        assertThat(history().get(0))
                .satisfies(run -> assertThat(run.sha256())
                        .isEqualTo(first.acquired().archive().orElseThrow().sha256()))
                .satisfies(run -> assertThat(run.bytes())
                        .isEqualTo(first.acquired().archive().orElseThrow().bytes()))
                .satisfies(run -> assertThat(run.backupAge()).isPositive())
                .satisfies(run -> assertThat(run.takenAt())
                        .isEqualTo(first.acquired().snapshot().orElseThrow().takenAt()));
        assertThat(file).content().doesNotContain("secret");
    }

    @Test
    void an_unwritable_history_is_reported_before_the_dump() throws Exception {
        Files.createDirectories(file);

        VerificationReport report = VerificationRun.of(PRODUCTION, "chronicle", directory)
                .with("history.file", file.toString())
                .run();

        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.problemText()).startsWith("The history " + file + " cannot be written: ");
        assertThat(report.acquired().source()).isEmpty();
    }

    /** A failed archive must not be stored after the one of the last PASS. */
    @Test
    void an_archive_that_lost_rows_is_not_stored_as_a_good_one() throws Exception {
        run();
        PRODUCTION.execute("chronicle", "DELETE FROM entries");
        Path store = directory.resolve("store");

        VerificationReport report = VerificationRun.of(PRODUCTION, "chronicle", directory)
                .with("history.file", file.toString())
                .with("history.maximumLoss", "10%")
                .with("backup.directory", store.toString())
                .run();

        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(store).isEmptyDirectory();
    }

    @Test
    void the_evidence_names_the_user_the_age_of_the_backup_and_untested_parts() throws Exception {
        VerificationReport report = run();

        assertThat(report.context().orElseThrow().audit().runBy().user()).isEqualTo(System.getProperty("user.name"));
        assertThat(report.context().orElseThrow().audit().backupAge().orElseThrow())
                .isPositive()
                .isLessThan(report.outcome().duration());
        assertThat(report.context().orElseThrow().audit().notTested())
                .contains(
                        "Values in rows: rows were counted and their values were not compared (<comparison>rows).",
                        "Requirements on the data: none were declared (<expectations>).",
                        "Applications: none was run against the restored database.");
    }
}
