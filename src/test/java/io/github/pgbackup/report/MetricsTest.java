package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.evidence.VerificationReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetricsTest {

    /** A sample according to the grammar of the text format: name, labels with escapes, value. */
    private static final Pattern SAMPLE = Pattern.compile(
            "[a-z_]+\\{([a-z_]+=\"([^\"\\\\\n]|\\\\[\\\\\"n])*\")(,[a-z_]+=\"([^\"\\\\\n]|\\\\[\\\\\"n])*\")*} -?\\d+(\\.\\d+)?");

    @TempDir
    private Path directory;

    private static String metrics(VerificationReport report) {
        return Metrics.of(report, RunRecord.of(report, "db.internal:5432", null), null);
    }

    @Test
    void a_run_is_written_in_prometheus_text_format() {
        VerificationReport report = Reports.failed();

        assertThat(Metrics.of(
                        report, RunRecord.of(report, "db.internal:5432", null), Instant.parse("2026-11-22T22:00:00Z")))
                .isEqualTo("""
                        # HELP pgbackup_run_timestamp_seconds When the last run began.
                        # TYPE pgbackup_run_timestamp_seconds gauge
                        pgbackup_run_timestamp_seconds{database="directus",server="db.internal:5432"} 1795471674.747
                        # HELP pgbackup_run_duration_seconds How long it took.
                        # TYPE pgbackup_run_duration_seconds gauge
                        pgbackup_run_duration_seconds{database="directus",server="db.internal:5432"} 2.685
                        # HELP pgbackup_verdict 1 for the verdict of the last run, 0 for the others.
                        # TYPE pgbackup_verdict gauge
                        pgbackup_verdict{database="directus",server="db.internal:5432",verdict="PASS"} 0
                        pgbackup_verdict{database="directus",server="db.internal:5432",verdict="FAIL"} 1
                        pgbackup_verdict{database="directus",server="db.internal:5432",verdict="NOT_VERIFIED"} 0
                        # HELP pgbackup_checks Checks of the last run.
                        # TYPE pgbackup_checks gauge
                        pgbackup_checks{database="directus",server="db.internal:5432",result="passed"} 1
                        pgbackup_checks{database="directus",server="db.internal:5432",result="failed"} 1
                        # HELP pgbackup_last_pass_timestamp_seconds When the last run with the verdict PASS began.
                        # TYPE pgbackup_last_pass_timestamp_seconds gauge
                        pgbackup_last_pass_timestamp_seconds{database="directus",server="db.internal:5432"} 1795384800
                        # HELP pgbackup_backup_bytes Size of the archive.
                        # TYPE pgbackup_backup_bytes gauge
                        pgbackup_backup_bytes{database="directus",server="db.internal:5432"} 54191
                        # HELP pgbackup_backup_age_seconds How old the state in the backup was when its restore began.
                        # TYPE pgbackup_backup_age_seconds gauge
                        pgbackup_backup_age_seconds{database="directus",server="db.internal:5432"} 1.300
                        # HELP pgbackup_restore_duration_seconds How long the restore took.
                        # TYPE pgbackup_restore_duration_seconds gauge
                        pgbackup_restore_duration_seconds{database="directus",server="db.internal:5432"} 0.400
                        # HELP pgbackup_restored_rows Rows in the restored database, where they were counted.
                        # TYPE pgbackup_restored_rows gauge
                        pgbackup_restored_rows{database="directus",server="db.internal:5432"} 85
                        """);
    }

    @Test
    void metrics_that_a_run_did_not_reach_are_left_out() {
        assertThat(metrics(Reports.notVerified()))
                .contains("verdict=\"NOT_VERIFIED\"} 1")
                .doesNotContain("restore_duration", "backup_bytes", "last_pass");
    }

    @Test
    void every_line_is_valid_whatever_the_names() {
        for (VerificationReport report : java.util.List.of(
                Reports.hostile(), Reports.withNames("a\\b\"c\nd\r"), Reports.failed(), Reports.notVerified())) {
            assertThat(metrics(report).lines())
                    .allMatch(line -> line.matches("# (HELP|TYPE) pgbackup_[a-z_]+ .+")
                            || SAMPLE.matcher(line).matches());
        }
    }

    @Test
    void a_reader_sees_the_old_file_or_the_new_one_and_nothing_else_is_left() throws IOException {
        Path file = directory.resolve("backup.prom");
        Files.writeString(file, "old");
        VerificationReport report = Reports.failed();

        Metrics.write(file, report, RunRecord.of(report, "db", null), null);

        assertThat(file).content().startsWith("# HELP");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void a_file_that_cannot_be_replaced_is_an_error_and_nothing_is_left() throws IOException {
        Path taken = Files.createDirectories(directory.resolve("backup.prom/full"));
        VerificationReport report = Reports.failed();

        assertThatThrownBy(() -> Metrics.write(taken.getParent(), report, RunRecord.of(report, "db", null), null))
                .isInstanceOf(IOException.class);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(taken.getParent());
        }
    }
}
