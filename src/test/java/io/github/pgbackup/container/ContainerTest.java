package io.github.pgbackup.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContainerTest {

    /** The size is at byte 124 of the header, the type at byte 156 (GNU tar manual, "Basic Tar Format"). */
    @Test
    void the_size_of_a_large_file_is_where_the_tar_of_busybox_finds_it(@TempDir Path directory) throws IOException {
        long size = 8L << 30;
        Path file = directory.resolve("large.dump");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(size);
        }
        ByteArrayOutputStream begin = new ByteArrayOutputStream();

        assertThatThrownBy(() -> Container.write(file, new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("only pieces are expected");
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        begin.write(bytes, offset, length);
                        throw new IOException("enough");
                    }
                }))
                .hasMessage("enough");

        ByteBuffer header = ByteBuffer.wrap(begin.toByteArray());
        assertThat((char) header.get(156)).isEqualTo('0');
        assertThat(header.get(124)).as("the mark of a binary size").isEqualTo((byte) 0x80);
        assertThat(header.getLong(128)).isEqualTo(size);
    }
}
