package io.github.pgbackup.disk;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Ends the run before the disk with the restored database is full: restored code can write endlessly, and other users
 * need that disk.
 */
public final class DiskWatch implements AutoCloseable {

    /** A fast disk can write 200 MB in that time. */
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private static final long GIBIBYTE = 1L << 30;

    private final Path directory;
    private final FileStore store;
    private final long floor;
    private final Consumer<String> onLittleSpace;
    private final Thread thread = new Thread(this::watch, "pgbackup disk watch");

    private DiskWatch(Path directory, FileStore store, long floor, Consumer<String> onLittleSpace) {
        this.directory = directory;
        this.store = store;
        this.floor = floor;
        this.onLittleSpace = onLittleSpace;
    }

    /**
     * Starts to watch.
     *
     * @param directory on the disk to watch
     * @param onLittleSpace receives a sentence, in the thread of the watch or of {@link #inspect}
     * @return the watch; empty when nothing is known about that disk
     */
    public static Optional<DiskWatch> start(Path directory, Consumer<String> onLittleSpace) {
        DiskSpace.Disk disk = DiskSpace.Disk.of(directory);
        if (disk == null) {
            return Optional.empty();
        }
        DiskWatch watch = new DiskWatch(directory, disk.store(), floor(disk.total(), disk.free()), onLittleSpace);
        watch.thread.setDaemon(true);
        watch.thread.start();
        return Optional.of(watch);
    }

    /**
     * The number of bytes that must stay free: a fiftieth of the disk, but no more than 1 GiB, and no more than a tenth
     * of the space that is free now, because a nearly full disk may still have enough room for a small database.
     */
    static long floor(long total, long free) {
        return Math.min(GIBIBYTE, Math.min(total / 50, free / 10));
    }

    private void watch() {
        try {
            while (inspect()) {
                Thread.sleep(INTERVAL.toMillis());
            }
        } catch (InterruptedException e) {
            return; // the restored database is gone
        }
    }

    /**
     * Checks the disk now, because a failure may be due to low disk space.
     *
     * @return whether there is room and the watch should continue
     */
    public boolean inspect() {
        try {
            long free = store.getUsableSpace();
            if (free >= floor) {
                return true;
            }
            onLittleSpace.accept("The disk with the restored database is filling up: " + DiskSpace.mebibytes(free)
                    + " are free in " + directory + "; at least " + DiskSpace.mebibytes(floor) + " must stay free.");
            return false;
        } catch (IOException e) {
            return false; // the disk is gone
        }
    }

    /** Stops the watch at once. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
