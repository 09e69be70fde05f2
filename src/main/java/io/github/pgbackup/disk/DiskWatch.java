package io.github.pgbackup.disk;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Ends the run before the disk with the restored copy is full: what is restored can be code that writes without end, and
 * other things live on that disk.
 */
public final class DiskWatch implements AutoCloseable {

    /** A fast disk takes 200 MB in it. */
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private static final long GIGABYTE = 1L << 30;

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
     * @param onLittleSpace is told a sentence, in another thread or that of {@link #inspect}
     * @return empty when nothing is known of that disk
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
     * What must stay free, in bytes: a fiftieth of the disk, but no more than a gigabyte, and no more than a tenth of what is
     * free now, since a disk that is nearly full already may have room enough for a small database.
     */
    static long floor(long total, long free) {
        return Math.min(GIGABYTE, Math.min(total / 50, free / 10));
    }

    private void watch() {
        try {
            while (inspect()) {
                Thread.sleep(INTERVAL.toMillis());
            }
        } catch (InterruptedException e) {
            return; // the copy has gone
        }
    }

    /**
     * Looks now, since what has just failed may have failed for want of room.
     *
     * @return whether there is room, and something to look at
     */
    public boolean inspect() {
        try {
            long free = store.getUsableSpace();
            if (free >= floor) {
                return true;
            }
            onLittleSpace.accept("The disk with the restored copy is filling up: free in " + directory + " are "
                    + DiskSpace.megabytes(free) + ", expected are at least " + DiskSpace.megabytes(floor) + ".");
            return false;
        } catch (IOException e) {
            return false; // the disk has gone
        }
    }

    /** Ends at once. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
