package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.NodeExporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The metrics file, as a real node_exporter reads and serves it. */
final class MetricsIT {

    private static final Instant LAST_PASS = Instant.parse("2026-11-22T22:00:00Z");

    private static NodeExporter exporter;

    @BeforeAll
    static void start() throws InterruptedException {
        exporter = NodeExporter.start();
    }

    @AfterAll
    static void stop() {
        if (exporter != null) {
            exporter.close();
        }
    }

    private static Path file() {
        return exporter.file("backup.prom");
    }

    private static void write(VerificationReport report) throws IOException {
        Metrics.write(file(), report, RunRecord.of(report, "db.internal:5432", null), LAST_PASS);
    }

    @Test
    void node_exporter_serves_every_sample() throws Exception {
        write(Reports.failed());

        assertThat(exporter.scrape())
                .contains(
                        "node_textfile_scrape_error 0",
                        "pgbackup_verdict{database=\"directus\",server=\"db.internal:5432\",verdict=\"FAIL\"} 1")
                .extracting(MetricsIT::nameAndLabels)
                .containsAll(Files.readAllLines(file()).stream()
                        .filter(line -> !line.startsWith("#"))
                        .map(MetricsIT::nameAndLabels)
                        .toList());
    }

    /** node_exporter sorts the labels and prints the value in a notation of its own. */
    private static Set<String> nameAndLabels(String sample) {
        return Set.of(sample.replaceFirst("} \\S+$", "").split("[{,]"));
    }

    @Test
    void node_exporter_reads_hostile_names() throws Exception {
        write(Reports.withNames("a\\b\"c\nd\r"));

        assertThat(exporter.scrape())
                .contains("node_textfile_scrape_error 0")
                .anyMatch(line -> line.startsWith("pgbackup_verdict{database=\"a\\\\b\\\"c\\\\nd"));
    }

    /** The other two tests rely on it. */
    @Test
    void node_exporter_reports_a_file_that_it_cannot_read() throws Exception {
        Files.writeString(file(), "pgbackup_verdict{database=\"a\nb\"} 1\n");

        assertThat(exporter.scrape())
                .contains("node_textfile_scrape_error 1")
                .noneMatch(line -> line.startsWith("pgbackup_"));
    }
}
