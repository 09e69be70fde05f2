package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.fault.FaultKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page is also well-formed XML, so a test can read it without a browser. */
class HtmlPageTest {

    @Test
    void states_the_verdict_first_and_in_a_sentence() throws Exception {
        Document page = page(Reports.failed());

        assertThat(values(page, "//h1")).containsExactly("FAIL");
        assertThat(values(page, "//header//p"))
                .containsExactly(
                        "verify-backup of database directus", "The backup was restored, and 1 of 2 checks failed.");
        assertThat(values(page, "//title")).containsExactly("FAIL: backup of directus – verify-backup");
    }

    @Test
    void answers_what_a_reader_asks_next_in_this_order() throws Exception {
        assertThat(values(page(Reports.failed()), "//h2"))
                .containsExactly(
                        "Failed checks",
                        "What to do next",
                        "Warnings",
                        "The backup",
                        "What this backup does not contain",
                        "What was not tested",
                        "Restore isolation",
                        "Impact on production",
                        "The restore",
                        "What was compared",
                        "Stages",
                        "All checks",
                        "Commands and configuration");
    }

    @Test
    void shows_the_queries_and_the_commands() throws Exception {
        Document page = page(Reports.failed());

        assertThat(values(page, "//section[@id='method']//li"))
                .containsExactly("pg_dump --format=custom", "pg_restore '--dbname=postgres db'");
        assertThat(values(page, "//section[@id='method']//div"))
                .containsExactly(
                        "Run byci for ada, job https://ci.example/1, commit " + "1".repeat(40), "comparisonrows");
        assertThat(values(page, "//section[@id='checks']/h3[.='Queries']/following-sibling::dl/div"))
                .containsExactly("unitsselect count(*) from units", "own (as app)select count(*) from units");
        assertThat(values(page, "//section[@id='backup']//div[dt[starts-with(., 'Stored') or .='Manifest']]"))
                .containsExactly(
                        "Stored as/backups/directus_20261123T220754Z.dump",
                        "Stored roles/backups/directus_20261123T220754Z.roles.sql",
                        "Manifest/backups/directus_20261123T220754Z.dump.manifest.json");
    }

    @Test
    void shows_a_failed_check_with_its_three_values() throws Exception {
        assertThat(values(page(Reports.failed()), "//section[@id='failed']//article//*[self::h3 or self::div]"))
                .containsExactly(
                        "table public.units: rows",
                        "expected86",
                        "archive86",
                        "restored85",
                        "sourceunknown: not asked");
    }

    @Test
    void shows_every_check_the_failed_ones_first() throws Exception {
        assertThat(values(page(Reports.failed()), "//section[@id='checks']//tbody/tr"))
                .containsExactly(
                        "FAILEDtable public.units: rows868685unknown: not asked",
                        "okidentity: databasedirectusdirectus");
    }

    @Test
    void shows_rows_of_source_and_restored_side_by_side_and_marks_what_differs() throws Exception {
        assertThat(values(page(Reports.failed()), "//tr[@class='differs']"))
                .containsExactly("public.units868516.4 kB8.2 kB", "public.lost12no table8.2 kBno table");
    }

    @Test
    void states_what_was_compared_and_what_the_expectations_cover() throws Exception {
        assertThat(values(page(Reports.failed()), "//section[@id='compared']/p[1]"))
                .containsExactly("Comparison rows: 2,605 rows in 11 tables, 5 sequences, and the objects below;"
                        + " expectations cover 4 of 11 tables; the comparison covers all 11.");
    }

    @Test
    void lists_the_tables_whose_rows_differ_and_then_the_largest() throws Exception {
        assertThat(values(
                        page(Reports.withTables(
                                Reports.tableRows("many", 900, 900, 8_192, 8_192),
                                Reports.tableRows("wide", 2, 2, 9_000_000, 4_500_000),
                                Reports.tableRows("less", 2, 1, 8_192, 8_192))),
                        "//table[contains(@class, 'tables')]/tbody/tr/th"))
                .containsExactly("less", "wide", "many");
    }

