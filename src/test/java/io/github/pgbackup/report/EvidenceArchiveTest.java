package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.plan.Proof;
import io.github.pgbackup.signature.Keys;
import io.github.pgbackup.signature.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EvidenceArchiveTest {

    private static final SigningKey KEY = Keys.signing();

    @TempDir
    private Path directory;

    private Path folder;
    private Path zip;

    @BeforeEach
    void writeEvidence() throws IOException {
        folder = directory.resolve("evidence");
        zip = directory.resolve("target/app-1-backup-evidence.zip");
        Files.createDirectories(folder.resolve("probe"));
        Files.createDirectories(folder.resolve("dump"));
        Files.writeString(folder.resolve("dump/directus_20261123T220754Z.dump"), "a row of production");
        Files.writeString(folder.resolve("dump/directus_20261123T220754Z.roles.sql"), "a role of production");
        Evidence.write(Reports.withoutArchiveKept(Reports.passed()), folder, KEY);
    }

    @Test
    void the_zip_contains_everything_except_archive_and_roles() throws IOException {
        EvidenceArchive.write(folder, zip);

        try (ZipFile file = new ZipFile(zip.toFile())) {
            assertThat(file.stream().map(ZipEntry::getName))
                    .containsExactly(
                            "SHA256SUMS",
                            "SUMMARY.txt",
                            "TEST-verify-backup.xml",
                            "index.html",
                            "probe/after.json",
                            "probe/before.json",
                            "verification.intoto.jsonl",
                            "verification.json");
        }
    }

    @Test
    void the_same_evidence_makes_the_same_bytes() throws IOException {
        EvidenceArchive.write(folder, zip);
        EvidenceArchive.write(folder, directory.resolve("again.zip"));

        assertThat(zip).hasSameBinaryContentAs(directory.resolve("again.zip"));
    }

    /** The evidence that the release unpacks. */
    @Test
    void unpacked_evidence_passes_the_check_if_no_archive_is_required() throws IOException {
        EvidenceArchive.write(folder, zip);
        Path unpacked = directory.resolve("unpacked");
        try (ZipFile file = new ZipFile(zip.toFile())) {
            for (ZipEntry entry : file.stream().toList()) {
                Path target = unpacked.resolve(entry.getName());
                Files.createDirectories(target.getParent());
                Files.copy(file.getInputStream(entry), target);
            }
        }

        assertThat(check(unpacked, false)).isEmpty();
        assertThat(check(unpacked, true))
                .contains("dump/directus_20261123T220754Z.dump is listed in SHA256SUMS but missing.");
    }

    private static List<String> check(Path folder, boolean requireArchive) {
        return EvidenceCheck.of(
                        EvidencePlans.of(
                                "directus",
                                null,
                                Reports.SHA256,
                                "",
                                new Proof(List.of(KEY.publicKey()), requireArchive, null)),
                        folder,
                        Instant.parse("2026-11-23T22:10:00Z"))
                .problems();
    }

    @Test
    void missing_or_incomplete_evidence_is_not_attached() throws IOException {
        assertThatThrownBy(() -> EvidenceArchive.write(directory.resolve("nowhere"), zip))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessageStartingWith("There is no evidence to attach: " + directory.resolve("nowhere")
                        + "/verification.json is missing. Run verify-backup first, ");

        Files.writeString(folder.resolve("note.txt"), "x");
        assertThatThrownBy(() -> EvidenceArchive.write(folder, zip))
                .hasMessage("The evidence in " + folder + " is not as the run wrote it: note.txt is not listed in"
                        + " SHA256SUMS. Copy the folder as the run left it, or run verify-backup again.");
        assertThat(zip).doesNotExist();
    }
}
