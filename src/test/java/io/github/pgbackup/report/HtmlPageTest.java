package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.verification.VerificationReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page is written so that it is well-formed XML too: a test can read it without a browser. */
class HtmlPageTest {

    @Test
    void says_the_verdict_first_and_in_a_sentence() throws Exception {
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
                        "Warnings",
                        "The backup",
                        "What this backup does not contain",
                        "How isolated the restore was",
                        "What production saw of this run",
                        "The restore",
                        "What was compared",
                        "Stages",
                        "All checks");
    }

    @Test
    void shows_a_failed_check_with_its_three_figures() throws Exception {
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
                        "okidentity: databasedirectusactual directus");
    }

    @Test
    void shows_rows_of_source_and_restored_side_by_side_and_marks_what_differs() throws Exception {
        assertThat(values(page(Reports.failed()), "//tr[@class='differs']"))
                .containsExactly("public.units8685", "public.lost12no table");
    }

    @Test
    void says_what_was_compared_and_what_the_expectations_touch() throws Exception {
        assertThat(values(page(Reports.failed()), "//section[@id='compared']/p"))
                .containsExactly("Comparison rows: 2,605 rows in 11 tables, 5 sequences, and the objects below;"
                        + " expectations touch 4 of 11 tables; the ledger compares all 11.");
    }

    @Test
    void shows_the_restore_against_its_budget() throws Exception {
        assertThat(values(page(Reports.failed()), "//section[@id='restore']//dl[1]/div"))
                .containsExactly("Time0.4 s of 10 min 00 s allowed");
    }

    @Test
    void a_run_that_did_not_get_to_its_end_says_what_stood_in_the_way_and_what_to_do() throws Exception {
        Document page = page(Reports.notVerified());

        assertThat(values(page, "//header//p[@class='headline']"))
                .containsExactly("The verification did not run to its end: nothing is known about the backup.");
        assertThat(values(page, "//section[@id='problem']//*[self::p or self::li]"))
                .containsExactly(
                        "No client of PostgreSQL 18 was found.", "15.18 is installed", "What to do: Install one.");
        assertThat(values(page, "//h2")).containsExactly("What stood in the way", "Stages", "All checks");
    }

    @Test
    void a_run_that_could_not_begin_has_a_page_too() throws Exception {
        Document page = page(VerificationReport.invalid("1.0.0", List.of("<source><url> is missing.")));

        assertThat(values(page, "//title")).containsExactly("NOT_VERIFIED – verify-backup");
        assertThat(values(page, "//section//li")).containsExactly("<source><url> is missing.");
    }

    @Test
    void a_hostile_name_is_text_and_nothing_else() throws Exception {
        Document hostile = page(Reports.hostile());
        String shown = "t\\n[INFO] <script>alert(\"1\")</script> '|`&amp;]]> \\u0000\\u001B[31m\\u202E\\uD800\\uFFFE ü";

        assertThat(values(hostile, "//section[@id='checks']//tbody/tr/th")).containsExactly("ledger: " + shown);
        assertThat(values(hostile, "//title")).containsExactly("FAIL: backup of " + shown + " – verify-backup");
        assertThat(elements(hostile)).isEqualTo(elements(page(Reports.withNames("harmless"))));
    }

    @Test
    void every_link_leads_to_a_part_of_the_page_or_a_file_beside_it() throws Exception {
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
    void loads_nothing_and_runs_nothing() throws Exception {
        Document page = page(Reports.hostile());

        assertThat(values(page, "//meta[@http-equiv='Content-Security-Policy']/@content"))
                .containsExactly("default-src 'none'; style-src 'unsafe-inline'; img-src data:");
        assertThat(values(page, "//@src | //@srcset | //@action | //@style | //link/@href[. != 'data:,']"))
                .isEmpty();
        assertThat(elements(page)).doesNotContain("script", "img", "iframe", "object", "base", "form");
        assertThat(values(page, "//style").get(0)).doesNotContain("url(", "@import");
    }

    @Test
    void the_templates_escape_everything_they_write() throws IOException {
        for (String name : List.of("index", "figure", "restore-error", "rows-head", "rows-row")) {
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
        String page = HtmlPage.of(Reports.large(5_000));

        assertThat(page.getBytes(StandardCharsets.UTF_8).length).isBetween(1_000_000, 5_000_000);
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
}