    @Test
    void draws_each_table_by_rows_and_by_size_for_source_and_restored() throws Exception {
        Document page = page(Reports.withTables(
                Reports.tableRows("wide", 10, 5, 9_000_000, 4_500_000), Reports.tableRows("small", 5, 5, 900_000, 0)));

        assertThat(values(page, "//table[contains(@class, 'tables')]//rect[@class='source']/@width"))
                .containsExactly("100.00", "100.00", "50.00", "10.00");
        assertThat(values(page, "//table[contains(@class, 'tables')]//rect[@class='restored']/@width"))
                .containsExactly("50.00", "50.00", "50.00", "0.00");
    }

    @Test
    void shows_the_comparison_by_kind_where_it_differs_first() throws Exception {
        Document page = page(Reports.failed());

        assertThat(values(page, "//table[@class='kinds']/tbody/tr")).containsExactly("TABLE DATA2", "TABLE10110");
        assertThat(values(page, "//table[@class='kinds']//rect[@class='bar']/@width"))
                .containsExactly("18.18", "100.00");
        assertThat(values(page, "//table[@class='kinds']//rect[@class='bad']/@width"))
                .containsExactly("18.18");
    }

    /** A stage that began earlier and took longer is drawn first, across the others. */
    @Test
    void draws_the_stages_to_scale_even_concurrent_ones_and_how_long_production_was_held() throws Exception {
        VerificationReport.Stage dump =
                new VerificationReport.Stage("dump", Duration.ofMillis(500), Duration.ofMillis(500));
        VerificationReport.Stage target =
                new VerificationReport.Stage("target", Duration.ofMillis(250), Duration.ofMillis(1_500));
        Document page = page(Reports.failed().ended(Duration.ofSeconds(2), List.of(dump, target)));

        assertThat(values(page, "//table[@class='stages']/tbody/tr"))
                .containsExactly("target250 ms1.5 s", "snapshot and locks held310 ms396 ms", "dump500 ms500 ms");
        assertThat(values(page, "//table[@class='stages']//rect[@class='bar']/@x"))
                .containsExactly("12.50", "25.00");
        assertThat(values(page, "//table[@class='stages']//rect[@class='bar']/@width"))
                .containsExactly("75.00", "25.00");
        assertThat(values(page, "//table[@class='stages']//rect[@class='held']/@x"))
                .containsExactly("15.50");
        assertThat(values(page, "//section[@id='production']//dl/div[1]"))
                .containsExactly("snapshot and locks (ACCESS SHARE)held for 396 ms");
    }

    @Test
    void a_verdict_with_exceptions_says_so_and_names_them() throws Exception {
        Document page = page(Reports.tolerated());

        assertThat(values(page, "//header//p[@class='headline']"))
                .containsExactly(
                        "The backup was restored, and every check passed: 2,605 rows in 11 tables, 11 objects; 1 check,"
                                + " 1 expectation. 1 difference tolerated.");
        assertThat(values(page, "//section[@id='tolerated']//article//*[self::h3 or self::div]"))
                .containsExactly(
                        "POLICY app.orders p", "expectedthere", "actualmissing (tolerated: made after restore)");
    }

    @Test
    void says_what_the_backup_had_to_satisfy() throws Exception {
        assertThat(values(page(Reports.failed()), "//section[@id='checks']/p[1]"))
                .containsExactly(
                        "The backup had to satisfy: comparison rows, roles provision, a restore in at most 10 min, 1 expectation, 0 tolerated differences.");
        assertThat(values(page(Reports.failed()), "//section[@id='checks']/dl[1]/div"))
                .containsExactly("SHA-256 of these demands" + Reports.SHA256.substring(0, 12) + "…" + Reports.SHA256);
    }

    @Test
    void shows_a_hundred_failed_checks_in_full_and_lists_all() throws Exception {
        Document page = page(
                Reports.failed().withChecks(Collections.nCopies(123, Check.difference("TABLE t", "there", "missing"))));

        assertThat(values(page, "//section[@id='failed']//article")).hasSize(100);
        assertThat(values(page, "//section[@id='failed']/p"))
                .containsExactly("By kind: 123 TABLE", "23 more failed: see all checks.");
        assertThat(values(page, "//section[@id='checks']//tbody/tr")).hasSize(123);
    }

