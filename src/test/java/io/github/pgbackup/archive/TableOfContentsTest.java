package io.github.pgbackup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.github.pgbackup.CannotVerifyException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TableOfContentsTest {

    private static final String REMEDY =
            " Take the backup again; the archive is not as pg_dump wrote it. See docs/archives.md#damaged-archives.";

    @TempDir
    Path directory;

    @Test
    void what_pg_dump_15_wrote_is_read() throws IOException {
        TableOfContents contents = read(realContents());

        assertThat(contents.archiveVersion()).isEqualTo("1.14");
        assertThat(contents.format()).isEqualTo(ArchiveFormat.DIRECTORY);
        assertThat(contents.compression()).isEqualTo(Compression.Method.GZIP);
        assertThat(contents.databaseName()).isEqualTo("shop");
        assertThat(contents.encoding()).isEqualTo("UTF8");
        assertThat(contents.serverVersion()).startsWith("15.18");
        assertThat(contents.dumpVersion()).startsWith("15.18");
        assertThat(contents.entries())
                .extracting(Entry::object)
                .contains("ENCODING ENCODING", "POLICY app.orders tenant");
        Entry data = contents.entries().stream()
                .filter(Entry::isTableData)
                .filter(entry -> entry.tag().equals("Order\n\"Items%.ü"))
                .findFirst()
                .orElseThrow();
        assertThat(data.hasData()).isTrue();
        assertThat(data.section()).isEqualTo(Entry.Section.DATA);
        assertThat(data.schema()).isEqualTo("public");
        assertThat(data.owner()).isEqualTo("postgres");
        assertThat(data.copyStatement()).isEqualTo("COPY public.\"Order\n\"\"Items%.ü\" (id, order_id) FROM stdin;\n");
        assertThat(data.dataFile()).isEqualTo(data.dumpId() + ".dat");
        assertThat(data.dependencies()).hasSize(1);
        Entry table = contents.entry(data.dependencies().get(0)).orElseThrow();
        assertThat(table.description()).isEqualTo("TABLE");
        assertThat(table.tableAccessMethod()).isEqualTo("heap");
        assertThat(table.tableOid()).isEqualTo(1259);
        assertThat(table.relationKind()).isEmpty();
    }

    @Test
    void a_truncated_table_of_contents_is_corrupt() throws IOException {
        byte[] real = realContents();
        for (int length = 0; length < real.length; length++) {
            byte[] cut = Arrays.copyOf(real, length);
            assertThatThrownBy(() -> read(cut))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(CannotVerifyException.class)
                    .hasMessageStartingWith("The table of contents of the archive toc.dat is corrupt at byte ")
                    .hasMessageEndingWith(REMEDY);
        }
    }

    @Test
    void a_flipped_byte_is_read_or_rejected_but_never_breaks_the_reader() throws IOException {
        byte[] real = realContents();
        int refused = 0;
        for (int i = 0; i < real.length; i++) {
            for (int mask : new int[] {0x01, 0x80, 0xFF}) {
                byte[] flipped = real.clone();
                flipped[i] ^= (byte) mask;
                try {
                    read(flipped);
                } catch (CannotVerifyException e) {
                    refused++;
                } catch (RuntimeException | OutOfMemoryError e) {
                    fail("byte %d, mask %x".formatted(i, mask), e);
                }
            }
        }
        assertThat(refused).isGreaterThan(real.length / 2);
    }

    @Test
    void a_length_beyond_the_file_is_reported_with_its_position() {
        byte[] archive = new Writer(14)
                .header(0)
                .integer(1)
                .integer(7)
                .integer(1)
                .integer(1_000_000)
                .bytes();
        assertThatThrownBy(() -> read(archive))
                .hasMessage("The table of contents of the archive toc.dat is corrupt at byte " + archive.length
                        + ": expected an OID that ends within the file." + REMEDY);
    }

    @Test
    void a_wrong_length_within_a_huge_file_costs_no_memory() {
        byte[] archive = new Writer(14)
                .header(0)
                .integer(1)
                .integer(7)
                .integer(1)
                .integer(Integer.MAX_VALUE)
                .bytes();
        assertThatThrownBy(() -> new TableOfContentsReader(
                                new ByteArrayInputStream(archive),
                                Path.of("toc.dat"),
                                1L << 40,
                                ArchiveFormat.DIRECTORY)
                        .read())
                .hasMessage("The table of contents of the archive toc.dat is corrupt at byte " + archive.length
                        + ": expected an OID of 16777216 bytes at most." + REMEDY);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 14, 15, 16})
    void each_known_version_is_read(int version) {
        byte[] archive = new Writer(version)
                .header(1)
                .integer(1)
                .entry("TABLE", "t", "CREATE TABLE t ();\n")
                .bytes();

        TableOfContents contents = read(archive);

        assertThat(contents.archiveVersion()).isEqualTo("1." + version);
        assertThat(contents.compression()).isEqualTo(Compression.Method.GZIP);
        assertThat(contents.entries())
                .containsExactly(new Entry(
                        7,
                        true,
                        1259,
                        4_000_000_000L,
                        "t",
                        "TABLE",
                        Entry.Section.PRE_DATA,
                        "CREATE TABLE t ();\n",
                        "",
                        "app",
                        "",
                        version < 14 ? "" : "heap",
                        version < 16 ? "" : "r",
                        "owner",
                        List.of(3, 5),
                        "7.dat"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 11, 17})
    void an_unknown_version_is_named(int version) {
        byte[] archive = new Writer(version).header(1).bytes();
        assertThatThrownBy(() -> read(archive))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage("The archive toc.dat has format version 1." + version + "; this plugin reads 1.12 to 1.16."
                        + " Use a pg_dump of PostgreSQL 13 to 19, or a newer release of this plugin.");
    }

    @Test
    void names_are_in_the_encoding_of_the_database() {
        Writer writer = new Writer(14);
        writer.charset = StandardCharsets.ISO_8859_1;
        byte[] archive = writer.header(0)
                .integer(2)
                .entry("ENCODING", "ENCODING", "SET client_encoding = 'LATIN1';\n")
                .entry(8, "TABLE", "bücher", "")
                .bytes();

        TableOfContents contents = read(archive);

        assertThat(contents.entries().get(1).tag()).isEqualTo("bücher");
        assertThat(contents.databaseName()).isEqualTo("datenbänk");
        assertThat(contents.charset()).isEqualTo(StandardCharsets.ISO_8859_1);
    }

    @Test
    void an_encoding_that_java_lacks_is_named() {
        byte[] archive = new Writer(14)
                .header(0)
                .integer(1)
                .entry("ENCODING", "ENCODING", "SET client_encoding = 'MULE_INTERNAL';\n")
                .bytes();
        assertThatThrownBy(() -> read(archive))
                .hasMessage(
                        "The archive toc.dat has the encoding MULE_INTERNAL, which Java cannot read. Only databases in"
                                + " an encoding that Java supports can be verified; UTF8 is the safe choice.");
    }

    @Test
    void two_entries_with_one_dump_id_are_rejected() {
        byte[] archive = new Writer(14)
                .header(0)
                .integer(2)
                .entry("TABLE", "t", "")
                .entry("TABLE", "u", "")
                .bytes();
        assertThatThrownBy(() -> read(archive))
                .hasMessageContaining("expected a dump id other than 7, which an earlier entry has.");
    }

    @Test
    void a_file_that_is_not_an_archive_is_rejected() throws IOException {
        Path script = Files.writeString(directory.resolve("dump.sql"), "-- PostgreSQL database dump");
        assertThatThrownBy(() -> TableOfContents.read(script))
                .hasMessage("The table of contents of the archive " + script
                        + " is corrupt at byte 1: expected the magic PGDMP of an archive." + REMEDY);
    }

    @Test
    void a_directory_without_a_table_of_contents_is_rejected() {
        assertThatThrownBy(() -> TableOfContents.read(directory))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage("The table of contents of the archive " + directory.resolve("toc.dat")
                        + " cannot be read: " + directory.resolve("toc.dat") + " does not exist."
                        + REMEDY);
    }

    private static TableOfContents read(byte[] archive) {
        try {
            return new TableOfContentsReader(
                            new ByteArrayInputStream(archive),
                            Path.of("toc.dat"),
                            archive.length,
                            ArchiveFormat.DIRECTORY)
                    .read();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Written by pg_dump 15.18 for a small database with odd names. */
    private static byte[] realContents() throws IOException {
        try (InputStream in = TableOfContentsTest.class.getResourceAsStream("/archive/toc-1.14.dat")) {
            return in.readAllBytes();
        }
    }

    /** Writes in the format of pg_backup_archiver.c. */
    private static final class Writer {

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final int version;
        private Charset charset = StandardCharsets.UTF_8;

        Writer(int version) {
            this.version = version;
        }

        Writer header(int compression) {
            out.writeBytes("PGDMP".getBytes(StandardCharsets.US_ASCII));
            out.writeBytes(new byte[] {1, (byte) version, 0, 4, 8, 3});
            if (version < 15) {
                integer(compression == 0 ? 0 : -1);
            } else {
                out.write(compression);
            }
            for (int i = 0; i < 7; i++) {
                integer(1);
            }
            return text("datenbänk").text("15.18").text("15.18");
        }

        Writer entry(String description, String tag, String definition) {
            return entry(7, description, tag, definition);
        }

        Writer entry(int dumpId, String description, String tag, String definition) {
            integer(dumpId)
                    .integer(1)
                    .text("1259")
                    .text("4000000000")
                    .text(tag)
                    .text(description)
                    .integer(2);
            text(definition).text("DROP TABLE t;\n").text(null).text("app").text("");
            if (version >= 14) {
                text("heap");
            }
            if (version >= 16) {
                integer('r');
            }
            return text("owner").text("false").text("3").text("5").text(null).text("7.dat");
        }

        Writer text(@Nullable String text) {
            if (text == null) {
                return integer(-1);
            }
            byte[] bytes = text.getBytes(charset);
            integer(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        Writer integer(int value) {
            out.write(value < 0 ? 1 : 0);
            int magnitude = Math.abs(value);
            for (int i = 0; i < 4; i++) {
                out.write(magnitude >>> (8 * i));
            }
            return this;
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
