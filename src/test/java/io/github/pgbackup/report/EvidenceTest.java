package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.HashedFile;
import io.github.pgbackup.Sha256;
import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.VerificationReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvidenceTest {

    /** A folder with that name blocks the file, as a full disk would. */
    @Test
    void evidence_that_cannot_be_completed_does_not_say_that_the_backup_passed(@TempDir Path folder)
            throws IOException {
        Files.createDirectory(folder.resolve("index.html"));

        assertThatThrownBy(() -> Evidence.write(Reports.withChecks(), folder)).isInstanceOf(IOException.class);

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void every_file_made_from_a_report_has_exactly_one_rendering() {
        assertThat(Rendering.ALL)
                .extracting(Rendering::file)
                .containsExactlyInAnyOrderElementsOf(Stream.of(EvidenceFile.values())
                        .filter(file -> file.kind() == EvidenceFile.Kind.RENDERING)
                        .toList());
    }

    @Test
    void writes_every_rendering_and_finally_the_checksums_of_all(@TempDir Path folder) throws IOException {
        Files.createDirectory(folder.resolve("probe"));

        Evidence.write(Reports.failed(), folder);

        assertThat(Files.readAllLines(folder.resolve("SHA256SUMS")))
                .extracting(line -> line.substring(66))
                .containsExactly(
                        "SUMMARY.txt",
                        "TEST-verify-backup.xml",
                        "index.html",
                        "probe/after.json",
                        "probe/before.json",
                        "verification.json");
        assertThat(Files.readString(folder.resolve("SHA256SUMS"))).isEqualTo(Checksums.of(folder, Sha256::of));
        assertThat(folder.resolve("index.html"))
                .content()
                .startsWith("<!DOCTYPE html>")
                .endsWith("</html>\n");
    }

    /** What a run did not reach is an empty {@code Optional}, which nobody wants to read. */
    @Test
    void no_file_shows_how_java_prints_an_optional_value(@TempDir Path folder) throws IOException {
        Map<String, VerificationReport> reports = Pages.reports();
        reports.remove("fail-5000"); // it takes long, and has nothing that the others do not have
        reports.put("hostile", Reports.hostile());
        reports.put("handed over", Reports.failed().with(Reports.HAND_OVER));
        reports.put("stopped", Reports.handedOver());
        for (VerificationReport report : reports.values()) {
            for (Rendering rendering : Rendering.ALL) {
                assertThat(rendering.text().of(report, folder).orElse(""))
                        .as(rendering.file().toString())
                        .doesNotContain("Optional");
            }
        }
    }

    /** Half of a surrogate pair cannot be written as UTF-8. Such a name must not cost the evidence. */
    @Test
    void hostile_names_cost_no_file(@TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("probe"));

        Evidence.write(Reports.hostile(), folder);

        assertThat(Checksums.listed(folder).keySet())
                .containsExactly(
                        "SUMMARY.txt",
                        "TEST-verify-backup.xml",
                        "index.html",
                        "probe/after.json",
                        "probe/before.json",
                        "rehearsal.json",
                        "rehearsal.md",
                        "verification.json");
    }

    @Test
    void does_not_read_an_archive_again_that_nobody_has_written_to(@TempDir Path directory) throws Exception {
        try (EvidenceFolder folder = EvidenceFolder.prepare(directory.resolve("verify-backup"))) {
            Path untouched = Files.writeString(folder.root().resolve("dump/untouched.dump"), "abc");
            Path touched = Files.writeString(folder.root().resolve("dump/touched.dump"), "abc");
            Path replaced = Files.writeString(folder.root().resolve("dump/replaced.dump"), "abc");
            Path other = Files.writeString(directory.resolve("other"), "abd");
            FileTime written = Files.getLastModifiedTime(replaced);
            for (Path file : List.of(untouched, touched, replaced)) {
                folder.remember(
                        file, new HashedFile("0".repeat(64), HashedFile.of(file).attributes()));
            }
            Thread.sleep(20); // longer than a tick of the clock of files
            Files.writeString(touched, "abd");
            Files.setLastModifiedTime(touched, written);
            Files.setLastModifiedTime(other, written);
            Files.move(other, replaced, StandardCopyOption.REPLACE_EXISTING);

            Evidence.write(Reports.failed(), folder, null);

            assertThat(Checksums.listed(folder.root()))
                    .containsEntry("dump/untouched.dump", "0".repeat(64))
                    .containsEntry("dump/touched.dump", Sha256.of("abd"))
                    .containsEntry("dump/replaced.dump", Sha256.of("abd"));
        }
    }
}
