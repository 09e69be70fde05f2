package io.github.pgbackup.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Restored databases that are not what was backed up: of every object and of every type of column, one is dropped,
 * added or altered right after pg_restore. Alterations of different objects share a verification; each is noticed when
 * the report names its objects, and the report must name no others.
 */
final class AlteredRestoreIT {

    private static final Score SCORE = new Score("Altered restores");

    @TempDir
    Path directory;

    @AfterAll
    static void score() {
        SCORE.print();
    }

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void every_alteration_is_noticed_and_nothing_else(Programs programs) throws Exception {
        try (ProductionServer production = OddDatabase.server(programs)) {
            OddDatabase.create(production, "odd", programs.major());
            assertEachIsNoticed(programs, folder -> VerificationRun.of(production, "odd", folder));
        }
    }

    /** A manifest finds what the live snapshot finds: all of it, when the server that was backed up is gone. */
    @ParameterizedTest
    @ValueSource(ints = 18)
    void every_alteration_is_noticed_by_the_manifest_too(int major) throws Exception {
        Programs programs = Programs.ofMajor(major);
        Path archive;
        try (ProductionServer production = OddDatabase.server(programs)) {
            OddDatabase.create(production, "odd", major);
            VerificationReport report = VerificationRun.of(production, "odd", directory.resolve("source"))
                    .with("comparison", "content")
                    .run();
            archive = directory
                    .resolve("source/verify-backup")
                    .resolve(report.archive().path());
        }
        assertEachIsNoticed(programs, folder -> VerificationRun.ofArchive(archive, "odd", folder));
    }

    private void assertEachIsNoticed(Programs programs, Function<Path, VerificationRun> run) throws Exception {
        List<Callable<List<String>>> verifications = new ArrayList<>();
        verifications.add(() -> unaltered(run.apply(directory.resolve("unaltered"))));
        for (List<Alteration> batch : Alteration.batches(Alteration.in(programs.major()))) {
            Path folder = directory.resolve("batch " + verifications.size());
            verifications.add(() -> altered(run.apply(folder), batch, programs));
        }
        assertThat(String.join("\n", Score.complaints(verifications))).isEmpty();
    }

    /** The control, without which the score would mean nothing. */
    private static List<String> unaltered(VerificationRun run) {
        VerificationReport report = run.with("comparison", "content").run();
        List<String> complaints = new ArrayList<>();
        report.failedChecks().forEach(check -> complaints.add("Without any alteration: " + check.sentence()));
        if (report.verdict() != Verdict.PASS) {
            complaints.add("Without any alteration: " + report.verdict() + " " + report.problemText());
        }
        return complaints;
    }

    private static List<String> altered(VerificationRun run, List<Alteration> batch, Programs programs) {
        List<String> complaints = new ArrayList<>();
        VerificationReport report = run.with("comparison", "content")
                .onRestored(session -> apply(batch, session, complaints))
                .run();
        Set<String> failed = report.failedChecks().stream()
                .map(Check::name)
                // How many differences there are, and errors of pg_restore that would be harmless without them.
                .filter(name -> !name.contains(" of archive and restored database") && !name.contains("name no entry"))
                .collect(Collectors.toSet());
        for (Alteration alteration : batch) {
            boolean noticed =
                    report.verdict() == Verdict.FAIL && failed.stream().anyMatch(alteration::isNamed);
            SCORE.count(alteration.kind(), noticed);
            SCORE.count(programs.toString(), noticed);
            if (!noticed) {
                complaints.add("Not noticed, " + report.verdict() + ": " + alteration);
            }
        }
        failed.removeIf(name -> batch.stream().anyMatch(alteration -> alteration.isNamed(name)));
        report.failedChecks().stream()
                .filter(check -> failed.contains(check.name()))
                .forEach(check -> complaints.add("Altered by nobody: " + check.sentence()));
        if (!report.problemText().isEmpty()) {
            complaints.add(report.problemText());
        }
        return complaints;
    }

    private static void apply(List<Alteration> batch, Session session, List<String> complaints) throws SQLException {
        session.execute("set search_path = public; set allow_system_table_mods = on; set statement_timeout = 0;"
                + " set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC'");
        for (Alteration alteration : batch) {
            try {
                session.execute(alteration.sql());
            } catch (SQLException e) {
                complaints.add(e.getMessage() + ": " + alteration.sql());
            }
        }
    }
}
