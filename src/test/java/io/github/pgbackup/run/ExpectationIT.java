package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgbackup.Console;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.local.LocalEngine;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.plan.PlanReader;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.plan.Xml;
import io.github.pgbackup.source.Credentials;
import io.github.pgbackup.stage.Interruption;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of expectation and every claim, once satisfied and once failed, in runs over a database of unusual objects. */
final class ExpectationIT {

    private static final String DATABASE = "odd";

    @TempDir
    Path directory;

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void satisfied_expectations_pass_and_others_fail_with_their_sentences(Programs programs) throws Exception {
        try (ProductionServer production = ProductionServer.start(programs.bin())) {
            production.createDatabase(DATABASE);
            production.load(DATABASE, "expectations/database.sql");
            breakAnIndex(production);

            VerificationReport held = run(production, "expectations/hold.xml");
            assertThat(held.outcome().problem()).isEmpty();
            assertThat(sentences(held, false)).isEmpty();

            VerificationReport failed = run(production, "expectations/fail.xml");
            assertThat(failed.outcome().problem()).isEmpty();
            assertThat(String.join("\n", sentences(failed, false)))
                    .isEqualTo(resource("expectations/sentences.txt").strip());
            assertThat(String.join("\n", hints(failed)))
                    .isEqualTo(resource("expectations/hints.txt").strip());
            assertThat(production.query(DATABASE, "select count(*) from app.orders"))
                    .isEqualTo("10");
        }
    }

    /** A unique index whose concurrent build failed remains as an invalid index. */
    private static void breakAnIndex(ProductionServer production) throws SQLException {
        try (Connection connection = production.connect(DATABASE);
                Statement statement = connection.createStatement()) {
            assertThat(catchThrowable(() ->
                            statement.execute("create unique index concurrently broken_idx on app.orders (price)")))
                    .isInstanceOf(SQLException.class);
        }
    }

    private VerificationReport run(ProductionServer production, String expectations) throws Exception {
        VerificationPlan plan = new PlanReader(name -> null, directory)
                .read(Xml.tag("""
                        <configuration>
                          <source><url>%s</url></source>
                          <comparison>none</comparison>
                          <binDirectory>%s</binDirectory>
                          %s
                        </configuration>""".formatted(production.url(DATABASE), binDirectories(), resource(expectations))));
        var environment = new BackupVerification.Environment(
                "test",
                Map.of(),
                address -> new Credentials(production.superuser(), production.password()),
                new DaemonFinder(Map.of()),
                installations -> new ChosenEngine(
                        new LocalEngine(
                                installations,
                                (group, artifact, version) -> {
                                    throw new AssertionError("the binaries are there");
                                },
                                Path.of(System.getProperty("java.io.tmpdir")),
                                new SilentConsole()),
                        "for the test"));
        try (EvidenceFolder folder = EvidenceFolder.prepare(directory.resolve("evidence"));
                Interruption interruption = new Interruption(plan.timeout(), new SilentConsole())) {
            return new BackupVerification(plan, environment, folder, new SilentConsole(), interruption).run();
        }
    }

    private static String binDirectories() {
        return Programs.majors()
                .flatMap(programs -> Optional.ofNullable(programs.directory()).stream())
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static List<String> sentences(VerificationReport report, boolean passed) {
        return report.checks().stream()
                .filter(check -> check.group().equals("expectation") && check.passed() == passed)
                .map(Check::sentence)
                .toList();
    }

    /** The page and the console for expectations that the source also contradicts. */
    private static List<String> hints(VerificationReport report) {
        return report.checks().stream()
                .filter(check -> check.hint().isPresent())
                .map(check -> check.title() + ": " + check.hint().orElseThrow())
                .toList();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = ExpectationIT.class.getClassLoader().getResourceAsStream(name)) {
            assertThat(in).as(name).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static final class SilentConsole implements Console {

        @Override
        public void info(String line) {}

        @Override
        public void warn(String line) {}

        @Override
        public void debug(String line) {}
    }
}
