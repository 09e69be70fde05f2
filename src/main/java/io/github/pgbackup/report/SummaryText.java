package io.github.pgbackup.report;

import io.github.pgbackup.Setting;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.rehearsal.RehearsalReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code SUMMARY.txt}: the verdict and every check, for a person at a terminal of 80 columns. */
final class SummaryText {

    private static final int WIDTH = 80;
    private static final int LABEL = 13;

    private final List<String> lines = new ArrayList<>();

    private SummaryText() {}

    static String of(VerificationReport report) {
        SummaryText text = new SummaryText();
        text.write(report);
        return String.join("\n", text.lines) + "\n";
    }

    private void write(VerificationReport report) {
        lines.add("verify-backup: " + report.verdict());
        lines.add("=".repeat(WIDTH));
        fact("Run", Wording.run(report));
        report.context().ifPresent(context -> {
            fact("Run by", context.audit().runBy().describe());
            context.boundTo().ifPresent(boundTo -> fact("Bound to", Wording.boundTo(boundTo)));
        });
        report.outcome().problem().ifPresent(this::problem);
        report.acquired().source().ifPresent(source -> {
            source(source);
            report.acquired().snapshot().ifPresent(this::snapshot);
        });
        report.acquired().archive().ifPresent(this::archive);
        report.restored().target().ifPresent(target -> {
            target(target);
            report.context()
                    .flatMap(context -> context.audit().backupAge())
                    .ifPresent(age -> fact("Backup's age", Wording.duration(age) + " when its restore began"));
            report.restored().restore().ifPresent(this::restore);
        });
        report.used().handOver().ifPresent(this::handOver);
        report.checked().comparison().ifPresent(comparison -> comparison(report, comparison));
        report.acquired().production().ifPresent(this::production);
        report.outcome().warnings().forEach(warning -> fact("Warning", warning));
        checks(report);
        report.used().expectationTest().ifPresent(test -> {
            lines.add("");
            lines.addAll(ExpectationTestText.lines(test, WIDTH));
        });
        report.used().rehearsal().ifPresent(this::rehearsal);
        list(
                "Errors of pg_restore by their effect",
                report.restored().errors().stream().map(SummaryText::error).toList());
        list("This backup does not contain", report.acquired().doesNotContain());
        list("Not tested", Wording.notTested(report));
        report.context()
                .ifPresent(context -> list(
                        "Queries",
                        context.queries().stream().map(SummaryText::query).toList()));
        stages(report);
    }

    private void problem(VerificationReport.Problem problem) {
        lines("Not verified", problem.fact());
        problem.items().forEach(item -> wrapped(" ".repeat(LABEL) + "- ", " ".repeat(LABEL + 2), item));
        if (!problem.remedy().isEmpty()) {
            lines("Remedy", problem.remedy());
        }
    }

    private void source(VerificationReport.Source source) {
        fact(
                "Source",
                "database " + source.database() + " on " + source.address() + ", PostgreSQL " + source.serverVersion()
                        + (source.standby() ? ", a standby" : ""));
        fact("", "read as " + source.role() + (source.superuser() ? " (superuser)" : " (not a superuser)"));
        if (!source.systemIdentifier().isEmpty()) {
            fact("", "system identifier " + source.systemIdentifier());
        }
    }

    private void snapshot(VerificationReport.Snapshot snapshot) {
        fact(
                "Snapshot",
                snapshot.id() + " of " + Wording.time(snapshot.takenAt()) + ", held for "
                        + Wording.duration(snapshot.held()));
    }

