package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.Sha256;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Archives that were truncated, or changed in one byte, before the run: they never pass. */
final class DamagedGivenArchiveIT {

    private static final Programs PROGRAMS = Programs.ofMajor(17);
    private static final int PLACES = 20;

    @TempDir
    static Path backups;

    @TempDir
    Path directory;

    /** Nearly all of the archive consists of rows, so a position in its second half is in the rows. */
    @BeforeAll
    static void back_up() throws Exception {
        try (ProductionServer production = ProductionServer.start(PROGRAMS.bin())) {
            production.createDatabase("shop");
            production.execute("shop", """
                    create table orders (id int primary key, note text);
                    insert into orders select i, md5(i::text) || md5((-i)::text) from generate_series(1, 3000) i;
                    create table customers (id int primary key, name text);
                    insert into customers select i, md5((i * 13)::text) from generate_series(1, 500) i;
                    select lo_from_bytea(900, decode(repeat(md5('large'), 200), 'hex'));
                    """);
            Archives archives = new Archives(PROGRAMS.bin(), production);
            archives.dump("shop", backups.resolve("gzip.dump"), "-Fc", "-Z1");
            archives.dump("shop", backups.resolve("none.dump"), "-Fc", "-Z0");
            archives.dump("shop", backups.resolve("lz4.dump"), "-Fc", "-Zlz4");
            archives.dump("shop", backups.resolve("zstd.dump"), "-Fc", "-Zzstd");
            archives.dump("shop", backups.resolve("shop.tar"), "-Ft");
            archives.dump("shop", backups.resolve("shop.dir"), "-Fd", "-Z1");
        }
        Archives.tar(backups.resolve("shop.dir"));
        Path none = backups.resolve("none.dump");
        Archives.pack(none, ".gz", "gzip", "-c");
        Archives.pack(none, ".xz", "xz", "-c");
        Archives.pack(none, ".bz2", "bzip2", "-c");
        Archives.pack(none, ".zst", "zstd", "-c");
        Archives.pack(none, ".lz4", "lz4", "-c");
    }

    static List<String> files() {
        return List.of(
                "gzip.dump",
                "none.dump",
                "lz4.dump",
                "zstd.dump",
                "shop.tar",
                "shop.dir.tar",
                "none.dump.gz",
                "none.dump.xz",
                "none.dump.bz2",
                "none.dump.zst",
                "none.dump.lz4");
    }

    /** The formats with their own checksums for every byte of the rows. */
    static List<String> withCheckSums() {
        return List.of("gzip.dump", "none.dump.gz", "none.dump.xz", "none.dump.bz2", "none.dump.zst", "none.dump.lz4");
    }

    private Path damaged(String file, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(file), bytes);
    }

    private void requireNotGreen(Path archive, String what) {
        VerificationReport report =
                VerificationRun.ofArchive(archive, "shop", directory).run();
        assertThat(report.verdict()).as(what).isNotEqualTo(Verdict.PASS);
        assertThat(report.problemText()).as(what).doesNotContain("Unexpected error");
    }

    private static byte[] flipped(byte[] bytes, int place) {
        byte[] flipped = bytes.clone();
        flipped[place] ^= 0x10;
        return flipped;
    }

    /** The control: the undamaged archives must pass. */
    @ParameterizedTest
    @MethodSource("files")
    void an_undamaged_archive_passes(String file) {
        VerificationReport report = VerificationRun.ofArchive(backups.resolve(file), "shop", directory)
                .run();
        assertThat(report.verdict()).as(report.problemText()).isEqualTo(Verdict.PASS);
    }

    @ParameterizedTest
    @MethodSource("files")
    void a_truncated_archive_never_passes(String file) throws Exception {
        byte[] whole = Files.readAllBytes(backups.resolve(file));
        List<Integer> lengths = new ArrayList<>(Stream.of(0, 1, 50, 90, 99)
                .map(percent -> (int) ((long) whole.length * percent / 100))
                .toList());
        lengths.add(whole.length - 1);
        for (int length : lengths) {
            requireNotGreen(
                    damaged(file, Arrays.copyOf(whole, length)), file + " cut to " + length + " of " + whole.length);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void with_a_hash_a_flipped_byte_never_passes(String file) throws Exception {
        byte[] whole = Files.readAllBytes(backups.resolve(file));
        Files.writeString(directory.resolve(file + ".sha256"), Sha256.of(backups.resolve(file)) + "  " + file + "\n");
        for (int place = 0; place < PLACES; place++) {
            int at = (int) ((long) (whole.length - 1) * place / (PLACES - 1));
            requireNotGreen(damaged(file, flipped(whole, at)), file + " flipped at " + at);
        }
    }

    /** The last byte of bzip2 has up to seven unused bits. */
    @ParameterizedTest
    @MethodSource("withCheckSums")
    void without_a_hash_a_flipped_byte_in_rows_with_checksums_never_passes(String file) throws Exception {
        byte[] whole = Files.readAllBytes(backups.resolve(file));
        for (int place = 0; place < PLACES; place++) {
            int at = whole.length / 2 + (int) ((long) (whole.length / 2 - 1) * place / (PLACES - 1));
            Path damaged = damaged(file, flipped(whole, at));
            if (!file.equals("none.dump.bz2") || !Archives.unpacksTo(damaged, backups.resolve("none.dump"), "bzip2")) {
                requireNotGreen(damaged, file + " flipped at " + at);
            }
        }
    }

    @Test
    void a_directory_with_a_damaged_member_never_passes() throws Exception {
        Path whole = backups.resolve("shop.dir");
        an_undamaged_archive_passes("shop.dir");
        List<Path> members;
        try (Stream<Path> list = Files.list(whole)) {
            members = list.sorted().toList();
        }
        for (Path member : members) {
            byte[] bytes = Files.readAllBytes(member);
            List<byte[]> changes = new ArrayList<>(List.of(new byte[0], Arrays.copyOf(bytes, bytes.length - 1)));
            if (member.toString().endsWith(".gz")) {
                changes.add(Arrays.copyOf(bytes, bytes.length / 2));
                changes.add(flipped(bytes, bytes.length / 2));
                changes.add(flipped(bytes, bytes.length - 1));
            }
            for (byte[] change : changes) {
                Path copy = copy(whole);
                Files.write(copy.resolve(member.getFileName()), change);
                requireNotGreen(copy, member.getFileName() + " with " + change.length + " bytes");
                EvidenceFolder.delete(copy);
            }
            Path copy = copy(whole);
            Files.delete(copy.resolve(member.getFileName()));
            requireNotGreen(copy, member.getFileName() + " gone");
            EvidenceFolder.delete(copy);
        }
    }

    private Path copy(Path archive) throws IOException {
        Path copy = Files.createDirectory(directory.resolve("copy.dir"));
        try (Stream<Path> members = Files.list(archive)) {
            for (Path member : members.toList()) {
                Files.copy(member, copy.resolve(member.getFileName()));
            }
        }
        return copy;
    }
}
