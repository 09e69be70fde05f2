package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.apache.maven.plugin.surefire.log.api.NullConsoleLogger;
import org.apache.maven.plugins.surefire.report.ReportTestCase;
import org.apache.maven.plugins.surefire.report.ReportTestSuite;
import org.apache.maven.plugins.surefire.report.SurefireReportParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.SAXException;

class TestReportXmlTest {

    @TempDir
    private Path folder;

    @Test
    void surefires_reader_sees_a_test_case_for_each_check_and_the_failed_ones() throws IOException {
        List<ReportTestCase> cases = read(Reports.failed());

        assertThat(cases).hasSize(2);
        ReportTestCase passed = cases.get(0);
        assertThat(passed.getFullName()).isEqualTo("verify-backup.identity.identity: database");
        assertThat(passed.isSuccessful()).isTrue();
        ReportTestCase failed = cases.get(1);
        assertThat(failed.getFullClassName()).isEqualTo("verify-backup.expectation");
        assertThat(failed.getName()).isEqualTo("table public.units: rows");
        assertThat(failed.hasFailure()).isTrue();
        assertThat(failed.getFailureType()).isEqualTo("expectation");
        assertThat(failed.getFailureMessage()).isEqualTo("expected 86, actual 85");
        assertThat(failed.getFailureDetail()).isEqualTo("""

                expected: 86
                archive:  86
                restored: 85
                source:   not asked""");
    }

    @Test
    void an_incomplete_run_is_an_error_after_the_checks_that_were_made() throws IOException {
        List<ReportTestCase> cases = read(Reports.notVerified());

        assertThat(cases).hasSize(2);
        assertThat(cases.get(1).isSuccessful()).isTrue();
        ReportTestCase error = cases.get(0);
        assertThat(error.hasError()).isTrue();
        assertThat(error.getFailureType()).isEqualTo("NOT_VERIFIED");
        assertThat(error.getFailureMessage()).isEqualTo("No client of PostgreSQL 18 was found.");
        assertThat(error.getFailureDetail()).isEqualTo("""
                No client of PostgreSQL 18 was found.
                - 15.18 is installed
                Install one.""");
    }

    @Test
    void a_run_that_could_not_begin_is_one_error_and_not_an_empty_suite() throws IOException {
        List<ReportTestCase> cases = read(VerificationReport.invalid("1.0.0", List.of("<source><url> is missing.")));

        assertThat(cases).hasSize(1);
        assertThat(cases.get(0).hasError()).isTrue();
    }

    @Test
    void the_suite_has_the_totals_and_says_what_was_verified() {
        assertThat(TestReportXml.of(Reports.failed()))
                .startsWith("""
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuite name="verify-backup" time="2.685" tests="2" errors="0" skipped="0" failures="1">
                  <properties>
                    <property name="verdict" value="FAIL"/>
                """)
                .contains("<property name=\"sha256\" value=\"" + Reports.SHA256 + "\"/>");
        assertThat(TestReportXml.of(Reports.notVerified()))
                .contains("tests=\"2\" errors=\"1\" skipped=\"0\" failures=\"0\"");
    }

    @Test
    void a_hostile_name_is_only_text() throws IOException {
        List<ReportTestCase> cases =
                read(Reports.withChecks(Check.difference(Reports.HOSTILE, Reports.HOSTILE, Reports.HOSTILE)));

        assertThat(cases).hasSize(1);
        assertThat(cases.get(0).getName())
                .isEqualTo("comparison: t\\n[INFO] <script>alert(\"1\")</script> '|`&amp;]]>"
                        + " \\u0000\\u001B[31m\\u202E\\uD800\\uFFFE ü");
    }

    /** Every name that users have chosen, in every place of the file; half of a surrogate pair is not legal in XML. */
    @Test
    void hostile_names_everywhere_make_one_valid_suite_with_correct_totals() throws Exception {
        String xml = TestReportXml.of(Reports.hostile());

        validate(xml);
        assertThat(xml.codePoints())
                .allMatch(c -> c == '\n' || c >= 0x20 && c != 0x7F && !(c >= 0xD800 && c <= 0xDFFF) && c != 0xFFFE);
        List<ReportTestCase> cases = read(Reports.hostile());
        assertThat(cases).hasSize(2);
        assertThat(cases).filteredOn(ReportTestCase::hasError).hasSize(1);
        assertThat(cases).filteredOn(ReportTestCase::hasFailure).hasSize(1);
    }

    @Test
    void a_failure_of_every_kind_has_expected_and_actual() throws IOException {
        List<ReportTestCase> cases = read(Reports.withChecks(
                Check.difference("TABLE a", "there", ""),
                Check.of("restore", "recovery time", "at most 1 s", "2 s", false)));

        assertThat(cases)
                .extracting(ReportTestCase::getFailureMessage)
                .containsExactlyInAnyOrder("expected there, actual ", "expected at most 1 s, actual 2 s");
        assertThat(cases)
                .allSatisfy(each -> assertThat(each.getFailureDetail()).contains("\nexpected: ", "\nactual:   "));
    }

    /** The verdict of a run that ended early must not depend on the checks that it had made. */
    @Test
    void an_incomplete_run_is_an_error_whatever_its_checks_say() throws IOException {
        VerificationReport none = Reports.notVerified(List.of());
        VerificationReport failed = Reports.notVerified(List.of(Check.of("identity", "database", "a", "b", false)));

        assertThat(TestReportXml.of(none)).contains("tests=\"1\" errors=\"1\" skipped=\"0\" failures=\"0\"");
        assertThat(read(none)).singleElement().matches(ReportTestCase::hasError);
        assertThat(TestReportXml.of(failed)).contains("tests=\"2\" errors=\"1\" skipped=\"0\" failures=\"1\"");
    }

    @Test
    void every_report_is_valid_against_surefires_schema() throws SAXException, IOException {
        for (VerificationReport report : List.of(
                Reports.failed(), Reports.notVerified(), VerificationReport.invalid("1.0.0", List.of("no source")))) {
            validate(TestReportXml.of(report));
        }
    }

    @Test
    void the_schema_refuses_a_test_case_without_a_name() {
        String broken = TestReportXml.of(Reports.failed()).replace("<testcase name=", "<testcase label=");

        assertThatThrownBy(() -> validate(broken)).isInstanceOf(SAXException.class);
    }

    /** The reader makes a suite for each class name. */
    private List<ReportTestCase> read(VerificationReport report) throws IOException {
        Files.writeString(folder.resolve("TEST-verify-backup.xml"), TestReportXml.of(report));
        return new SurefireReportParser(List.of(folder.toFile()), new NullConsoleLogger())
                .parseXMLReportFiles().stream()
                        .map(ReportTestSuite::getTestCases)
                        .flatMap(List::stream)
                        .toList();
    }

    private static void validate(String xml) throws SAXException, IOException {
        Schema schema = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI)
                .newSchema(TestReportXmlTest.class.getResource("/surefire/surefire-test-report.xsd"));
        schema.newValidator().validate(new StreamSource(new StringReader(xml)));
    }
}
