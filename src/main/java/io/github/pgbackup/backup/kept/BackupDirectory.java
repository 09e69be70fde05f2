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
 * The directory for backups. A run first writes its backup to a hidden directory inside it, which only the owner can
 * read, and renames the files when all of them are complete. The next run deletes what a killed run has left there.
 * Nothing else is touched.
 */
public final class BackupDirectory implements AutoCloseable {

    private static final String PREFIX = ".take-backup-";

    /** The lock is held as long as the run lasts: if it can be taken, the run has ended. */
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
     * Creates the directory, readable only by its owner, unless it exists.
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

    /** The path of a file with this name until it is complete. */
    public Path unfinished(String name) {
        return unfinished.resolve(name);
    }

    /**
     * Renames complete files, in the given order: either all of them or none. By then they are on the disk, and only
     * their owner can read them.
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
                    "The backup was not kept: " + e.getFile() + " already exists, and nothing is overwritten.",
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

    /** Restricts the permissions of files that the user's own program has created, and flushes them. */
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

    /** Flushes a file or directory, so that it survives a power failure. Not every system can open a directory. */
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

    /** Deletes the unfinished files. */
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
