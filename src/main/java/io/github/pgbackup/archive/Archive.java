package io.github.pgbackup.archive;

import io.github.pgbackup.HashedFile;
import io.github.pgbackup.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A backup that pg_dump wrote, identified by its SHA-256.
 *
 * @param path the file, or the directory of the directory format
 * @param sha256 the file's hash; for a directory, the SHA-256 of a listing with a line {@code <sha256>  <name>} for
 *     each member, sorted by name: the output of {@code sha256sum *} in the C locale
 * @param size bytes of the file, or of all members together
 * @param members each member by name, as it was hashed; empty unless the format is directory
 * @param contents the archive's table of contents
 * @param parts the archives that make up one backup together; empty when this is a single archive
 */
public record Archive(
        Path path,
        String sha256,
        long size,
        SortedMap<String, HashedFile> members,
        TableOfContents contents,
        List<Part> parts) {

    public Archive {
        members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
        parts = List.copyOf(parts);
    }

    public Archive(
            Path path, String sha256, long size, SortedMap<String, HashedFile> members, TableOfContents contents) {
        this(path, sha256, size, members, contents, List.of());
    }

    /**
     * One of several archives that make up a backup.
     *
     * @param shift what was added to the dump ids of its entries to keep them unique in the combined contents
     */
    public record Part(Archive archive, int shift) {}

    /**
     * Combines several archives into one backup, for example one with the definitions and one with the rows. The result
     * has the path of the first archive and the hash of a listing of all of them.
     */
    public static Archive together(List<Archive> archives) {
        List<Part> parts = new ArrayList<>();
        int shift = 0;
        StringBuilder listing = new StringBuilder();
        for (Archive each : archives) {
            parts.add(new Part(each, shift));
            shift += 1
                    + each.contents().entries().stream()
                            .mapToInt(Entry::dumpId)
                            .max()
                            .orElse(0);
            listing.append(line(each.sha256(), each.path().getFileName().toString()));
        }
        return new Archive(
                archives.get(0).path(),
                Sha256.of(listing.toString()),
                archives.stream().mapToLong(Archive::size).sum(),
                new TreeMap<>(),
                TableOfContents.together(parts),
                parts);
    }

    /** The archives to restore, in order: this one, or each of its parts. */
    public List<Part> inParts() {
        return parts.isEmpty() ? List.of(new Part(this, 0)) : parts;
    }

    /** An archive in one file whose bytes were hashed while they were written. */
    static Archive ofFile(Path path, String sha256, long size) {
        return new Archive(path, sha256, size, new TreeMap<>(), TableOfContents.read(path));
    }

    /** A plain dump whose bytes were hashed while they were read. */
    static Archive ofPlainDump(Path path, String sha256, TableOfContents contents) throws IOException {
        return new Archive(path, sha256, Files.size(path), new TreeMap<>(), contents);
    }

    /** This archive as a backup of the database with the given name. */
    public Archive ofDatabase(String name) {
        return new Archive(path, sha256, size, members, contents.ofDatabase(name), parts);
    }

    /** An archive in the directory format, with the members that it has now. */
    static Archive ofDirectory(Path path) throws IOException {
        SortedMap<String, HashedFile> members = hashMembers(path);
        long size = 0;
        for (String member : members.keySet()) {
            size += Files.size(path.resolve(member));
        }
        return new Archive(path, hashOfListing(members), size, members, TableOfContents.read(path));
    }

    public ArchiveFormat format() {
        return contents.format();
    }

    /**
     * Like {@link #verifyUnchanged()}, but does not read a directory again if none of its members has been written to
     * since it was hashed.
     */
    public Optional<String> verifyUntouched() {
        try {
            return format() == ArchiveFormat.DIRECTORY && isUntouched() ? Optional.empty() : verifyUnchanged();
        } catch (IOException e) {
            return verifyUnchanged();
        }
    }

    private boolean isUntouched() throws IOException {
        try (Stream<Path> list = Files.list(path)) {
            if (list.count() != members.size()) {
                return false;
            }
        }
        for (Map.Entry<String, HashedFile> member : members.entrySet()) {
            if (!member.getValue().isCurrent(path.resolve(member.getKey()))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Hashes the archive again, from disk.
     *
     * @return a sentence with the path, the expected and the actual SHA-256 of the first file that has changed; empty
     *     when nothing has changed
     */
    public Optional<String> verifyUnchanged() {
        if (!parts.isEmpty()) {
            return parts.stream()
                    .flatMap(part -> part.archive().verifyUnchanged().stream())
                    .findFirst();
        }
        try {
            if (format() == ArchiveFormat.DIRECTORY) {
                return verifyMembers();
            }
            if (!Files.isRegularFile(path)) {
                return Optional.of("The archive %s is gone; expected SHA-256 %s.".formatted(path, sha256));
            }
            return verifyHash(path, sha256, Sha256.of(path));
        } catch (IOException | UncheckedIOException e) {
            return Optional.of(
                    "The archive %s cannot be read again: %s; expected SHA-256 %s.".formatted(path, e, sha256));
        }
    }

    private Optional<String> verifyMembers() throws IOException {
        if (!Files.isDirectory(path)) {
            return Optional.of("The archive %s is gone; expected SHA-256 %s.".formatted(path, sha256));
        }
        SortedMap<String, HashedFile> actual = hashMembers(path);
        for (Map.Entry<String, HashedFile> member : members.entrySet()) {
            Path file = path.resolve(member.getKey());
            String expected = member.getValue().sha256();
            HashedFile hashed = actual.remove(member.getKey());
            if (hashed == null) {
                return Optional.of("The archive's member %s is gone; expected SHA-256 %s.".formatted(file, expected));
            }
            Optional<String> changed = verifyHash(file, expected, hashed.sha256());
            if (changed.isPresent()) {
                return changed;
            }
        }
        return actual.entrySet().stream()
                .findFirst()
                .map(member -> "The archive %s has a member that pg_dump did not write: %s with SHA-256 %s."
                        .formatted(path, member.getKey(), member.getValue().sha256()));
    }

    private static Optional<String> verifyHash(Path file, String expected, String actual) {
        return actual.equals(expected)
                ? Optional.empty()
                : Optional.of("The archive %s is not what pg_dump wrote: expected SHA-256 %s, actual %s."
                        .formatted(file, expected, actual));
    }

    /** Hashes members in parallel; the caller must wait for all checksums anyway. */
    private static SortedMap<String, HashedFile> hashMembers(Path directory) throws IOException {
        List<Path> members;
        try (Stream<Path> list = Files.list(directory)) {
            members = list.toList();
        }
        try {
            return members.parallelStream()
                    .collect(Collectors.toMap(
                            member -> member.getFileName().toString(),
                            Archive::hash,
                            (one, other) -> one,
                            TreeMap::new));
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static HashedFile hash(Path member) {
        try {
            return HashedFile.of(member);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hashOfListing(SortedMap<String, HashedFile> members) {
        StringBuilder listing = new StringBuilder();
        members.forEach((name, member) -> listing.append(line(member.sha256(), name)));
        return Sha256.of(listing.toString());
    }

    private static String line(String sha256, String name) {
        return sha256 + "  " + name + "\n";
    }
}
