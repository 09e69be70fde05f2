package io.github.pgbackup.run;

import static io.github.pgbackup.run.VerificationRun.assertPassed;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.plan.Tag;
import io.github.pgbackup.plan.Xml;
import io.github.pgbackup.report.ConsoleText;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.DirectusScenario;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Existing archives, verified without a source: their server is down. */
final class GivenArchiveIT {

    private static final Programs PROGRAMS = Programs.ofMajor(15);

    /** The check before the migration, as in the example projects. */
    private static final String EXPECTATIONS = """
            <expectations>
              <table><name>cutter_governance.canonical_address_alias</name></table>
              <column><name>public.tac_logical_unit.authority</name>
                <values><value><is>draft</is><rows>86</rows></value></values></column>
              <column><name>public.tac_logical_unit.canonical_address_format_version</name>
                <values><value><is>canonical-address-v1</is><rows>86</rows></value></values></column>
              <column><name>sandbox_tac.logical_unit.authority</name><nulls>76</nulls></column>
              <column><name>sandbox_tac.logical_unit.canonical_address_format_version</name>
                <values><value><is>canonical-address-v1</is><rows>76</rows></value></values></column>
            </expectations>""";

    @TempDir
    static Path backups;

    @TempDir
    Path directory;

    @BeforeAll
    static void back_up() throws Exception {
        try (ProductionServer production = ProductionServer.start(PROGRAMS.bin(), "workflow_admin")) {
            Archives archives = new Archives(PROGRAMS.bin(), production);
            DirectusScenario.createBeforeMigration(production, "directus");
            archives.dump("directus", backups.resolve("before.dump"), "-Fc");
            production.load("directus", "scenario/directus-migration.sql");
            archives.dump("directus", backups.resolve("after.dump"), "-Fc");
            archives.dump("directus", backups.resolve("after.dir"), "-Fd");
            archives.dump("directus", backups.resolve("after.tar"), "-Ft");
            archives.globals(backups.resolve("globals.sql"));
        }
    }

    private VerificationRun run(Object archive) {
        return VerificationRun.ofArchive(archive, "directus", directory);
    }

    private static Tag expectations() throws Exception {
        return Xml.tag(EXPECTATIONS);
    }

    @Test
    void the_archive_before_the_migration_fails_and_names_what_it_lacks() throws Exception {
        VerificationReport report =
                run(backups.resolve("before.dump")).expect(expectations()).run();

        assertThat(report.problemText()).isEmpty();
        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(report.failedChecks().stream().map(Check::name).map(name -> name.replaceFirst(":.*", "")))
                .containsOnly(
                        "table cutter_governance.canonical_address_alias",
                        "column public.tac_logical_unit.authority",
                        "column public.tac_logical_unit.canonical_address_format_version",
                        "column sandbox_tac.logical_unit.authority",
                        "column sandbox_tac.logical_unit.canonical_address_format_version");
        assertThat(report.acquired().source()).isEmpty();
        assertThat(report.acquired().production()).isEmpty();
    }

    @Test
    void the_archive_after_the_migration_passes_and_says_that_it_was_compared_with_nothing() throws Exception {
        VerificationReport report = run(backups.resolve("after.dump"))
                .with("archive.roles", backups.resolve("globals.sql").toString())
                .with("identity.database", "directus")
                .with("identity.serverVersion", "[15,16)")
                .expect(expectations())
                .run();

        assertPassed(report);
        assertThat(ConsoleText.afterVerdict(report)).endsWith(" expectations; nothing to compare with");
        assertThat(ConsoleText.below(report)).startsWith("  baseline none, restored as archived: ");
        assertThat(report.checked().comparison().orElseThrow().baseline()).isEqualTo("none");
        assertThat(report.checked().comparison().orElseThrow().rows()).isGreaterThan(160);
        assertThat(report.restored().errors()).isEmpty();
        assertThat(report.acquired().given().orElseThrow().form()).isEqualTo("custom");
    }

    @Test
    void every_format_passes_as_it_is_and_packed() throws Exception {
        Path custom = backups.resolve("after.dump");
        Path directoryArchive = backups.resolve("after.dir");
        Path tar = backups.resolve("after.tar");
        List<Path> archives = List.of(
                directoryArchive,
                tar,
                Archives.tar(directoryArchive),
                Archives.pack(custom, ".gz", "gzip", "-c"),
                Archives.pack(custom, ".xz", "xz", "-c"),
                Archives.pack(custom, ".bz2", "bzip2", "-c"),
                Archives.pack(custom, ".zst", "zstd", "-c"),
                Archives.pack(custom, ".lz4", "lz4", "-c"),
                Archives.pack(tar, ".zst", "zstd", "-c", "--long=30"));
        List<String> forms = List.of(
                "directory",
                "tar",
                "directory in tar",
                "custom in gzip",
                "custom in xz",
                "custom in bzip2",
                "custom in zstd",
                "custom in lz4",
                "tar in zstd");

        for (int i = 0; i < archives.size(); i++) {
            VerificationReport report = run(archives.get(i)).run();

            assertPassed(report);
            assertThat(report.acquired().given().orElseThrow().form()).isEqualTo(forms.get(i));
            assertThat(report.acquired().archive().orElseThrow().path())
                    .isEqualTo(archives.get(i).toString());
            assertThat(report.acquired().archive().orElseThrow().kept()).isTrue();
            assertThat(directory.resolve("verify-backup/unpacked")).doesNotExist();
        }
        assertThat(Files.exists(custom)).isTrue();
    }

    @Test
    void the_archive_is_also_restored_in_a_container() throws Exception {
        Docker.require(15);
        for (String archive : List.of("after.dump", "after.dir", "after.tar")) {
            VerificationReport report = run(backups.resolve(archive))
                    .with("restore.engine", "container")
                    .expect(expectations())
                    .run();

            assertPassed(report);
            assertThat(report.restored().target().orElseThrow().engine()).isEqualTo("container");
            String container =
                    report.restored().target().orElseThrow().isolation().get("container");
            // Other classes have containers at the same time.
            assertThat(container).startsWith("pgbackup-");
            assertThat(Docker.containers(container.replaceFirst(",.*", ""))).isEmpty();
        }
    }

    @Test
    void the_archive_may_be_in_a_read_only_folder() throws Exception {
        Path readOnly = Files.createDirectory(directory.resolve("read-only"));
        Path archive = Files.copy(backups.resolve("after.dump"), readOnly.resolve("after.dump"));
        Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("r--------"));
        Files.setPosixFilePermissions(readOnly, PosixFilePermissions.fromString("r-x------"));
        try {
            assertPassed(run(archive).run());
        } finally {
            Files.setPosixFilePermissions(readOnly, PosixFilePermissions.fromString("rwx------"));
        }
    }
}
