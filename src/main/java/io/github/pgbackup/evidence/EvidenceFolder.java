package io.github.pgbackup.evidence;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.HashedFile;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.Sha256;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder that a run writes to. It is emptied when the run begins, and locked against a second run until it ends.
 * Only the owner can read what contains production data.
 */
public final class EvidenceFolder implements AutoCloseable {

    /** The entries that a run writes; a folder with any other entry is not emptied. */
    private static final Set<String> OURS =
            Stream.of(EvidenceFile.values()).map(EvidenceFile::topmost).collect(Collectors.toUnmodifiableSet());

    private static final int LONGEST_NAME = 60;

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Path root;
    private final FileChannel lockChannel;
    private final FileLock lock;
    private final Map<Path, HashedFile> hashed = new ConcurrentHashMap<>();

    private EvidenceFolder(Path root, FileChannel lockChannel, FileLock lock) {
        this.root = root;
        this.lockChannel = lockChannel;
        this.lock = lock;
    }

    /**
     * Locks and empties the folder, and creates it if necessary.
     *
     * @throws CannotVerifyException when it cannot be written, contains other files, or another run is using it
     */
    public static EvidenceFolder prepare(Path folder) {
        return locked(folder, true);
    }

    @SuppressWarnings("resource") // closed by close()
    private static EvidenceFolder locked(Path folder, boolean emptied) {
        Path root = folder.toAbsolutePath().normalize();
        FileChannel channel = null;
        try {
            Path parent = root.getParent();
            if (parent == null) {
                throw new CannotVerifyException(
                        "The evidence folder cannot be " + root + ".", Remedy.NAME_A_FOLDER_FOR_EVIDENCE_ALONE);
            }
            Files.createDirectories(parent);
            channel = FileChannel.open(
                    parent.resolve("." + root.getFileName() + ".lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new CannotVerifyException(
                        "Another run is writing its evidence to " + root + ".", Remedy.WAIT_FOR_THE_OTHER_RUN);
            }
            EvidenceFolder evidence = new EvidenceFolder(root, channel, lock);
            if (emptied) {
                evidence.empty();
            }
            return evidence;
        } catch (IOException e) {
            close(channel);
            throw cannotWrite(root, e);
        } catch (CannotVerifyException e) {
            close(channel);
            throw e;
        }
    }

    /**
     * Locks a folder that a run of this build has written, in order to write to it again.
     *
     * @throws CannotVerifyException when another run is using it
     */
    public static EvidenceFolder reopen(Path folder) {
        return locked(folder, false);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // another thread of this Maven: mvn -T
        }
    }

    private static CannotVerifyException cannotWrite(Path root, IOException e) {
        return new CannotVerifyException(
                "The evidence folder " + root + " cannot be written: " + CannotVerifyException.reason(e) + ".",
                Remedy.NAME_A_FOLDER_FOR_EVIDENCE_ALONE,
                e);
    }

    /** Deletes the files of a run, before another attempt. */
    public void emptyAgain() {
        try {
            empty();
        } catch (IOException e) {
            throw cannotWrite(root, e);
        }
    }

    private void empty() throws IOException {
        Files.createDirectories(root);
        List<Path> children;
        try (Stream<Path> list = Files.list(root)) {
            children = list.toList();
        }
        for (Path child : children) {
            if (!OURS.contains(child.getFileName().toString())) {
                throw new CannotVerifyException(
                        "The evidence folder " + root + " holds '" + child.getFileName()
                                + "', which no run wrote, and is emptied when a run begins.",
                        Remedy.NAME_A_FOLDER_FOR_EVIDENCE_ALONE);
            }
        }
        for (Path child : children) {
            delete(child);
        }
        privateDirectory("dump");
        privateDirectory("logs");
        privateDirectory("schema");
        privateDirectory("probe");
    }

    private void privateDirectory(String name) throws IOException {
        Path directory = root.resolve(name);
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(directory);
        }
    }

    public Path root() {
        return root;
    }

    public Path log(String program) {
        return root.resolve("logs").resolve(program + ".log");
    }

    /** The folder of the path that {@link #unpacked} returns; it may not exist. */
    public Path unpackedFolder() {
        return root.resolve("unpacked");
    }

    /** A path that does not exist yet, for an archive that has to be unpacked; deleted when the run ends. */
    public Path unpacked() throws IOException {
        privateDirectory("unpacked");
        return unpackedFolder().resolve("archive");
    }

    /** The file that the user's programs write the archive to; deleted when the run ends. */
    public Path fetched() throws IOException {
        privateDirectory("unpacked");
        return unpackedFolder().resolve("fetched");
    }

    /** The file for the source's description while it is compared. */
    public Path description(int number) {
        return root.resolve("schema").resolve("source-" + number + ".tmp");
    }

    /** Remembers a file's hash, because it can take long to hash an archive once more. */
    public void remember(Path file, HashedFile hash) {
        hashed.put(file, hash);
    }

    /**
     * The SHA-256 of a file of this folder. A file that has not been written to since it was hashed is not read again.
     */
    public String sha256(Path file) throws IOException {
        HashedFile known = hashed.get(file);
        return known != null && known.isCurrent(file) ? known.sha256() : Sha256.of(file);
    }

    /** Writes a text that only its owner can read, because the folders of a run are private. */
    public void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
    }

    /** A file of {@code dump} or {@code schema}, named by the database and the time of the run. */
    public Path file(String directory, String database, Instant time, String suffix) {
        return root.resolve(directory).resolve(name(database, time, suffix));
    }

    /** The name of a file for a database and a time. */
    public static String name(String database, Instant time, String suffix) {
        String name = fileName(database);
        return (name.startsWith(".") ? "_" + name : name) + "_" + STAMP.format(time) + suffix;
    }

    /**
     * A database's name can contain any character except NUL. A file's name cannot, and its characters depend on the
     * locale of the JVM: with C, only ASCII. Other letters and digits are written as their UTF-8 bytes, as in a URL.
     */
    private static String fileName(String database) {
        StringBuilder name = new StringBuilder();
        for (int letter : database.codePoints().toArray()) {
            String text = Character.toString(letter);
            String part = "_";
            if (text.matches("[A-Za-z0-9._-]")) {
                part = text;
            } else if (Character.isLetterOrDigit(letter)) {
                part = URLEncoder.encode(text, StandardCharsets.UTF_8);
            }
            if (name.length() + part.length() > LONGEST_NAME) {
                break;
            }
            name.append(part);
        }
        return name.toString();
    }

    /** A path relative to the folder, with slashes. */
    public String relative(Path path) {
        return root.relativize(path).toString().replace('\\', '/');
    }

    /** Deletes a file, or a directory with all its contents. */
    public static void delete(Path path) throws IOException {
        try {
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                        throws IOException {
                    if (failure != null) {
                        throw failure;
                    }
                    Files.delete(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException e) {
            // already gone
        }
    }

    @Override
    public void close() {
        try {
            lock.release();
        } catch (IOException e) {
            // closing the channel releases it too
        }
        close(lockChannel);
    }

    private static void close(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // nothing was written through it
        }
    }
}
