package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksumsTest {

    @Test
    void lists_every_file_but_itself_as_sha256sum_does(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("b.txt"), "abc");
        Files.createDirectory(folder.resolve("a"));
        Files.writeString(folder.resolve("a/empty"), "");
        Files.writeString(folder.resolve("SHA256SUMS"), "of the run before");

        assertThat(Checksums.of(folder, Sha256::of)).isEqualTo("""
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a/empty
                ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b.txt
                """);
    }
}
