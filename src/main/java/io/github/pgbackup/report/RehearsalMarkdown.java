package io.github.pgbackup.report;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.rehearsal.RehearsalReport;
import io.github.pgbackup.rehearsal.RehearsalReport.Statement;
import io.github.pgbackup.rehearsal.RehearsalReport.Table;
import java.util.ArrayList;
import java.util.List;

/** {@code rehearsal.md}: what migrations did, as a comment for a merge request. */
final class RehearsalMarkdown {

    /** Maximum number of lines in a table or in the diff; a comment has room for about 65,000 characters. */
    private static final int MOST = 50;

    private static final int MOST_LINES_OF_DIFF = 200;

    private final List<String> lines = new ArrayList<>();

    private RehearsalMarkdown() {}

    static String of(VerificationReport report, RehearsalReport rehearsal) {
        RehearsalMarkdown markdown = new RehearsalMarkdown();
        markdown.write(report, rehearsal);
        return String.join("\n", markdown.lines) + "\n";
    }

    private void write(VerificationReport report, RehearsalReport rehearsal) {
        lines.add("## Migration rehearsed on real data: "
                + StepSummary.text(report.verdict().toString()));
        lines.add("");
        lines.add(StepSummary.text(RehearsalText.headline(rehearsal)) + ".");
        report.outcome().problem().ifPresent(problem -> {
            lines.add("");
            lines.add(StepSummary.text(Printable.flowing(problem.fact())) + " "
                    + StepSummary.text(Printable.flowing(problem.remedy())));
        });
        List<Check> failed = report.failedChecks();
        table(
                "Failed checks",
                List.of("Check", "Expected", "Actual"),
                failed.stream()
                        .map(check -> List.of(check.title(), check.expected(), check.actual()))
                        .toList());
        list("Findings", RehearsalText.findings(rehearsal));
        table(
                "Tables",
                List.of("Table", "Strongest lock", "Storage", "Rows"),
                rehearsal.tables().stream()
                        .filter(RehearsalText::matters)
                        .map(table -> row(table, rehearsal))
                        .toList());
        list(
                "Migrations",
                rehearsal.migrations().stream().map(RehearsalText::migration).toList());
        table(
                "Statements in order",
                List.of("Took", "Calls", "Rows", "Statement"),
                RehearsalText.changing(rehearsal).stream()
                        .map(RehearsalMarkdown::row)
                        .toList());
        diff(rehearsal.schemaDiff());
        lines.add("");
        RehearsalText.caveats(rehearsal).forEach(caveat -> lines.add(StepSummary.text(caveat)));
    }

    private static List<String> row(Table table, RehearsalReport rehearsal) {
        return List.of(
                table.name(),
                RehearsalText.lock(table, rehearsal.observation()),
                RehearsalText.storage(table),
                RehearsalText.rows(table));
    }

    private static List<String> row(Statement statement) {
        return List.of(
                Wording.duration(statement.total()),
                Wording.number(statement.calls()),
                Wording.number(statement.rows()),
                statement.error() == null ? statement.sql() : statement.sql() + ": " + statement.error());
    }

    private void list(String title, List<String> items) {
        if (!items.isEmpty()) {
            title(title);
            items.stream().limit(MOST).forEach(item -> lines.add("- " + StepSummary.text(Printable.flowing(item))));
            more(items.size() - MOST);
        }
    }

    private void table(String title, List<String> columns, List<List<String>> rows) {
        if (!rows.isEmpty()) {
            title(title);
            lines.add("| " + String.join(" | ", columns) + " |");
            lines.add("|" + " --- |".repeat(columns.size()));
            rows.stream()
                    .limit(MOST)
                    .map(row -> "| "
                            + String.join(
                                    " | ",
                                    row.stream()
                                            .map(cell -> StepSummary.text(Printable.flowing(cell)))
                                            .toList())
                            + " |")
                    .forEach(lines::add);
            more(rows.size() - MOST);
        }
    }

    /** Adds the diff between fences that are longer than any fence in it. */
    private void diff(List<String> diff) {
        if (!diff.isEmpty()) {
            title("Schema");
            List<String> shown =
                    diff.stream().limit(MOST_LINES_OF_DIFF).map(Printable::text).toList();
            String fence = "```";
            while (String.join("\n", shown).contains(fence)) {
                fence += "`";
            }
            lines.add(fence + "diff");
            lines.addAll(shown);
            lines.add(fence);
            more(diff.size() - MOST_LINES_OF_DIFF);
        }
    }

    private void title(String title) {
        lines.add("");
        lines.add("### " + title);
        lines.add("");
    }

    private void more(int number) {
        if (number > 0) {
            lines.add("");
            lines.add("<code>rehearsal.json</code> lists " + Wording.number(number) + " more.");
        }
    }
}