    @Test
    void shows_the_restore_against_its_budget() throws Exception {
        assertThat(values(page(Reports.failed()), "//section[@id='restore']//dl[1]/div"))
                .containsExactly("Time400 ms of 10 min allowed");
    }

    @Test
    void an_incomplete_run_says_why_and_what_to_do() throws Exception {
        Document page = page(Reports.notVerified());

        assertThat(values(page, "//header//p[@class='headline']"))
                .containsExactly("The verification could not be completed; nothing is known about the backup.");
        assertThat(values(page, "//section[@id='problem']//*[self::p or self::li]"))
                .containsExactly(
                        "No client of PostgreSQL 18 was found.", "15.18 is installed", "What to do: Install one.");
        assertThat(values(page, "//h2"))
                .containsExactly(
                        "Why verification could not run", "Stages", "All checks", "Commands and configuration");
    }

    @Test
    void a_run_that_did_not_reach_its_source_names_the_configured_database_and_server() throws Exception {
        Document page = page(Reports.withoutSource(Map.of("source.url", "jdbc:postgresql://db.internal:5433/shop")));

        assertThat(values(page, "//title")).containsExactly("NOT_VERIFIED: backup of shop – verify-backup");
        assertThat(values(page, "//header//p[@class='what']")).containsExactly("verify-backup of database shop");
        assertThat(values(page, "//header//dt[.='Configured']/following-sibling::dd"))
                .containsExactly("db.internal:5433");
        assertThat(values(
                        page(Reports.withoutSource(Map.of("source.container", "postgres", "source.database", "shop"))),
                        "//header//p[@class='what'] | //header//dt[.='Configured']/following-sibling::dd"))
                .containsExactly("verify-backup of database shop", "container postgres");
        assertThat(values(
                        page(Reports.withoutSource(
                                Map.of("archive.file", "/backups/shop.dump", "identity.database", "shop"))),
                        "//header//p[@class='what'] | //header//dt[.='Configured']/following-sibling::dd"))
                .containsExactly("verify-backup of database shop", "archive /backups/shop.dump");
    }

    @Test
    void what_was_checked_what_failed_and_what_to_do_next_come_first() throws Exception {
        Document page = page(Reports.failed());

        assertThat(values(page, "//header//dt[.='Checked']/following-sibling::dd[1]"))
                .containsExactly("2,605 rows in 11 tables, 11 objects; 2 checks, 1 expectation");
        assertThat(values(page, "//section[@id='next']//li"))
                .containsExactly(
                        "Do not rely on this backup: it does not meet your expectations. Find the cause, then take a new backup.");
        assertThat(values(
                        page(Reports.failed()
                                .withChecks(Collections.nCopies(3, Check.difference("TABLE t", "there", "missing")))),
                        "//main/section[position() < 3]/h2"))
                .containsExactly("What to do next", "Failed checks");
        assertThat(values(page(Reports.tolerated()), "//section[@id='next']")).isEmpty();
    }

    @Test
    void only_a_difference_has_the_tag_that_tolerates_it() throws Exception {
        Document page = page(Reports.withChecks(
                Check.difference("POLICY app.orders \"<p>\"", "there", "missing"),
                Check.of("comparison", "tolerated difference TABLE t", "a difference", "there is none", false),
                Check.of("identity", "database", "a", "b", false)));

        assertThat(values(page, "//section[@id='failed']//pre[@class='paste']"))
                .containsExactly("<toleratedDifference> <object>POLICY app.orders \"&lt;p&gt;\"</object>"
                        + " <reason>WHY IT IS HARMLESS</reason> </toleratedDifference>");
    }

    @Test
    void container_measurements_and_long_ids_are_folded() throws Exception {
        Document page = page(Reports.failed());

        assertThat(values(page, "//section[@id='isolation']/details/summary"))
                .containsExactly("Measured during the run", "Measured afterwards");
        assertThat(values(page, "//section[@id='backup']//details[@class='id']/summary"))
                .containsExactly(Reports.SHA256.substring(0, 12) + "…");
        assertThat(values(page, "//*[not(ancestor-or-self::details) and not(ancestor-or-self::script)]/text()"))
                .noneMatch(text -> text.matches("(?s).*\\b[0-9a-f]{64}\\b.*"));
    }

