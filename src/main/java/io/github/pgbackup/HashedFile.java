package io.github.pgbackup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;

/**
 * A file's SHA-256, and its attributes when it was hashed, which show whether it has been written to since. Where the
 * file system records when a file's status changed, nobody can set that time back.
 *
 * @param sha256 in lower-case hexadecimal digits
 * @param attributes size, times and, where the file system has one, the inode
 */
public record HashedFile(String sha256, Map<String, Object> attributes) {

    public HashedFile {
        attributes = Map.copyOf(attributes);
    }

    /** Hashes a file. */
    public static HashedFile of(Path file) throws IOException {
        Map<String, Object> before = attributesOf(file);
        return new HashedFile(Sha256.of(file), before);
    }

    /** Whether the file still has the attributes that it had when it was hashed. */
    public boolean isCurrent(Path file) throws IOException {
        return attributes.equals(attributesOf(file));
    }

    private static Map<String, Object> attributesOf(Path file) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return Files.readAttributes(file, "unix:size,lastModifiedTime,ctime,ino,dev");
        }
        BasicFileAttributes basic = Files.readAttributes(file, BasicFileAttributes.class);
        return Map.of(
                "size", basic.size(),
                "lastModifiedTime", basic.lastModifiedTime(),
                "fileKey", Objects.requireNonNullElse(basic.fileKey(), ""));
    }
}
