package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.rehearsal.RehearsalReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RehearsalTextTest {

    private final RehearsalReport rehearsal = Rehearsals.of("public.orders");

    @Test
    void findings_are_written_in_sentences() {
        assertThat(RehearsalText.findings(rehearsal))
                .containsExactly(
                        "The table public.orders was rewritten: ACCESS EXCLUSIVE for 290 ms, blocks reads and writes.",
                        "A session waited 40 ms for ACCESS EXCLUSIVE on public.orders, which another session had locked.",
                        "The table public.orders was emptied: 10 to 0 rows.",
                        "The index public.orders was built without CONCURRENTLY, with this lock on public.orders: SHARE for"
                                + " less than 10 ms, blocks writes.",
                        "The index public.orders on public.orders is not valid: every write maintains it, and no query uses it.",
                        "The CHECK constraint public.orders on public.orders was added without NOT VALID in a"
                                + " transaction with this lock: ACCESS EXCLUSIVE for 290 ms, blocks reads and writes.",
                        "The FOREIGN KEY constraint public.orders on public.orders is NOT VALID: existing rows were not checked.",
                        "A statement failed: public.orders; missing: public.orders: public.orders");
    }

    @Test
    void the_caveats_say_what_was_measured_and_what_can_be_missed() {
        assertThat(RehearsalText.caveats(rehearsal))
                .containsExactly(
                        "Lock modes, rewrites and order are facts about the migration; times are those of this machine without traffic, accurate to 10 ms.",
                        "The locks were sampled 125 times, every 10 ms; the longest gap was 14 ms. Every"
                                + " transaction that wrote and committed was seen with its locks: the server delayed 3 commits by 60 ms in all, which the times here do not include.",
                        "The report can miss locks of transactions that wrote nothing or were rolled back, if held for less than 10 ms. It leaves out ACCESS SHARE, which every read takes.");
    }

    @Test
    void the_summary_has_it_within_eighty_columns() {
        String summary = SummaryText.of(Reports.failed().with(rehearsal));

        assertThat(summary)
                .contains("Migration rehearsed: 2 migrations recorded, 16 statements, 1.3 s\n")
                .contains("- flyway: 7 public.orders (public.orders, 310 ms)\n")
                .contains("- liquibase: public.orders (public.orders), failed\n")
                .contains("- public.orders: ACCESS EXCLUSIVE for 290 ms, blocks reads and writes;\n  rewritten,"
                        + " 54.2 kB to 60.1 kB; 1,000 to 1,001 rows\n")
                .contains("- public.orders: ACCESS EXCLUSIVE for 3.0 s, blocks reads and writes (on its\n  index"
                        + " public.orders); kept, 8.2 kB; 10 rows, 5 written\n")
                .contains("Slowest statements\n")
                .contains("- 288 ms, public.orders: public.orders\n");
        assertThat(summary.lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void the_page_has_tables_findings_and_the_schema() {
        assertThat(HtmlPage.of(Reports.failed().with(rehearsal)))
                .contains("<a href=\"#rehearsal\">Migration</a>")
                .contains(
                        "<td>ACCESS EXCLUSIVE for 290 ms, blocks reads and writes</td><td>SHARE (less than 10 ms)</td>"
                                + "<td>rewritten, 54.2 kB to 60.1 kB</td><td>1,000 to 1,001 rows</td>")
                .contains("<span class=\"plus\">+public.orders</span>");
        assertThat(HtmlPage.of(Reports.failed())).doesNotContain("What the migration did");
    }

    @Test
    void the_comment_on_a_merge_request_contains_no_foreign_markup() {
        String markdown = RehearsalMarkdown.of(
                Reports.failed().with(Rehearsals.of(Reports.HOSTILE)), Rehearsals.of(Reports.HOSTILE));

        assertThat(markdown)
                .startsWith("## Migration rehearsed on real data: FAIL\n")
                .contains("\n### Findings\n", "\n### Tables\n", "\n### Statements in order\n", "\n### Schema\n")
                .doesNotContain("\u001B", "\u202E");
        assertThat(markdown.substring(0, markdown.indexOf("### Schema"))).doesNotContain("<script>");
        assertThat(markdown.lines()).noneMatch(line -> line.startsWith("[INFO]"));
    }

    @Test
    void nothing_ends_the_block_of_the_schema_early() {
        String markdown = RehearsalMarkdown.of(Reports.failed().with(rehearsal), Rehearsals.of("````"));

        assertThat(markdown).contains("\n`````diff\n--- before\n+++ after\n+````\n`````\n");
    }

    @Test
    void the_test_report_has_the_findings_as_properties() {
        assertThat(TestReportXml.of(Reports.failed().with(rehearsal)))
                .contains("<property name=\"rehearsal\" value=\"2 migrations recorded, 16 statements, 1.3 s\"/>")
                .contains(
                        "<property name=\"rehearsalFinding\" value=\"The table public.orders was emptied: 10 to 0 rows.\"/>");
    }

    @Test
    void the_json_is_valid_against_its_schema() throws IOException {
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(
                        new String(
                                RehearsalJson.class
                                        .getResourceAsStream("rehearsal.schema.json")
                                        .readAllBytes(),
                                StandardCharsets.UTF_8),
                        InputFormat.JSON);
        String json = RehearsalJson.of(Rehearsals.of(Reports.HOSTILE));

        assertThat(schema.validate(json, InputFormat.JSON)).isEmpty();
        assertThat(schema.validate(json.replace("\"reads-and-writes\"", "\"all\""), InputFormat.JSON))
                .isNotEmpty();
        assertThat(json).contains("\"schemaVersion\": \"" + RehearsalJson.SCHEMA_VERSION);
    }

    @Test
    void the_evidence_has_both_files_when_something_was_rehearsed(@TempDir Path folder) throws IOException {
        Files.createDirectory(folder.resolve("probe"));
        Evidence.write(Reports.failed().with(rehearsal), folder);

        assertThat(EvidenceFile.REHEARSAL.in(folder)).isNotEmptyFile();
        assertThat(EvidenceFile.REHEARSAL_FOR_A_MERGE_REQUEST.in(folder)).isNotEmptyFile();
        assertThat(Files.readString(EvidenceFile.CHECKSUMS.in(folder)))
                .contains(EvidenceFile.REHEARSAL.toString(), EvidenceFile.REHEARSAL_FOR_A_MERGE_REQUEST.toString());
        assertThat(Files.readString(EvidenceFile.JSON.in(folder))).doesNotContain("\"rehearsal\"");
    }
}
