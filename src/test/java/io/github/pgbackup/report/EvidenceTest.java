package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvidenceTest {

    @Test
    void writes_every_rendering_and_the_checksums_of_all_at_last(@TempDir Path folder) throws IOException {
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
        assertThat(Files.readString(folder.resolve("SHA256SUMS"))).isEqualTo(Checksums.of(folder));
        assertThat(folder.resolve("index.html"))
                .content()
                .startsWith("<!DOCTYPE html>")
                .endsWith("</html>\n");
    }

    /** No half of a surrogate pair can be written as UTF-8: what a text of others holds must not cost the evidence. */
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
                        "verification.json");
    }
}
