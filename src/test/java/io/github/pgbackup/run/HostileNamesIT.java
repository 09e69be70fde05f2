package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.report.Evidence;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.HostileDatabase;
import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Malicious names are treated as mere names, from the dump to the last report. */
final class HostileNamesIT {

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    @TempDir
    private Path directory;

    @BeforeAll
    static void create() {
        HostileDatabase.create(PRODUCTION);
    }

    @AfterEach
    void nothing_was_executed() {
        assertThat(Path.of(HostileDatabase.PWNED)).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"custom, 1, local", "directory, 2, local", "directory, 2, container"})
    void a_database_with_hostile_names_passes(String format, String jobs, String engine) throws Exception {
        if (engine.equals("container")) {
            Docker.require(15);
        }
        VerificationReport report = run(engine)
                .with("backup.format", format)
                .with("backup.jobs", jobs)
                .with("restore.jobs", jobs)
                .run();

        assertThat(report.problemText()).isEmpty();
        assertThat(report.failedChecks().stream().map(Check::sentence)).isEmpty();
        assertThat(report.verdict()).isEqualTo(Verdict.PASS);
        assertThat(report.restored().errors()).isEmpty();
        assertSoundEvidence(report);
    }

    @Test
    void lost_objects_are_named_and_the_reports_stay_valid() throws Exception {
        VerificationReport report = run("local")
                .onRestored(session -> {
                    for (String table : session.list(
                            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in"
                                    + " ('odd', 'pg_catalog', 'information_schema')",
                            row -> row.getString(1))) {
                        session.execute("delete from " + table + " where id = 2; alter table " + table
                                + " drop column note cascade");
                    }
                })
                .run();

        assertThat(report.problemText()).isEmpty();
        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(report.failedChecks()).hasSizeGreaterThan(64);
        assertSoundEvidence(report);
    }

    private VerificationRun run(String engine) {
        return VerificationRun.of(PRODUCTION, HostileDatabase.NAME, directory)
                .with("comparison", "content")
                .with("restore.engine", engine);
    }

    private void assertSoundEvidence(VerificationReport report) throws Exception {
        Path evidence = directory.resolve("verify-backup");
        Evidence.write(report, evidence);

        assertThat(text(evidence, "SUMMARY.txt")).doesNotContainPattern("[\\p{Cc}\\p{Cf}&&[^\n]]");
        assertThat(text(evidence, "SUMMARY.txt").lines()).noneMatch(line -> line.startsWith("[INFO]"));
        try (Connection postgres = PRODUCTION.connect("postgres")) {
            assertThat(new Session(postgres)
                            .text("select ?::json #>> '{source,database}'", text(evidence, "verification.json")))
                    .isEqualTo(HostileDatabase.NAME);
        }
        for (String xml : List.of("TEST-verify-backup.xml", "index.html")) {
            var factory = DocumentBuilderFactory.newDefaultInstance();
            factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
            var document =
                    factory.newDocumentBuilder().parse(evidence.resolve(xml).toFile());
            // The page has one script of its own, whose hash is in its policy.
            assertThat(document.getElementsByTagName("script").getLength()).isEqualTo(xml.equals("index.html") ? 1 : 0);
        }
        try (Stream<Path> files = Files.walk(evidence)) {
            assertThat(files.filter(Files::isRegularFile))
                    .allSatisfy(file ->
                            assertThat(evidence.relativize(file).toString()).matches("[\\w./-]+"));
        }
        Process sums = new ProcessBuilder("sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS")
                .directory(evidence.toFile())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(sums.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        assertThat(sums.waitFor()).isZero();
    }

    private static String text(Path evidence, String file) throws IOException {
        return Files.readString(evidence.resolve(file));
    }
}
