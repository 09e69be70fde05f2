package io.github.pgbackup.report;

import io.github.pgbackup.Sha256;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.rehearsal.RehearsalReport;
import io.github.pgbackup.signature.SigningKey;
import io.github.pgbackup.verification.Verdict;
import io.github.pgbackup.verification.VerificationReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes a finished report into its folder. */
public final class Evidence {

    static final String JSON = "verification.json";
    static final String SUMMARY = "SUMMARY.txt";
    private static final String TEST_REPORT = "TEST-verify-backup.xml";
    static final String PAGE = "index.html";
    static final String EXPECTATION_TEST = "expectation-test.json";
    static final String MISSING_EXPECTATIONS = "missing-expectations.xml";
    static final String REHEARSAL = "rehearsal.json";
    static final String REHEARSAL_MARKDOWN = "rehearsal.md";

    private Evidence() {}

    /**
     * Writes every rendering of the report, and at last the checksums of all files there.
     *
     * @param folder the evidence folder, with what the run itself has written
     * @throws IOException when one of them cannot be written; then none is left that says PASS
     */
    public static void write(VerificationReport report, Path folder) throws IOException {
        write(report, folder, null);
    }

    /**
     * The same, and the signature of it all; {@code NOT_VERIFIED} is not signed, since there is no result.
     *
     * @param key signs; null: nothing is signed
     */
    public static void write(VerificationReport report, Path folder, @Nullable SigningKey key) throws IOException {
        try {
            writeAll(report, folder);
            if (key != null) {
                sign(report, folder, key);
            }
        } catch (IOException e) {
            if (report.verdict() == Verdict.PASS) {
                for (String rendering : List.of(
                        SUMMARY,
                        JSON,
                        TEST_REPORT,
                        PAGE,
                        EXPECTATION_TEST,
                        REHEARSAL,
                        REHEARSAL_MARKDOWN,
                        SignedResult.FILE)) {
                    delete(folder.resolve(rendering), e);
                }
            }
            throw e;
        }
    }

    private static void delete(Path file, IOException reason) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    private static void writeAll(VerificationReport report, Path folder) throws IOException {
        Files.writeString(folder.resolve(SUMMARY), SummaryText.of(report), StandardCharsets.UTF_8);
        Files.writeString(folder.resolve(JSON), VerificationJson.of(report), StandardCharsets.UTF_8);
        Files.writeString(folder.resolve(TEST_REPORT), TestReportXml.of(report), StandardCharsets.UTF_8);
        Files.writeString(folder.resolve(PAGE), HtmlPage.of(report), StandardCharsets.UTF_8);
        VerificationReport.Production production = report.production();
        if (production != null) {
            write(folder.resolve("probe").resolve("before.json"), production.before());
            write(folder.resolve("probe").resolve("after.json"), production.after());
        }
        ExpectationTest test = report.expectationTest();
        if (test != null) {
            Files.writeString(folder.resolve(EXPECTATION_TEST), ExpectationTestJson.of(test), StandardCharsets.UTF_8);
            Files.writeString(folder.resolve(MISSING_EXPECTATIONS), missingExpectations(test), StandardCharsets.UTF_8);
        }
        RehearsalReport rehearsal = report.rehearsal();
        if (rehearsal != null) {
            Files.writeString(folder.resolve(REHEARSAL), RehearsalJson.of(rehearsal), StandardCharsets.UTF_8);
            Files.writeString(
                    folder.resolve(REHEARSAL_MARKDOWN),
                    RehearsalMarkdown.of(report, rehearsal),
                    StandardCharsets.UTF_8);
        }
        Files.writeString(folder.resolve(Checksums.FILE), Checksums.of(folder), StandardCharsets.UTF_8);
    }

    private static String missingExpectations(ExpectationTest test) {
        return ExpectationsXml.ofAll(
                test.missed().stream()
                        .flatMap(fault -> Optional.ofNullable(fault.suggestion()).stream())
                        .toList(),
                "What would catch the faults that no expectation noticed. Paste what matters to you; figures that change"
                        + " between two backups want a range, such as [1,).");
    }

    private static void sign(VerificationReport report, Path folder, SigningKey key) throws IOException {
        Optional<String> envelope = SignedResult.sign(report, Sha256.of(folder.resolve(Checksums.FILE)), key);
        if (envelope.isPresent()) {
            Files.writeString(folder.resolve(SignedResult.FILE), envelope.get(), StandardCharsets.UTF_8);
        }
    }

    private static void write(Path file, Map<String, String> probe) throws IOException {
        Files.writeString(file, VerificationJson.of(probe), StandardCharsets.UTF_8);
    }
}