    private void archive(VerificationReport.Archive archive) {
        fact(
                "Archive",
                archive.path() + (archive.kept() ? "" : " (deleted after the run: " + Setting.KEEP_ARCHIVE + ")"));
        archive.given().ifPresent(given -> {
            fact("", given.found());
            fact("", given.form() + ", of database " + given.database() + ", PostgreSQL " + archive.serverVersion());
            fact("", "taken at " + given.createdAt() + " by the clock of the machine that took it");
            given.manifest().ifPresent(manifest -> fact("Manifest", manifest));
            String label = "Files";
            for (VerificationReport.GivenFile file : given.files()) {
                fact(label, file.path() + ", " + file.form() + ", " + Wording.size(file.bytes()));
                fact("", "SHA-256 " + file.sha256());
                label = "";
            }
        });
        archive.stored().ifPresent(stored -> {
            fact("Stored as", stored.archive());
            fact("", stored.roles());
            fact("", stored.manifest());
        });
        fact("SHA-256", archive.sha256());
        fact(
                "",
                String.format(
                        Locale.ROOT,
                        "%,d bytes, %s format %s, %s",
                        archive.bytes(),
                        archive.format(),
                        archive.archiveVersion(),
                        Wording.compression(archive.compression())));
        fact("", archive.entries() + " TOC entries, " + archive.client() + ", " + Wording.duration(archive.duration()));
    }

    private void target(VerificationReport.Target target) {
        fact(
                "Restored to",
                "engine " + target.engine() + " (" + target.reason() + "), PostgreSQL " + target.serverVersion());
        target.isolation().forEach((name, value) -> fact("", name + ": " + value));
        target.removal().forEach((name, value) -> fact("", name + ": " + value));
    }

    private void restore(VerificationReport.Restore restore) {
        fact(
                "Restore",
                Wording.duration(restore.duration()) + ", " + Wording.plural(restore.jobs(), "job") + ", roles "
                        + restore.roles() + ", pg_restore exited with "
                        + restore.exitStatus() + " and reported "
                        + Wording.plural(restore.errors().size(), "error"));
        restore.severalJobs().ifPresent(several -> fact("", Wording.severalJobs(several)));
    }

    private void handOver(VerificationReport.HandOver handOver) {
        String label = "Handed over";
        for (Map.Entry<String, String> fact : Wording.handOver(handOver).entrySet()) {
            fact(label, fact.getKey() + ": " + fact.getValue());
            label = "";
        }
    }

    private void comparison(VerificationReport report, VerificationReport.Compared comparison) {
        Wording.baseline(report).ifPresent(baseline -> fact("Baseline", baseline));
        if (Wording.isComparedWithArchive(report)) {
            fact("Restored", Wording.compared(report) + ", as archived");
        } else {
            fact(
                    "Compared",
                    String.format(
                            Locale.ROOT,
                            "%s: %,d objects of source and archive, %,d of archive and restored database, %,d rows in %,d tables, %,d sequences",
                            comparison.comparison(),
                            sum(comparison.sourceEntries()),
                            sum(comparison.entries()),
                            comparison.rows(),
                            comparison.tables(),
                            comparison.sequences()));
        }
        fact("Coverage", Wording.coverage(comparison));
        comparison.notes().forEach(note -> fact("", note));
    }

    private static int sum(Map<String, Integer> kinds) {
        return kinds.values().stream().mapToInt(Integer::intValue).sum();
    }

    private void production(VerificationReport.Production production) {
        boolean first = true;
        for (Map.Entry<String, String> session : production.sessions().entrySet()) {
            fact(first ? "Production" : "", session.getKey() + ": " + session.getValue());
            first = false;
        }
        production.changedByOthers().forEach(change -> fact("", "changed by others: " + change));
    }

    private void checks(VerificationReport report) {
        List<Check> failed = report.failedChecks();
        lines.add("");
        lines.add("Checks: " + (report.checks().size() - failed.size()) + " passed, " + failed.size() + " failed");
        lines.add("-".repeat(WIDTH));
        failed.forEach(check -> check("FAILED  ", check));
        report.checks().stream().filter(Check::passed).forEach(check -> check("ok      ", check));
    }

    private void check(String mark, Check check) {
        wrapped(mark, " ".repeat(mark.length()), check.title());
        String indent = " ".repeat(mark.length() + 2);
        List<String> diff = UnifiedDiff.of(check);
        if (diff.isEmpty()) {
            String actual = check.observations()
                    .map(observations -> "archive " + shown(observations.archive()) + " | restored "
                            + shown(observations.restored()) + " | source " + shown(observations.source()))
                    .orElse("actual " + check.actual());
            value(indent, "expected " + check.expected() + " | " + actual);
        } else {
            diff.forEach(line -> lines.add(indent + line));
        }
        check.hint().ifPresent(hint -> wrapped(indent, indent, hint));
    }