    @Test
    void a_run_that_could_not_begin_has_a_page_too() throws Exception {
        Document page = page(VerificationReport.invalid("1.0.0", List.of("<source><url> is missing.")));

        assertThat(values(page, "//title")).containsExactly("NOT_VERIFIED – verify-backup");
        assertThat(values(page, "//section//li")).containsExactly("<source><url> is missing.");
    }

    @Test
    void a_hostile_name_is_only_text() throws Exception {
        Document hostile = page(Reports.hostile());
        String shown = "t [INFO] <script>alert(\"1\")</script> '|`&amp;]]> \\u0000\\u001B[31m\\u202E\\uD800\\uFFFE ü";

        assertThat(values(hostile, "//section[@id='checks']//tbody/tr/th")).containsExactly("comparison: " + shown);
        assertThat(values(hostile, "//title")).containsExactly("NOT_VERIFIED: backup of " + shown + " – verify-backup");
        assertThat(elements(hostile)).isEqualTo(elements(page(Reports.withNames("harmless"))));
    }

    @Test
    void every_link_leads_to_a_part_of_the_page_or_a_file_next_to_it() throws Exception {
        Document page = page(Reports.failed());
        List<String> ids = values(page, "//@id");

        assertThat(ids).doesNotHaveDuplicates();
        assertThat(values(page, "//a/@href"))
                .isNotEmpty()
                .allSatisfy(link -> assertThat(link)
                        .satisfiesAnyOf(
                                part -> assertThat(ids).contains(part.replaceFirst("^#", "")),
                                file -> assertThat(file)
                                        .isIn("SUMMARY.txt", "verification.json", "TEST-verify-backup.xml")));
    }

