package io.github.pgbackup.report;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.provenance.BoundTo;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Text for the verdict, times, amounts and numbers, the same in every rendering for people and in every locale. */
final class Wording {

    private static final String[] UNITS = {"kB", "MB", "GB", "TB", "PB", "EB"};

    private Wording() {}

    static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /**
     * A duration: below a second {@code 310 ms}, below two minutes {@code 2.7 s}, below two hours {@code 2 min 5 s},
     * below two days {@code 2 h 5 min}, otherwise {@code 3 d 4 h}. A second part of zero is left out.
     */
    static String duration(Duration duration) {
        if (duration.toMillis() < 1_000) {
            return duration.toMillis() + " ms";
        }
        if (duration.toMinutes() < 2) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
        }
        if (duration.toHours() < 2) {
            return parts(duration.toMinutes(), "min", duration.toSecondsPart(), "s");
        }
        return duration.toDays() < 2
                ? parts(duration.toHours(), "h", duration.toMinutesPart(), "min")
                : parts(duration.toDays(), "d", duration.toHoursPart(), "h");
    }

    private static String parts(long first, String unit, int second, String smaller) {
        return first + " " + unit + (second == 0 ? "" : " " + second + " " + smaller);
    }

    /** The archive's compression in words. */
    static String compression(String method) {
        return method.equals("none") ? "no compression" : method;
    }

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** A size in powers of 1000: {@code 54.2 kB}. */
    static String size(long bytes) {
        if (bytes < 1000) {
            return bytes + " bytes";
        }
        double size = bytes;
        int unit = -1;
        while (size >= 999.95) {
            size /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", size, UNITS[unit]);
    }

    static String plural(long count, String noun) {
        return number(count) + " " + noun + (count == 1 ? "" : "s");
    }

    /** When the run began, how long it took, and by which version. */
    static String run(VerificationReport report) {
        VerificationReport.Outcome outcome = report.outcome();
        return time(outcome.startedAt()) + ", " + duration(outcome.duration()) + ", plugin " + outcome.plugin();
    }

    /** How much of the database the expectations cover, and whether the comparison covers the rest. */
    static String coverage(VerificationReport.Compared comparison) {
        VerificationReport.Coverage coverage = comparison.coverage();
        String compared = switch (comparison.comparison()) {
            case "none" -> "the other tables are not compared";
            case "schema" -> "the comparison covers the definitions of all " + number(coverage.tables());
            default -> "the comparison covers all " + number(coverage.tables());
        };
        return "expectations cover " + number(coverage.touched()) + " of " + plural(coverage.tables(), "table") + "; "
                + compared;
    }

    /** What a restore with several jobs found, which does not decide the verdict. */
    static String severalJobs(VerificationReport.SeveralJobs several) {
        String before = "first restored with " + plural(several.jobs(), "job") + " in " + duration(several.duration());
        return several.changedOrLost().isEmpty()
                ? before + "; the same differences were found"
                : before + "; that restore changed or lost " + String.join(", ", several.changedOrLost());
    }

    /** Mentions tolerated differences next to the verdict. */
    private static String tolerated(VerificationReport report) {
        int tolerated = report.toleratedChecks().size();
        return tolerated == 0 ? "" : " " + plural(tolerated, "difference") + " tolerated.";
    }

    /** What a verdict is based on: {@code 42,600 rows in 5 tables, 29 objects; 6 checks, 0 expectations}. */
    static String basis(VerificationReport report) {
        return compared(report) + "; " + checks(report);
    }

    /** For example {@code 6 checks, 0 expectations}. */
    static String checks(VerificationReport report) {
        return plural(report.checks().size(), "check") + ", "
                + plural(
                        report.context()
                                .map(context -> context.demands().expectations())
                                .orElse(0),
                        "expectation");
    }

    /** The name of the baseline; empty if the run did not get that far. */
    private static String nameOfBaseline(VerificationReport report) {
        return report.checked()
                .comparison()
                .map(VerificationReport.Compared::baseline)
                .orElse("");
    }

    /** Whether there was nothing to compare the archive with. */
    static boolean hasNoBaseline(VerificationReport report) {
        return nameOfBaseline(report).equals("none");
    }

    /** Whether only the archive determines what the restored database must contain, object by object and row by row. */
    static boolean isComparedWithArchive(VerificationReport report) {
        return hasNoBaseline(report) || nameOfBaseline(report).equals("live");
    }

    /** The baseline in words; empty if it is the source itself, at the instant of the backup. */
    static Optional<String> baseline(VerificationReport report) {
        return switch (nameOfBaseline(report)) {
            case "none" -> Optional.of("none: there was nothing to compare the archive with");
            case "live" -> Optional.of("live: the source as it is now, which shows only missing tables and rows");
            case "manifest" -> Optional.of("manifest: exactly what the source held when the archive was taken");
            default -> Optional.empty();
        };
    }

    /**
     * The baseline in brackets, to follow what a PASS is based on; empty if it is the source at the instant of the
     * backup.
     */
    static String bracketed(VerificationReport report) {
        return baseline(report).isEmpty() ? "" : " (baseline " + nameOfBaseline(report) + ")";
    }

    /** What was not tested, if the run tested something. */
    static List<String> notTested(VerificationReport report) {
        return report.checked()
                .comparison()
                .flatMap(comparison -> report.context())
                .map(context -> context.audit().notTested())
                .orElse(List.of());
    }

    /** For example {@code 42,600 rows in 5 tables, 29 objects}. */
    static String compared(VerificationReport report) {
        return report.checked()
                .comparison()
                .filter(comparison -> !comparison.comparison().equals(Comparison.NONE.toString()))
                .map(Wording::compared)
                .orElse("nothing compared");
    }

    private static String compared(VerificationReport.Compared comparison) {
        String objects = plural(
                comparison.entries().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum(),
                "object");
        return comparison.comparison().equals(Comparison.SCHEMA.toString())
                ? "no rows compared, " + objects
                : plural(comparison.rows(), "row") + " in " + plural(comparison.tables(), "table") + ", " + objects;
    }

    /** The verdict in one sentence. */
    static String headline(VerificationReport report) {
        String checks = plural(report.checks().size(), "check");
        return switch (report.verdict()) {
            case PASS ->
                hasNoBaseline(report)
                        ? "The archive was restored completely, and every check passed; there was nothing to compare it with (baseline none). Restored as archived: "
                                + basis(report) + "." + tolerated(report)
                        : "The backup was restored, and every check passed: " + basis(report) + bracketed(report) + "."
                                + tolerated(report);
            case FAIL ->
                "The backup was restored, and " + number(report.failedChecks().size()) + " of " + checks + " failed."
                        + tolerated(report);
            case NOT_VERIFIED -> "The verification could not be completed; nothing is known about the backup.";
        };
    }

    /** What to do about a failed backup, the most informative step first. */
    static List<String> next(VerificationReport report) {
        List<String> next = new ArrayList<>();
        if (report.restored().errors().stream().anyMatch(error -> !error.harmless())) {
            next.add("Read the harmful errors of pg_restore below: they say what was not restored, and why.");
        }
        List<Check> failed = report.failedChecks();
        boolean differences = failed.stream().anyMatch(Check::isDifference);
        List<Check> expectations = failed.stream()
                .filter(check -> check.observations().isPresent())
                .toList();
        if (expectations.stream().anyMatch(check -> check.hint().isEmpty())) {
            next.add(
                    "Do not rely on this backup: it does not meet your expectations. Find the cause, then take a new backup.");
        }
        if (expectations.stream().anyMatch(check -> check.hint().isPresent())) {
            next.add("Correct the outdated expectations: the source agrees with the backup.");
        }
        if (differences) {
            next.add(
                    "Find out why the restored database differs. If a difference is known and harmless, tolerate it: the tag to copy is below each one.");
        }
        if (next.isEmpty()) {
            next.add("Read each failed check: it says what was expected and what was found.");
        }
        return next;
    }

    /** A program and its arguments, quoted if a shell would need it. */
    static String command(List<String> line) {
        return line.stream()
                .map(each -> each.matches("[\\w@%+=:,./-]+|&&") ? each : "'" + each.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }

    /** Facts about the hand-over, by name: what was handed over, how and for how long. */
    static Map<String, String> handOver(VerificationReport.HandOver handOver) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("role", handOver.role() + (handOver.superuser() ? " (superuser)" : " (not a superuser)"));
        facts.put("reached by", handOver.way());
        if (!handOver.tools().isEmpty()) {
            facts.put("tools", String.join(", ", handOver.tools()));
        }
        facts.put(
                "ended",
                handOver.ended()
                        .map(end -> "after " + duration(end.lasted()) + " and " + plural(end.sessions(), "session"))
                        .orElse("not yet when this report was written; it ends with the build, and at the latest "
                                + duration(handOver.maximumLifetime()) + " after it began"));
        return facts;
    }

    /** The commit and the number of files; verification.json lists the files. */
    static String boundTo(BoundTo boundTo) {
        String commit = boundTo.commit().map("commit "::concat).orElse("");
        String files = boundTo.files().isEmpty() ? "" : plural(boundTo.files().size(), "file");
        return commit + (commit.isEmpty() || files.isEmpty() ? "" : " and ") + files;
    }
}