    private void value(String indent, String value) {
        Printable.lines(value).forEach(line -> wrapped(indent, indent, line));
    }

    private void rehearsal(RehearsalReport rehearsal) {
        lines.add("");
        lines.add("Migration rehearsed: " + RehearsalText.headline(rehearsal));
        lines.add("-".repeat(WIDTH));
        rehearsal.migrations().forEach(migration -> wrapped("- ", "  ", RehearsalText.migration(migration)));
        list("Findings", RehearsalText.findings(rehearsal));
        list(
                "Tables: the strongest lock of a transaction, storage, rows",
                rehearsal.tables().stream()
                        .filter(RehearsalText::matters)
                        .map(table -> table.name() + ": " + RehearsalText.lock(table, rehearsal.observation()) + "; "
                                + RehearsalText.storage(table)
                                + (RehearsalText.rows(table).isEmpty() ? "" : "; " + RehearsalText.rows(table)))
                        .toList());
        list(
                "Slowest statements",
                rehearsal.slowest(RehearsalText.SLOWEST).stream()
                        .map(RehearsalText::statement)
                        .toList());
        if (!rehearsal.schemaDiff().isEmpty()) {
            lines.add("");
            lines.add("Schema before and after: " + EvidenceFile.REHEARSAL_FOR_A_MERGE_REQUEST);
        }
        lines.add("");
        RehearsalText.caveats(rehearsal).forEach(caveat -> wrapped("", "", caveat));
    }

    private static String shown(Observation observation) {
        return observation.state() == Observation.State.UNKNOWN ? "- (" + observation.text() + ")" : observation.text();
    }

    private static String error(VerificationReport.GradedError error) {
        return (error.harmless() ? "harmless: " : "harmful: ")
                + (error.entry().isEmpty() ? "" : error.entry() + ": ")
                + error.message() + " (" + error.reason() + ")";
    }

    private static String query(VerificationReport.Query query) {
        return query.name() + query.role().map(role -> " (as " + role + ")").orElse("") + ": " + query.sql();
    }

    private void list(String title, List<String> items) {
        if (!items.isEmpty()) {
            lines.add("");
            lines.add(title);
            lines.add("-".repeat(WIDTH));
            items.forEach(item -> wrapped("- ", "  ", item));
        }
    }

    private void stages(VerificationReport report) {
        lines.add("");
        lines.add("Stages");
        lines.add("-".repeat(WIDTH));
        report.outcome()
                .stages()
                .forEach(stage -> lines.add(String.format(
                        Locale.ROOT,
                        "%13s  %12s  %s",
                        "+" + Wording.duration(stage.startedAfter()),
                        Wording.duration(stage.duration()),
                        Printable.text(stage.name()))));
    }

    /** Adds a text of several sentences, each on a new line. */
    private void lines(String label, String text) {
        String first = label;
        for (String line : Printable.lines(text)) {
            fact(first, line);
            first = "";
        }
    }

    private void fact(String label, String value) {
        String prefix = String.format(Locale.ROOT, "%-" + LABEL + "s", label);
        wrapped(prefix, " ".repeat(LABEL), value);
    }

    /** Breaks at blanks. A word longer than a line is left whole, so that it can be copied. */
    private void wrapped(String first, String following, String value) {
        StringBuilder line = new StringBuilder(first);
        int start = first.length();
        for (String word : Printable.text(value).split(" ", -1)) {
            if (line.length() > start && line.length() + 1 + word.length() > WIDTH) {
                lines.add(line.toString());
                line = new StringBuilder(following);
                start = following.length();
            }
            if (line.length() > start) {
                line.append(' ');
            }
            line.append(word);
        }
        lines.add(line.toString().stripTrailing());
    }
}
