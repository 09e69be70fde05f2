package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Restored databases that differ from the backup: one object of every kind and one value of every column type is dropped,
 * added or altered right after pg_restore. Alterations of different objects share a verification. The report must name the
 * objects of each alteration, and no others.
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

    /** A manifest finds everything that the live snapshot finds, even when the source is gone. */
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
                    .resolve(report.acquired().archive().orElseThrow().path());
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

    /** The control: without it, the score would be meaningless. */
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
                // The number of differences, and errors of pg_restore that would be harmless without differences.
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

    /** The archive is of another database than the source under the snapshot, because pg_dump was redirected. */
    @Test
    void an_archive_that_differs_from_the_source_in_one_thing_is_noticed() throws Exception {
        Programs programs = Programs.ofMajor(19);
        try (ProductionServer production = OddDatabase.server(programs)) {
            OddDatabase.create(production, "odd", programs.major());
            List<Callable<List<String>>> verifications = new ArrayList<>();
            for (List<Alteration> batch : Alteration.batches(Alteration.in(programs.major()))) {
                Path folder = directory.resolve("archive " + verifications.size());
                verifications.add(() -> ofAnother(production, batch, folder, programs));
            }
            assertThat(String.join("\n", Score.complaints(verifications))).isEmpty();
        }
    }

    private static List<String> ofAnother(
            ProductionServer production, List<Alteration> batch, Path folder, Programs programs) throws Exception {
        List<String> complaints = new ArrayList<>();
        try (ProductionServer other = OddDatabase.server(programs)) {
            OddDatabase.create(other, "odd", programs.major());
            try (Session session = new Session(other.connect("odd"))) {
                session.execute("set default_transaction_read_only = off");
                apply(batch, session, complaints);
            }
            Path client = DamagingClient.make(
                    folder.resolve("client"), programs, """
                    for argument do
                        shift
                        case $argument in --snapshot=*) ;; *) set -- "$@" "$argument" ;; esac
                    done
                    PGHOST=%s PGPORT=%s PGPASSWORD=%s
                    export PGHOST PGPORT PGPASSWORD
                    dump "$@"
                    """.formatted(other.host(), other.port(), other.password()));
            VerificationReport report = VerificationRun.of(production, "odd", folder)
                    .with("comparison", "content")
                    .client(client)
                    .run();
            if (!report.problemText().isEmpty()) {
                complaints.add(report.problemText());
            }
            Set<String> failed = report.failedChecks().stream().map(Check::name).collect(Collectors.toSet());
            for (Alteration alteration : batch) {
                if (failed.stream().noneMatch(alteration::isNamed) && !failed.contains(instead(alteration))) {
                    complaints.add("Not noticed: " + alteration);
                }
            }
        }
        return complaints;
    }

    /** pg_dump leaves out an invalid index, so the archive lacks it completely. */
    private static String instead(Alteration alteration) {
        String object = alteration.objects().get(0);
        return object.endsWith(" valid") ? object.substring(0, object.length() - " valid".length()) : object;
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
