package io.github.pgbackup.report;

import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.history.PastRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a run for a monitoring system, in Prometheus' text format
 * (https://prometheus.io/docs/instrumenting/exposition_formats/), as node_exporter's textfile collector reads it.
 */
public final class Metrics {

    private final StringBuilder text = new StringBuilder();
    private final Map<String, String> labels = new LinkedHashMap<>();

    private Metrics() {}

    /**
     * Replaces the file.
     *
     * @param run as the history records it
     * @param lastPass when the last run that passed began, this one included; null if none is known
     */
    public static void write(Path file, VerificationReport report, PastRun run, @Nullable Instant lastPass)
            throws IOException {
        AtomicFile.write(file, of(report, run, lastPass));
    }

    static String of(VerificationReport report, PastRun run, @Nullable Instant lastPass) {
        Metrics metrics = new Metrics();
        metrics.labels.put("database", run.database() == null ? "" : run.database());
        metrics.labels.put("server", run.server());
        metrics.write(report, run, lastPass);
        return metrics.text.toString();
    }

    private void write(VerificationReport report, PastRun run, @Nullable Instant lastPass) {
        gauge(
                "run_timestamp_seconds",
                "When the last run began.",
                seconds(report.outcome().startedAt()));
        gauge(
                "run_duration_seconds",
                "How long it took.",
                seconds(report.outcome().duration()));
        head("verdict", "1 for the verdict of the last run, 0 for the others.");
        for (Verdict each : Verdict.values()) {
            sample("verdict", "verdict", each.toString(), each == report.verdict() ? 1 : 0);
        }
        head("checks", "Checks of the last run.");
        int failed = report.failedChecks().size();
        sample("checks", "result", "passed", report.checks().size() - failed);
        sample("checks", "result", "failed", failed);
        if (lastPass != null) {
            gauge("last_pass_timestamp_seconds", "When the last run with the verdict PASS began.", seconds(lastPass));
        }
        if (run.bytes() != null) {
            gauge("backup_bytes", "Size of the archive.", run.bytes());
        }
        if (run.backupAge() != null) {
            gauge(
                    "backup_age_seconds",
                    "How old the state in the backup was when its restore began.",
                    seconds(run.backupAge()));
        }
        if (run.restoreTime() != null) {
            gauge("restore_duration_seconds", "How long the restore took.", seconds(run.restoreTime()));
        }
        if (report.checked().comparison().isPresent()) {
            gauge(
                    "restored_rows",
                    "Rows in the restored database, where they were counted.",
                    run.rows().values().stream().mapToDouble(Long::doubleValue).sum());
        }
    }

    private static double seconds(Instant instant) {
        return instant.toEpochMilli() / 1000.0;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    private void gauge(String name, String help, double value) {
        head(name, help);
        sample(name, "", "", value);
    }

    private void head(String name, String help) {
        text.append("# HELP pgbackup_").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE pgbackup_").append(name).append(" gauge\n");
    }

    private void sample(String name, String label, String labelled, double value) {
        text.append("pgbackup_").append(name).append('{');
        labels.forEach((each, of) ->
                text.append(each).append("=\"").append(escaped(of)).append("\","));
        if (!label.isEmpty()) {
            text.append(label).append("=\"").append(escaped(labelled)).append("\",");
        }
        text.setLength(text.length() - 1);
        text.append("} ").append(number(value)).append('\n');
    }

    private static String number(double value) {
        return value == Math.rint(value)
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.3f", value);
    }

    /**
     * Escapes a label's value. The name of a database can contain any character; half of a surrogate pair is not valid
     * UTF-8.
     */
    private static String escaped(String value) {
        return Printable.text(value).replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
