package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.Sha256;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives that have passed are copied to a directory that a clean build does not delete. */
final class StoredArchiveIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();
    private static final String REMEDY = "Name a writable directory outside the build's directory that has room for the"
            + " archive: <backup><directory>, -Dpgbackup.backup.directory. See docs/configuration.md#where-verified-archives-are-kept.";

    @TempDir
    private Path directory;

    @BeforeAll
    static void createDatabase() {
        PRODUCTION.createDatabase("stored");
        PRODUCTION.execute("stored", "CREATE TABLE t AS SELECT id FROM generate_series(1, 1000) id");
    }

    private VerificationRun run() {
        return VerificationRun.of(PRODUCTION, "stored", directory.resolve("evidence"))
                .with("backup.directory", directory.resolve("backups/stored").toString());
    }

    private List<String> stored() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("backups/stored"))) {
            return files.map(file -> file.getFileName().toString().replaceAll("\\d{8}T\\d{6}Z", "STAMP"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void a_passed_archive_is_copied_with_its_roles() throws Exception {
        VerificationReport report = run().run();

        assertThat(report.verdict()).as(report.problemText()).isEqualTo(Verdict.PASS);
        assertThat(stored())
                .containsExactly("stored_STAMP.dump", "stored_STAMP.dump.manifest.json", "stored_STAMP.roles.sql");
        Path archive = Path.of(
                report.acquired().archive().orElseThrow().stored().orElseThrow().archive());
        assertThat(Sha256.of(archive))
                .isEqualTo(report.acquired().archive().orElseThrow().sha256());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(archive)))
                .isEqualTo("rw-------");
        assertThat(Path.of(report.acquired()
                        .archive()
                        .orElseThrow()
                        .stored()
                        .orElseThrow()
                        .roles()))
                .exists();
        // keepArchive only concerns the archive in the evidence.
        assertThat(report.acquired().archive().orElseThrow().kept()).isTrue();
        assertThat(directory
                        .resolve("evidence/verify-backup")
                        .resolve(report.acquired().archive().orElseThrow().path()))
                .exists();
    }

    @Test
    void a_directory_archive_is_moved_if_the_original_is_not_kept() throws Exception {
        VerificationReport report = run().with("backup.format", "directory")
                .with("backup.jobs", "2")
                .with("backup.keepArchive", "never")
                .run();

        assertThat(report.verdict()).as(report.problemText()).isEqualTo(Verdict.PASS);
        assertThat(stored())
                .containsExactly("stored_STAMP.dir", "stored_STAMP.dir.manifest.json", "stored_STAMP.roles.sql");
        assertThat(Path.of(report.acquired()
                                .archive()
                                .orElseThrow()
                                .stored()
                                .orElseThrow()
                                .archive())
                        .resolve("toc.dat"))
                .exists();
        assertThat(report.acquired().archive().orElseThrow().kept()).isFalse();
        assertThat(directory
                        .resolve("evidence/verify-backup")
                        .resolve(report.acquired().archive().orElseThrow().path()))
                .doesNotExist();
    }

    @Test
    void a_failed_archive_is_not_stored() throws Exception {
        VerificationReport report = run().expect("table", "public.nowhere").run();

        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(stored()).isEmpty();
        assertThat(report.acquired().archive().orElseThrow().stored()).isEmpty();
    }

    @Test
    void existing_files_are_not_overwritten() throws Exception {
        VerificationReport report = run().onArchive(archive -> {
                    Path there = directory.resolve("backups/stored").resolve(archive.getFileName());
                    Files.writeString(there, "another's");
                })
                .run();

        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(stored()).containsExactly("stored_STAMP.dump");
        Path there = directory
                .resolve("backups/stored")
                .resolve(Path.of(report.acquired().archive().orElseThrow().path())
                        .getFileName());
        assertThat(there).hasContent("another's");
        assertThat(report.problemText())
                .isEqualTo("The archive passed every check but was not stored: " + there
                        + " already exists, and nothing is overwritten.\n" + REMEDY);
    }

    @Test
    void an_unwritable_directory_is_reported_before_production_is_queried() throws Exception {
        Files.writeString(directory.resolve("file"), "");
        Path inFile = directory.resolve("file/backups");
        VerificationReport report =
                run().with("backup.directory", inFile.toString()).run();

        assertThat(report.acquired().source()).isEmpty();
        assertThat(report.problemText())
                .startsWith("The directory for verified archives, " + inFile + ", cannot be written: ")
                .endsWith(".\n" + REMEDY);
    }

    @Test
    void a_directory_in_the_evidence_is_refused() {
        Path inside = directory.resolve("evidence/verify-backup/dump");
        VerificationReport report =
                run().with("backup.directory", inside.toString()).run();

        assertThat(report.problemText())
                .isEqualTo("The directory for verified archives is " + inside
                        + ", inside the evidence folder, which a run empties when it begins.\n" + REMEDY);
    }
}
