package io.github.pgbackup.engine.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProgramsTest {

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);

    @Test
    void links_and_execute_permissions_are_kept_and_everybody_may_read() throws Exception {
        file("./bin/postgres", 0700);
        file("share/postgres.bki", 0600);
        link("lib/libpq.so.5", "libpq.so.5.18");

        Path target = unpack();

        assertThat(permissions(target.resolve("bin/postgres"))).isEqualTo("rwxr-xr-x");
        assertThat(permissions(target.resolve("share/postgres.bki"))).isEqualTo("rw-r--r--");
        assertThat(Files.readSymbolicLink(target.resolve("lib/libpq.so.5"))).isEqualTo(Path.of("libpq.so.5.18"));
    }

    @Test
    void a_file_outside_of_the_directory_is_rejected() throws Exception {
        file("bin/../../evil", 0644);

        assertThatThrownBy(this::unpack)
                .isInstanceOf(IOException.class)
                .hasMessage("entry bin/../../evil points outside of the directory");
        assertThat(directory.resolve("evil")).doesNotExist();
    }

    @Test
    void a_link_that_points_outside_of_the_directory_is_rejected() throws Exception {
        link("lib/out", "../../elsewhere");

        assertThatThrownBy(this::unpack)
                .isInstanceOf(IOException.class)
                .hasMessage("entry lib/out points outside of the directory");
    }

    @Test
    void an_absolute_path_is_rejected() throws Exception {
        link("lib/out", "/etc/passwd");

        assertThatThrownBy(this::unpack)
                .isInstanceOf(IOException.class)
                .hasMessage("entry lib/out points outside of the directory");
    }

    @Test
    void the_published_platforms_are_named_as_their_artifacts_are() {
        assertThat(ServerPrograms.platform("Linux", "amd64", false)).isEqualTo("linux-amd64");
        assertThat(ServerPrograms.platform("Linux", "aarch64", false)).isEqualTo("linux-arm64v8");
        assertThat(ServerPrograms.platform("Linux", "amd64", true)).isEqualTo("linux-amd64-alpine");
        assertThat(ServerPrograms.platform("Mac OS X", "x86_64", false)).isEqualTo("darwin-amd64");
        assertThat(ServerPrograms.platform("Mac OS X", "aarch64", false)).isEqualTo("darwin-arm64v8");
        assertThat(ServerPrograms.platform("Linux", "s390x", false)).isEqualTo("linux-s390x");
    }

    @Test
    void each_platform_has_the_newest_release_that_was_published_for_it() {
        assertThat(ServerPrograms.published("linux-amd64", 18)).isEqualTo("18.6.0");
        assertThat(ServerPrograms.published("linux-amd64-alpine", 14)).isEqualTo("14.22.0");
        assertThat(ServerPrograms.published("linux-arm64v8", 18)).isEqualTo("18.4.0");
        assertThat(ServerPrograms.published("linux-arm64v8", 13)).isNull();
        assertThat(ServerPrograms.published("linux-amd64", 19)).isNull();
        assertThat(ServerPrograms.published("linux-s390x", 18)).isNull();
    }

    private void file(String name, int mode) throws IOException {
        byte[] content = name.getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setMode(mode);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private void link(String name, String target) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
        entry.setLinkName(target);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    private Path unpack() throws IOException {
        tar.close();
        Path target = directory.resolve("programs");
        try (TarArchiveInputStream input = new TarArchiveInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            ServerPrograms.unpack(input, target);
        }
        return target;
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
