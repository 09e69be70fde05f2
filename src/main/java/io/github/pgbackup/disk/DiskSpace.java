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
 * Whether the disks have room for archive and restored copy, by the size of the database: a disk that fills up during
 * the run is a dump for nothing, and harms what else is on that disk.
 *
 * @param database bytes of the source database, all of it: pg_database_size
 * @param compression of the archive; null for one that is chosen by the client programs
 * @param measured what has that size, in a sentence
 */
public record DiskSpace(long database, @Nullable Compression compression, String measured) {

    /** Indexes are not in an archive, and gzip rarely makes less than that of what is left. */
    private static final int SMALLEST_COMPRESSED_PART = 10;

    private static final long MEGABYTE = 1 << 20;

    public DiskSpace(long database, @Nullable Compression compression) {
        this(database, compression, "the database");
    }

    /** For an archive that is there already: what is restored of it takes no less. */
    public static DiskSpace ofArchive(long bytes) {
        return new DiskSpace(bytes, null, "the archive");
    }

    /**
     * What is too little.
     *
     * @param remedy names the setting by which another disk is used
     */
    record Shortage(String fact, Remedy remedy) {}

    static Remedy remedy(List<Shortage> shortages) {
        return Remedy.all(
                Stream.concat(shortages.stream().map(Shortage::remedy), Stream.of(Remedy.GO_ON_WITH_LITTLE_SPACE))
                        .toList());
    }

    /**
     * Says of shortages what the plan wants said.
     *
     * @return warnings
     * @throws CannotVerifyException when the run has to stop for them
     */
    public static List<String> require(List<Shortage> shortages, OnLittleSpace plan) {
        if (plan != OnLittleSpace.WARN && !shortages.isEmpty()) {
            throw new CannotVerifyException(
                    shortages.stream().map(Shortage::fact).collect(Collectors.joining(" ")), remedy(shortages));
        }
        return shortages.stream().map(Shortage::fact).toList();
    }

    /** What is known of a disk. */
    record Disk(FileStore store, long total, long free) {

        /** The disk that a directory is on; null when that, or its room, cannot be told. */
        static @Nullable Disk of(Path directory) {
            try {
                FileStore store = Files.getFileStore(directory);
                long total = store.getTotalSpace();
                // Some network file systems know no size.
                return total > 0 ? new Disk(store, total, store.getUsableSpace()) : null;
            } catch (IOException | UnsupportedOperationException | SecurityException e) {
                return null;
            }
        }
    }

    /**
     * The archive at least takes: without compression as much as the database, since text is about as long as what it
     * says; with compression nobody knows, so only what would be too little for almost any.
     */
    long archive() {
        return compression != null && compression.method() == Compression.Method.NONE
                ? database
                : database / SMALLEST_COMPRESSED_PART;
    }

    /** A copy without the source's bloat needs less, one whose indexes are being built more for a while. */
    long copy() {
        return database;
    }

    /**
     * What is too little on this machine.
     *
     * @param output where the archive goes
     * @param work where the restored copy goes; null when that is not on this machine
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
                        "archive and restored copy, on one disk,",
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
                    "the restored copy", copy(), "" + work, copyDisk.free(), Remedy.USE_A_LARGER_DISK_FOR_THE_COPY));
        }
        return shortages;
    }

    /** Whether there would be room for an archive without compression. */
    public boolean hasRoomForText(Path output, @Nullable Path work) {
        return new DiskSpace(database, Compression.parse("none"))
                .shortages(output, work)
                .isEmpty();
    }

    /** What is too little for the restored copy alone, of an archive that is there already. */
    public List<Shortage> shortages(@Nullable Path work) {
        return shortages(Path.of(""), null, work, work == null ? null : Disk.of(work));
    }

    /** What is too little where the throw-away server runs, if that is known. */
    public List<Shortage> shortages(OptionalLong freeForServer) {
        return freeForServer.isPresent() && freeForServer.getAsLong() < copy()
                ? List.of(shortage(
                        "the restored copy",
                        copy(),
                        "the container of the throw-away server",
                        freeForServer.getAsLong(),
                        Remedy.USE_A_LARGER_DISK_FOR_THE_DAEMON))
                : List.of();
    }

    private Shortage shortage(String what, long needed, String place, long free, Remedy remedy) {
        return new Shortage(
                "The disk is too small: " + what + " may need " + megabytes(needed + MEGABYTE - 1)
                        + " (" + measured + " has " + megabytes(database + MEGABYTE - 1) + "), free in " + place
                        + " are "
                        + megabytes(free) + ".",
                remedy);
    }

    static String megabytes(long bytes) {
        return bytes / MEGABYTE + " MB";
    }
}