    @Test
    void loads_nothing_and_runs_only_its_own_script() throws Exception {
        Document page = page(Reports.hostile());

        String script = page.getElementsByTagName("script").item(0).getTextContent();
        String hash = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8)));
        assertThat(values(page, "//meta[@http-equiv='Content-Security-Policy']/@content"))
                .containsExactly("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + hash
                        + "'; img-src data:");
        assertThat(values(page, "//script")).hasSize(1);
        assertThat(values(page, "//@*[starts-with(name(), 'on')]")).isEmpty();
        assertThat(script)
                .as("as text of an element it must end where it ends, and be XML here")
                .doesNotContain("<", "&", "innerHTML", "eval");
        assertThat(values(page, "//@src | //@srcset | //@action | //@style | //link/@href[. != 'data:,']"))
                .isEmpty();
        assertThat(elements(page)).doesNotContain("img", "iframe", "object", "base", "form");
        assertThat(values(page, "//style").get(0)).doesNotContain("url(", "@import");
    }

    @Test
    void the_templates_escape_everything_they_write() throws IOException {
        for (String name : List.of(
                "index",
                "observation",
                "restore-error",
                "pair",
                "result",
                "id",
                "next",
                "build",
                "value",
                "schema",
                "history")) {
            try (InputStream template = HtmlPage.class.getResourceAsStream(name + ".mustache")) {
                assertThat(new String(template.readAllBytes(), StandardCharsets.UTF_8))
                        .as(name)
                        .isNotBlank()
                        .doesNotContain("{{{", "{{&");
            }
        }
    }

    @Test
    void five_thousand_tables_and_checks_fit_into_five_megabytes() {
        for (boolean passed : List.of(true, false)) {
            String page = HtmlPage.of(Reports.large(5_000, passed));

            assertThat(page.getBytes(StandardCharsets.UTF_8).length).isBetween(1_000_000, 5_000_000);
        }
    }

    @Test
    void a_failed_expectation_that_the_source_contradicts_too_says_so() throws Exception {
        assertThat(values(page(Reports.outOfDate()), "//section[@id='failed']//article/p"))
                .containsExactly("The source says the same; the expectation is outdated or misspelt.");
    }

    @Test
    void a_definition_keeps_its_lines() throws Exception {
        String page = HtmlPage.of(Reports.withChecks(Check.difference("VIEW v", "select\n    1", "missing")));

        assertThat(page)
                .contains("<dd>select\n1</dd>")
                .contains("#failed dd, #tolerated dd { white-space: pre-line; }");
    }

    @Test
    void faults_are_listed_by_kind_and_misses_with_an_expectation_that_would_catch_them() throws Exception {
        Document page = page(Reports.failed().with(ExpectationTests.of("public.orders")));

        assertThat(values(page, "//section[@id='faults']//tbody/tr"))
                .hasSize(FaultKind.values().length + 1)
                .startsWith("table-emptied2120");
        assertThat(values(page, "//section[@id='faults']//li/pre"))
                .startsWith("<table> <name>public.orders</name> <rows>[1,)</rows> </table>");
    }

    @Test
    void definitions_of_several_lines_are_a_unified_diff() throws Exception {
        Document page =
                page(Reports.withChecks(Check.difference("VIEW public.v", "select a\n  from t", "select b\n  from t")));

        assertThat(values(page, "//pre[@class='diff']/span"))
                .containsExactly("--- expected", "+++ actual", "@@ -1,2 +1,2 @@", "-select a", "+select b", "from t");
        assertThat(values(page, "//section[@id='failed']//dl")).isEmpty();
    }

    @Test
    void one_definition_is_shown_and_three_are_folded_under_a_count_by_kind() throws Exception {
        String folded = "//section[@id='failed']//details[@class='definition'][not(@open)]/summary";

        assertThat(values(page(Pages.failedWith(1)), folded)).isEmpty();
        assertThat(values(page(Pages.failedWith(5)), folded))
                .containsExactly("Definition: 2 lines missing, 1 added", "Definition: 2 lines missing, 1 added");
        assertThat(values(page(Pages.failedWith(5)), "//section[@id='failed']/p[1]"))
                .containsExactly("By kind: 2 TABLE DATA 2 VIEW 1 INDEX");
    }

    /** 51,007 checks made a page of 22 MB. */
    @Test
    void the_page_lists_failed_checks_and_a_thousand_others_and_refers_to_the_json_for_the_rest() throws Exception {
        VerificationReport report = Reports.failed()
                .withChecks(Stream.concat(
                                Collections.nCopies(50_000, Check.of("comparison", "TABLE t", "there", "there", true))
                                        .stream(),
                                Collections.nCopies(7, Check.difference("TABLE u", "there", "missing")).stream())
                        .toList());
        Document page = page(report);

        assertThat(HtmlPage.of(report)).hasSizeLessThan(500_000);
        assertThat(values(page, "//section[@id='checks']//tbody/tr")).hasSize(1_000);
        assertThat(values(page, "//section[@id='checks']//tbody/tr").subList(0, 8))
                .endsWith("FAILEDcomparison: TABLE utheremissing", "okcomparison: TABLE ttherethere");
        assertThat(values(page, "//section[@id='checks']/p[@class='more']"))
                .containsExactly("And 49,007 more, all of which passed: verification.json has them all.");
    }

    private static Document page(VerificationReport report) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(HtmlPage.of(report))));
    }

    private static List<String> elements(Document page) {
        NodeList nodes = page.getElementsByTagName("*");
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> nodes.item(i).getNodeName())
                .toList();
    }

    private static List<String> values(Document page, String path) throws Exception {
        NodeList nodes = (NodeList) XPathFactory.newInstance().newXPath().evaluate(path, page, XPathConstants.NODESET);
        List<String> values = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            values.add(nodes.item(i).getTextContent().strip().replaceAll("\\s+", " "));
        }
        return values;
    }

    @Test
    void an_existing_archive_is_shown_with_its_baseline() {
        assertThat(HtmlPage.of(Reports.ofArchive()))
                .contains("verify-backup of database <strong>directus</strong>")
                .contains("<dt>Baseline</dt><dd>none: there was nothing to compare the archive with</dd>")
                .contains("<dt>Found</dt><dd>the newest of 3 that match /backups/directus*</dd>")
                .contains("class=\"number\">Archive</th>")
                .contains("not known");
    }

    @Test
    void an_archive_with_a_manifest_is_shown_with_its_baseline() {
        assertThat(HtmlPage.of(Reports.ofManifest()))
                .contains("<dt>Baseline</dt><dd>manifest: exactly what the source held when the archive was taken</dd>")
                .contains("<dt>Manifest</dt><dd>/backups/directus.dump.gz.manifest.json</dd>")
                .contains("class=\"number\">Source</th>");
    }
}
