package io.github.pgbackup.backup.kept;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.postgres.OwnerOnly;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory that backups are kept in. A backup is made in a directory of its own inside of it, which its owner alone can
 * read and whose name begins with a dot; its files get their names when all of them are complete. What a run left there
 * that was killed, the next one deletes. Nothing else there is touched.
 */
public final class BackupDirectory implements AutoCloseable {

    private static final String PREFIX = ".take-backup-";

    /** Held for as long as the run lasts: whoever can lock it knows that the run is dead. */
    private static final String LOCK = "lock";

    private final Path directory;
    private final Path unfinished;
    private final FileChannel channel;

    private BackupDirectory(Path directory, Path unfinished, FileChannel channel) {
        this.directory = directory;
        this.unfinished = unfinished;
        this.channel = channel;
    }

    /**
     * Makes it when it is not there, for its owner alone.
     *
     * @throws CannotVerifyException when it cannot be written
     */
    @SuppressWarnings("resource") // closed by close()
    public static BackupDirectory open(Path directory) {
        try {
            if (!Files.isDirectory(directory)) {
                Path parent = directory.getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                Files.createDirectory(directory, OwnerOnly.directory());
            }
            deleteWhatTheDeadLeft(directory);
            Path unfinished = Files.createTempDirectory(directory, PREFIX, OwnerOnly.directory());
            FileChannel channel =
                    FileChannel.open(unfinished.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            channel.lock();
            return new BackupDirectory(directory, unfinished, channel);
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The directory for backups, " + directory + ", cannot be written: "
                            + CannotVerifyException.reason(e) + ".",
                    Remedy.NAME_ANOTHER_DIRECTORY_FOR_BACKUPS,
                    e);
        }
    }

    private static void deleteWhatTheDeadLeft(Path directory) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, PREFIX + "*")) {
            for (Path each : left) {
                if (isOfTheDead(each.resolve(LOCK))) {
                    EvidenceFolder.delete(each);
                }
            }
        }
    }

    private static boolean isOfTheDead(Path lock) {
        if (!Files.isRegularFile(lock, LinkOption.NOFOLLOW_LINKS)) {
            return false; // it is being made
        }
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
            @Nullable FileLock mine = channel.tryLock();
            return mine != null;
        } catch (OverlappingFileLockException | IOException e) {
            return false; // of this JVM, or of another user
        }
    }

    /** Where a file is made that will have this name. */
    public Path unfinished(String name) {
        return unfinished.resolve(name);
    }

    /**
     * Gives complete files their names, in the order in which they are given; either all of them or none. They are on the
     * disk by then, readable by their owner alone.
     *
     * @return where they are
     * @throws CannotVerifyException when that cannot be done, or there is something of one of these names
     */
    public List<Path> publish(List<String> names) {
        List<Path> published = new ArrayList<>();
        boolean complete = false;
        try {
            for (String name : names) {
                settle(unfinished.resolve(name));
                if (Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                    throw new FileAlreadyExistsException(directory.resolve(name).toString());
                }
            }
            for (String name : names) {
                published.add(Files.move(unfinished.resolve(name), directory.resolve(name)));
            }
            force(directory);
            complete = true;
            return published;
        } catch (FileAlreadyExistsException e) {
            throw new CannotVerifyException(
                    "The backup was not kept: " + e.getFile() + " is there already, and nothing is overwritten.",
                    Remedy.NAME_ANOTHER_DIRECTORY_FOR_BACKUPS,
                    e);
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The backup could not be kept in " + directory + ": " + CannotVerifyException.reason(e) + ".",
                    Remedy.NAME_ANOTHER_DIRECTORY_FOR_BACKUPS,
                    e);
        } finally {
            if (!complete) {
                takeBack(published);
            }
        }
    }

    private static void takeBack(List<Path> published) {
        for (Path each : published) {
            try {
                EvidenceFolder.delete(each);
            } catch (IOException e) {
                // The failure that is under way says more.
            }
        }
    }

    /** A program of the user's makes files by its own rules. */
    private static void settle(Path made) throws IOException {
        try (Stream<Path> files = Files.walk(made)) {
            for (Path file : files.toList()) {
                boolean isDirectory = Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
                if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                    Files.setPosixFilePermissions(
                            file, PosixFilePermissions.fromString(isDirectory ? "rwx------" : "rw-------"));
                }
                force(file);
            }
        }
    }

    /** So that it lasts through a loss of power; where a directory cannot be opened, the system has its own ways. */
    private static void force(Path written) throws IOException {
        if (Files.isDirectory(written)) {
            try (FileChannel channel = FileChannel.open(written, StandardOpenOption.READ)) {
                channel.force(true);
            } catch (IOException e) {
                return; // Windows
            }
        } else {
            try (FileChannel channel = FileChannel.open(written, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
    }

    /** Deletes what is unfinished. */
    @Override
    public void close() {
        try {
            EvidenceFolder.delete(unfinished);
            channel.close();
        } catch (IOException e) {
            // The next run deletes it.
        }
    }
}
