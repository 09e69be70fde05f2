package io.github.pgbackup.postgres;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Creates files that only their owner can read, from the first moment: they may contain production data. */
public final class OwnerOnly {

    private OwnerOnly() {}

    /** The attributes of a new file: mode 0600, or none if the file system does not support modes. */
    public static FileAttribute<?>[] file() {
        return mode("rw-------");
    }

    /** The attributes of a new directory: mode 0700, or none if the file system does not support modes. */
    public static FileAttribute<?>[] directory() {
        return mode("rwx------");
    }

    /** Opens a file for appending, and creates it if it does not exist. */
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
