package io.github.pgbackup.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.archive.Compression;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class DiskSpaceTest {

    private static final long MIB = 1 << 20;
    private static final Path OUTPUT = Path.of("/out");
    private static final Path WORK = Path.of("/work");

    private final DiskSpace plain = new DiskSpace(1000 * MIB, Compression.parse("none"));
    private final DiskSpace compressed = new DiskSpace(1000 * MIB, Compression.parse("gzip:1"));
    private final DiskSpace chosenLater = new DiskSpace(1000 * MIB, null);

    @Test
    void an_archive_without_compression_may_need_as_much_as_the_database() throws Exception {
        assertThat(plain.shortages(OUTPUT, disk(999), null, null))
                .singleElement()
                .satisfies(shortage -> {
                    assertThat(shortage.fact())
                            .isEqualTo(
                                    "The disk is too small: the archive may need 1000 MiB (the database has 1000 MiB),"
                                            + " but only 999 MiB are free in /out.");
                    assertThat(DiskSpace.remedy(List.of(shortage)).text())
                            .isEqualTo("Make room there, or use a larger disk: <outputDirectory>,"
                                    + " -Dpgbackup.outputDirectory. If the database is bloated or compresses well,"
                                    + " <onLittleSpace>warn (-Dpgbackup.onLittleSpace) continues.");
                });
        assertThat(plain.shortages(OUTPUT, disk(1000), null, null)).isEmpty();
    }

    @Test
    void a_compressed_archive_may_need_a_tenth_of_the_database() throws Exception {
        assertThat(compressed.shortages(OUTPUT, disk(100), null, null)).isEmpty();
        assertThat(compressed.shortages(OUTPUT, disk(99), null, null)).hasSize(1);
        assertThat(chosenLater.shortages(OUTPUT, disk(100), null, null)).isEmpty();
        assertThat(chosenLater.shortages(OUTPUT, disk(99), null, null)).hasSize(1);
    }

    @Test
    void one_disk_must_have_room_for_both() throws Exception {
        assertThat(compressed.shortages(OUTPUT, disk(1100), WORK, disk(1100))).isEmpty();
        assertThat(compressed.shortages(OUTPUT, disk(1099), WORK, disk(1099)))
                .singleElement()
                .satisfies(shortage -> assertThat(shortage.fact())
                        .isEqualTo(
                                "The disk is too small: archive and restored database together may need 1100 MiB (the"
                                        + " database has 1000 MiB), but only 1099 MiB are free in /out."));
    }

    @Test
    void the_disk_of_the_container_must_have_room_for_the_restored_database() {
        assertThat(compressed.shortages(OptionalLong.of(1000 * MIB))).isEmpty();
        assertThat(compressed.shortages(OptionalLong.empty())).isEmpty();
        assertThat(compressed.shortages(OptionalLong.of(MIB)))
                .singleElement()
                .satisfies(shortage -> assertThat(shortage.fact())
                        .isEqualTo(
                                "The disk is too small: the restored database may need 1000 MiB (the database has 1000"
                                        + " MiB), but only 1 MiB are free in the container of the throw-away server."));
    }

    @Test
    void a_disk_that_cannot_be_inspected_causes_no_shortage() {
        assertThat(compressed.shortages(Path.of("/no/such"), Path.of("/directory")))
                .isEmpty();
    }

    private static DiskSpace.Disk disk(long mebibytes) throws Exception {
        return new DiskSpace.Disk(Files.getFileStore(Path.of("").toAbsolutePath()), Long.MAX_VALUE, mebibytes * MIB);
    }

    @Test
    void for_an_archive_only_its_own_size_is_known() {
        assertThat(DiskSpace.ofArchive(1000 * MIB).shortages(OptionalLong.of(999 * MIB)))
                .singleElement()
                .extracting(DiskSpace.Shortage::fact)
                .isEqualTo(
                        "The disk is too small: the restored database may need 1000 MiB (the archive has 1000 MiB), but"
                                + " only 999 MiB are free in the container of the throw-away server.");
    }
}
