package io.github.pgbackup.postgres;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files that nobody but their owner may read, from the moment they exist: they may hold production data. */
public final class OwnerOnly {

    private OwnerOnly() {}

    /** The attributes to create a file with: mode 0600, or none where the file system does not know modes. */
    public static FileAttribute<?>[] file() {
        return mode("rw-------");
    }

    /** The attributes to create a directory with: mode 0700, or none where the file system does not know modes. */
    public static FileAttribute<?>[] directory() {
        return mode("rwx------");
    }

    /** Opens a file to append to, and creates it if it is not there. */
    public static FileChannel append(Path file) throws IOException {
        return FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), file());
    }

    private static FileAttribute<?>[] mode(String permissions) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
