package io.github.pgbackup.report;

import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.fault.ExpectationTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A file that is made from a finished report.
 *
 * @param file where it is written
 * @param text makes its text; empty if the report has nothing for it
 */
record Rendering(EvidenceFile file, Text text) {

    /** Makes the text of a file from the report and from what the run has written into the evidence folder. */
    interface Text {
        Optional<String> of(VerificationReport report, Path folder) throws IOException;
    }

    /** All renderings. A test makes sure that each file of that kind has one. */
    static final List<Rendering> ALL = List.of(
            always(EvidenceFile.SUMMARY, SummaryText::of),
            always(EvidenceFile.JSON, VerificationJson::of),
            always(EvidenceFile.TEST_REPORT, TestReportXml::of),
            new Rendering(
                    EvidenceFile.PAGE, (report, folder) -> Optional.of(HtmlPage.of(report, SchemaPage.of(folder)))),
            new Rendering(
                    EvidenceFile.SCHEMA_PAGE,
                    (report, folder) -> SchemaPage.of(folder).map(SchemaPage::html)),
            of(
                    EvidenceFile.PROBE_BEFORE,
                    report -> report.acquired().production(),
                    production -> VerificationJson.of(production.before())),
            of(
                    EvidenceFile.PROBE_AFTER,
                    report -> report.acquired().production(),
                    production -> VerificationJson.of(production.after())),
            of(EvidenceFile.EXPECTATION_TEST, report -> report.used().expectationTest(), ExpectationTestJson::of),
            of(
                    EvidenceFile.MISSING_EXPECTATIONS,
                    report -> report.used().expectationTest(),
                    Rendering::missingExpectations),
            of(EvidenceFile.REHEARSAL, report -> report.used().rehearsal(), RehearsalJson::of),
            new Rendering(
                    EvidenceFile.REHEARSAL_FOR_A_MERGE_REQUEST,
                    (report, folder) ->
                            report.used().rehearsal().map(rehearsal -> RehearsalMarkdown.of(report, rehearsal))));

    private static Rendering always(EvidenceFile file, Function<VerificationReport, String> text) {
        return new Rendering(file, (report, folder) -> Optional.of(text.apply(report)));
    }

    /** A rendering of a part that not every report has. */
    private static <T> Rendering of(
            EvidenceFile file, Function<VerificationReport, Optional<T>> part, Function<T, String> text) {
        return new Rendering(file, (report, folder) -> part.apply(report).map(text));
    }

    private static String missingExpectations(ExpectationTest test) {
        return ExpectationsXml.ofAll(
                test.missed().stream()
                        .flatMap(fault -> Optional.ofNullable(fault.suggestion()).stream())
                        .toList(),
                "Expectations that would catch the faults that no expectation noticed. Paste those that matter to you; use"
                        + " a range, such as [1,), for numbers that change from one backup to the next.");
    }
}
