package io.github.pgbackup.disk;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.Compression;
import io.github.pgbackup.plan.OnLittleSpace;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether the disks have room for the archive and the restored database, by the size of the source database. If
 * a disk fills up during the run, the dump was useless, and other users of that disk suffer.
 *
 * @param database the size of the whole source database in bytes, from pg_database_size
 * @param compression the compression of the archive; null if the client programs choose it
 * @param measured what has that size, for a sentence
 */
public record DiskSpace(long database, @Nullable Compression compression, String measured) {

    /** An archive contains no indexes, and gzip rarely compresses the rest to less than this fraction. */
    private static final int SMALLEST_COMPRESSED_PART = 10;

    private static final long MEBIBYTE = 1 << 20;

    public DiskSpace(long database, @Nullable Compression compression) {
        this(database, compression, "the database");
    }

    /** For an existing archive: the restored database takes at least as much space. */
    public static DiskSpace ofArchive(long bytes) {
        return new DiskSpace(bytes, null, "the archive");
    }

    /**
     * A shortage of disk space.
     *
     * @param remedy names the setting that selects another disk
     */
    record Shortage(String fact, Remedy remedy) {}

    static Remedy remedy(List<Shortage> shortages) {
        return Remedy.all(
                Stream.concat(shortages.stream().map(Shortage::remedy), Stream.of(Remedy.GO_ON_WITH_LITTLE_SPACE))
                        .toList());
    }

    /**
     * Handles shortages as the plan demands.
     *
     * @return warnings
     * @throws CannotVerifyException when the plan demands that the run stop
     */
    public static List<String> require(List<Shortage> shortages, OnLittleSpace plan) {
        if (plan != OnLittleSpace.WARN && !shortages.isEmpty()) {
            throw new CannotVerifyException(
                    shortages.stream().map(Shortage::fact).collect(Collectors.joining(" ")), remedy(shortages));
        }
        return shortages.stream().map(Shortage::fact).toList();
    }

    /** Total and free space of a disk. */
    record Disk(FileStore store, long total, long free) {

        /** The disk that a directory is on; null when the disk or its space cannot be determined. */
        static @Nullable Disk of(Path directory) {
            try {
                FileStore store = Files.getFileStore(directory);
                long total = store.getTotalSpace();
                // Some network file systems report no size.
                return total > 0 ? new Disk(store, total, store.getUsableSpace()) : null;
            } catch (IOException | UnsupportedOperationException | SecurityException e) {
                return null;
            }
        }
    }

    /**
     * The minimum size of the archive. Without compression it is as large as the database, because text takes about as
     * much space as the values. With compression it is unknown, so this is a size that almost every archive exceeds.
     */
    long archive() {
        return compression != null && compression.method() == Compression.Method.NONE
                ? database
                : database / SMALLEST_COMPRESSED_PART;
    }

    /** A restored database without the source's bloat needs less; while its indexes are built, it needs more. */
    long copy() {
        return database;
    }

    /**
     * The shortages on this machine.
     *
     * @param output the directory for the archive
     * @param work the directory for the restored database; null when it is not on this machine
     */
    public List<Shortage> shortages(Path output, @Nullable Path work) {
        return shortages(output, Disk.of(output), work, work == null ? null : Disk.of(work));
    }

    public List<Shortage> shortages(
            Path output, @Nullable Disk archiveDisk, @Nullable Path work, @Nullable Disk copyDisk) {
        List<Shortage> shortages = new ArrayList<>();
        if (archiveDisk != null && copyDisk != null && archiveDisk.store().equals(copyDisk.store())) {
            if (archiveDisk.free() < archive() + copy()) {
                shortages.add(shortage(
                        "archive and restored database together",
                        archive() + copy(),
                        "" + output,
                        archiveDisk.free(),
                        Remedy.USE_A_LARGER_DISK_FOR_THE_COPY));
            }
            return shortages;
        }
        if (archiveDisk != null && archiveDisk.free() < archive()) {
            shortages.add(shortage(
                    "the archive",
                    archive(),
                    "" + output,
                    archiveDisk.free(),
                    Remedy.USE_A_LARGER_DISK_FOR_THE_ARCHIVE));
        }
        if (copyDisk != null && copyDisk.free() < copy()) {
            shortages.add(shortage(
                    "the restored database",
                    copy(),
                    "" + work,
                    copyDisk.free(),
                    Remedy.USE_A_LARGER_DISK_FOR_THE_COPY));
        }
        return shortages;
    }

    /** Whether there is room for an archive without compression. */
    public boolean hasRoomForText(Path output, @Nullable Path work) {
        return new DiskSpace(database, Compression.parse("none"))
                .shortages(output, work)
                .isEmpty();
    }

    /** The shortage for the restored database alone, for an existing archive. */
    public List<Shortage> shortages(@Nullable Path work) {
        return shortages(Path.of(""), null, work, work == null ? null : Disk.of(work));
    }

    /** The shortage on the machine of the throw-away server, if its free space is known. */
    public List<Shortage> shortages(OptionalLong freeForServer) {
        return freeForServer.isPresent() && freeForServer.getAsLong() < copy()
                ? List.of(shortage(
                        "the restored database",
                        copy(),
                        "the container of the throw-away server",
                        freeForServer.getAsLong(),
                        Remedy.USE_A_LARGER_DISK_FOR_THE_DAEMON))
                : List.of();
    }

    private Shortage shortage(String what, long needed, String place, long free, Remedy remedy) {
        return new Shortage(
                "The disk is too small: " + what + " may need " + mebibytes(needed + MEBIBYTE - 1)
                        + " (" + measured + " has " + mebibytes(database + MEBIBYTE - 1) + "), but only "
                        + mebibytes(free) + " are free in " + place + ".",
                remedy);
    }

    static String mebibytes(long bytes) {
        return bytes / MEBIBYTE + " MiB";
    }
}
