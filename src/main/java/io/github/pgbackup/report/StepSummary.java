package io.github.pgbackup.report;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.rehearsal.RehearsalReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The job summary of GitHub Actions. GitHub shows the file that {@code GITHUB_STEP_SUMMARY} names as Markdown on the
 * page of the workflow run.
 */
public final class StepSummary {

    private static final String HARMLESS = " ,;?%";
    private static final String VARIABLE = "GITHUB_STEP_SUMMARY";

    /** GitHub drops a summary of more than 1 MiB. A character takes at most 11 bytes, as text or as a code point. */
    private static final int FAILED_CHECKS = 100;

    private static final int ITEMS = 50;

    /** Maximum number of characters of a name or a value. */
    private static final int LONGEST = 250;

    private StepSummary() {}

    /**
     * Appends the verdict and the failed checks to the job summary, if there is one.
     *
     * @param folder with the evidence
     */
    public static void append(VerificationReport report, Path folder, Map<String, String> environment)
            throws IOException {
        String file = environment.getOrDefault(VARIABLE, "");
        if (!file.isEmpty()) {
            Files.writeString(
                    Path.of(file),
                    markdown(report, folder),
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
    }

    static String markdown(VerificationReport report, Path folder) {
        List<String> lines = new ArrayList<>();
        lines.add("## " + (report.used().handOver().isEmpty() ? "verify-backup" : "start and stop") + ": "
                + text(report.verdict().toString()));
        lines.add("");
        lines.add(Wording.headline(report));
        VerificationReport.Acquired acquired = report.acquired();
        acquired.source()
                .ifPresent(source -> lines.add(
                        "Database **" + text(source.database()) + "** on " + text(source.address()) + ", read as "
                                + text(source.role()) + ", PostgreSQL " + text(source.serverVersion()) + "."));
        acquired.archive()
                .ifPresent(archive -> lines.add("Archive of " + Wording.size(archive.bytes()) + ", SHA-256 <code>"
                        + text(archive.sha256()) + "</code>."));
        report.outcome().problem().ifPresent(problem -> problem(problem, lines));
        failedChecks(report.failedChecks(), lines);
        report.used().rehearsal().ifPresent(rehearsal -> rehearsal(rehearsal, lines));
        lines.add("");
        lines.add("Evidence: <code>" + text(folder.toString()) + "</code>; begin with <code>index.html</code>.");
        lines.add("");
        return String.join("\n", lines) + "\n";
    }

    private static void problem(VerificationReport.Problem problem, List<String> lines) {
        lines.add("");
        lines.add(text(Printable.flowing(problem.fact())));
        lines.add("");
        problem.items().stream().limit(ITEMS).forEach(item -> lines.add("- " + text(item)));
        more(problem.items().size() - ITEMS, lines);
        lines.add("");
        lines.add(text(Printable.flowing(problem.remedy())));
    }

    private static void failedChecks(List<Check> failed, List<String> lines) {
        if (failed.isEmpty()) {
            return;
        }
        lines.add("");
        lines.add("| Failed check | Expected | Actual | Source |");
        lines.add("| --- | --- | --- | --- |");
        failed.stream()
                .limit(FAILED_CHECKS)
                .map(check -> "| " + text(check.title()) + " | " + text(Printable.flowing(check.expected())) + " | "
                        + text(Printable.flowing(check.actual())) + " | " + text(Printable.flowing(source(check)))
                        + " |")
                .forEach(lines::add);
        more(failed.size() - FAILED_CHECKS, lines);
    }

    private static void rehearsal(RehearsalReport rehearsal, List<String> lines) {
        List<String> findings = RehearsalText.findings(rehearsal);
        lines.add("");
        lines.add("Migration rehearsed: " + text(RehearsalText.headline(rehearsal)) + ".");
        lines.add("");
        findings.stream().limit(ITEMS).forEach(finding -> lines.add("- " + text(Printable.flowing(finding))));
        more(findings.size() - ITEMS, lines);
    }

    /** What the source answered to an expectation, and what that means. */
    private static String source(Check check) {
        return check.observations()
                .map(observations -> observations.source().text()
                        + check.hint().map(". "::concat).orElse(""))
                .orElse("");
    }

    private static void more(int number, List<String> lines) {
        if (number > 0) {
            lines.add("");
            lines.add("The evidence lists " + Wording.number(number) + " more.");
        }
    }

    /**
     * Writes punctuation as character references, which Markdown takes for text. Punctuation that is never markup by
     * itself stays, so that the source text remains readable too.
     */
    static String text(String value) {
        StringBuilder markdown = new StringBuilder(value.length());
        int[] characters = value.codePoints().limit(LONGEST).toArray();
        Printable.text(new String(characters, 0, characters.length))
                .codePoints()
                .forEach(c -> {
                    if (c < 0x80 && HARMLESS.indexOf(c) < 0 && !Character.isLetterOrDigit(c)) {
                        markdown.append("&#").append(c).append(';');
                    } else {
                        markdown.appendCodePoint(c);
                    }
                });
        return value.codePointCount(0, value.length()) > LONGEST ? markdown + "…" : markdown.toString();
    }
}
