package io.github.pgbackup.backup.kept;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.Sha256;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.ArchiveFormat;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.manifest.ManifestFile;
import io.github.pgbackup.postgres.OwnerOnly;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The directory for archives that have passed, outside the directories that {@code mvn clean} deletes. A file with the
 * name of an archive is complete: it is first written as {@code .NAME.partial} and then renamed. Two runs that would
 * write the same archive use the same partial name, so the second one is refused. No file is ever overwritten.
 *
 * @param directory made if it is not there
 * @param ended whether the run has to end
 */
public record ArchiveStore(Path directory, BooleanSupplier ended) {

    /**
     * Creates the directory before the first query to production.
     *
     * @param evidence the folder that the next run empties
     * @throws CannotVerifyException when nothing can be written there, or it is inside of the evidence
     */
    public void prepare(Path evidence) {
        if (directory.startsWith(evidence)) {
            throw new CannotVerifyException(
                    "The directory for verified archives is " + directory + ", inside the evidence folder, which a run"
                            + " empties when it begins.",
                    Remedy.NAME_ANOTHER_DIRECTORY_FOR_ARCHIVES);
        }
        try {
            Files.createDirectories(directory, OwnerOnly.directory());
            Files.delete(Files.createTempFile(directory, ".", ".probe", OwnerOnly.file()));
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The directory for verified archives, " + directory + ", cannot be written: "
                            + CannotVerifyException.reason(e) + ".",
                    Remedy.NAME_ANOTHER_DIRECTORY_FOR_ARCHIVES,
                    e);
        }
    }

    /**
     * Copies archive, roles and manifest under their own names, the archive last.
     *
     * @throws CannotVerifyException when they cannot be copied, the copy is not what it should be, or there is
     *     something of that name; then nothing of them is left there
     * @throws InterruptedException when the run has to end meanwhile
     */
    public VerificationReport.Stored store(Archive archive, Path roles) throws InterruptedException {
        Path storedArchive = directory.resolve(archive.path().getFileName());
        Path storedRoles = directory.resolve(roles.getFileName());
        Path manifest = ManifestFile.of(archive.path());
        Path storedManifest = ManifestFile.of(storedArchive);
        try {
            requireFree(storedArchive);
            requireFree(storedRoles);
            requireFree(storedManifest);
            List<Path> copied = new ArrayList<>();
            boolean complete = false;
            try {
                copyFile(roles, storedRoles, Sha256.of(roles));
                copied.add(storedRoles);
                copyFile(manifest, storedManifest, Sha256.of(manifest));
                copied.add(storedManifest);
                if (archive.format() == ArchiveFormat.DIRECTORY) {
                    copyDirectory(archive, storedArchive);
                } else {
                    copyFile(archive.path(), storedArchive, archive.sha256());
                }
                complete = true;
            } finally {
                if (!complete) {
                    for (Path copy : copied) {
                        Files.deleteIfExists(copy);
                    }
                }
            }
            return new VerificationReport.Stored(
                    storedArchive.toString(), storedRoles.toString(), storedManifest.toString());
        } catch (InterruptedIOException e) {
            throw new InterruptedException();
        } catch (FileAlreadyExistsException e) {
            throw new CannotVerifyException(
                    "The archive passed every check but was not stored: " + e.getFile()
                            + " already exists, and nothing is overwritten.",
                    Remedy.NAME_ANOTHER_DIRECTORY_FOR_ARCHIVES,
                    e);
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The archive passed every check but could not be stored in " + directory + ": "
                            + CannotVerifyException.reason(e) + ".",
                    Remedy.NAME_ANOTHER_DIRECTORY_FOR_ARCHIVES,
                    e);
        }
    }

    private static void requireFree(Path file) throws FileAlreadyExistsException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(file.toString());
        }
    }

    private static Path partial(Path target) {
        return target.resolveSibling("." + target.getFileName() + ".partial");
    }

    private void copyFile(Path from, Path target, String sha256) throws IOException {
        Path partial = partial(target);
        boolean mine = false;
        try {
            Files.createFile(partial, OwnerOnly.file());
            mine = true;
            write(from, partial, sha256);
            // Without REPLACE_EXISTING.
            Files.move(partial, target);
            force(directory);
            mine = false;
        } finally {
            if (mine) {
                Files.deleteIfExists(partial);
            }
        }
    }

    private void copyDirectory(Archive archive, Path target) throws IOException {
        Path partial = partial(target);
        boolean mine = false;
        try {
            Files.createDirectory(partial, OwnerOnly.directory());
            mine = true;
            for (var member : archive.members().entrySet()) {
                Path copy = Files.createFile(partial.resolve(member.getKey()), OwnerOnly.file());
                write(
                        archive.path().resolve(member.getKey()),
                        copy,
                        member.getValue().sha256());
            }
            force(partial);
            requireFree(target);
            Files.move(partial, target);
            force(directory);
            mine = false;
        } finally {
            if (mine) {
                EvidenceFolder.delete(partial);
            }
        }
    }

    /**
     * Copies a file, flushes the copy to the disk and reads it again, because this copy will be restored in an
     * emergency.
     */
    private void write(Path from, Path to, String sha256) throws IOException {
        byte[] buffer = new byte[1 << 17];
        try (InputStream in = Files.newInputStream(from);
                FileChannel out = FileChannel.open(to, EnumSet.of(StandardOpenOption.WRITE))) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (ended.getAsBoolean()) {
                    throw new InterruptedIOException();
                }
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
            }
            out.force(true);
        }
        String actual = Sha256.of(to);
        if (!actual.equals(sha256)) {
            throw new IOException("the copy " + to + " has the SHA-256 " + actual + ", and the original " + sha256);
        }
    }

    /** Flushes a directory, so that its names survive a power failure. Not every system can open a directory. */
    private static void force(Path written) {
        try (FileChannel channel = FileChannel.open(written, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows
        }
    }
}
