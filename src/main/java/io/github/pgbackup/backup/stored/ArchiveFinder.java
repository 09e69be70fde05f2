package io.github.pgbackup.backup.stored;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.StoredArchive;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the archive that a path, a folder or a pattern stands for. */
final class ArchiveFinder {

    private static final Pattern WILD_CARDS = Pattern.compile("[*?\\[{]");

    private ArchiveFinder() {}

    /**
     * What was found.
     *
     * @param how a sentence's end for the evidence: by its name, or of how many
     */
    record Found(Path path, String how) {}

    /** A match, and when it was last written. */
    private record Match(Path path, long modified) {}

    /**
     * Finds the file or directory with this name; in a folder that is not an archive itself, the newest archive; for a
     * pattern, the newest match. The newest is the one that was last written to.
     *
     * @throws CannotVerifyException when there is none
     */
    static Found find(String file) {
        try {
            Path path = literal(file);
            if (path != null && Files.isDirectory(path) && !StoredArchive.isOne(path)) {
                List<Path> archives = children(path, "*").stream()
                        .filter(StoredArchive::isOne)
                        .toList();
                if (archives.isEmpty()) {
                    throw new CannotVerifyException(
                            "The folder " + path + " contains no archive of pg_dump, and is not one itself.",
                            Remedy.NAME_AN_ARCHIVE_OF_PG_DUMP);
                }
                return newest(archives, "archive in " + path, "archives in " + path);
            }
            if (path != null && Files.exists(path)) {
                return new Found(path, "found by its name");
            }
            if (!WILD_CARDS.matcher(file).find()) {
                throw new CannotVerifyException(
                        "The archive " + file + " does not exist.", Remedy.NAME_AN_ARCHIVE_THAT_IS_THERE);
            }
            List<Path> matches = matches(file);
            if (matches.isEmpty()) {
                throw new CannotVerifyException(
                        "No file matches the pattern " + file + ".", Remedy.NAME_AN_ARCHIVE_THAT_IS_THERE);
            }
            return newest(matches, "match of " + file, "that match " + file);
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "Cannot search for the archive " + file + ": " + CannotVerifyException.reason(e) + ".",
                    Remedy.NAME_AN_ARCHIVE_THAT_IS_THERE,
                    e);
        }
    }

    private static @Nullable Path literal(String file) {
        try {
            return Path.of(file).normalize();
        } catch (InvalidPathException e) {
            return null; // a pattern, on a system where it is no path
        }
    }

    private static List<Path> matches(String pattern) throws IOException {
        String[] names = pattern.replace('\\', '/').split("/", -1);
        List<Path> found = List.of(Path.of(names[0] + "/"));
        for (int i = 1; i < names.length; i++) {
            List<Path> next = new ArrayList<>();
            for (Path folder : found) {
                if (!WILD_CARDS.matcher(names[i]).find()) {
                    next.add(folder.resolve(names[i]));
                } else if (Files.isDirectory(folder)) {
                    next.addAll(children(folder, names[i]));
                }
            }
            found = next;
        }
        return found.stream().filter(Files::exists).toList();
    }

    /** The children of a folder without hidden files, which a shell's patterns do not match either. */
    private static List<Path> children(Path folder, String pattern) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, pattern)) {
            for (Path child : stream) {
                if (!child.getFileName().toString().startsWith(".")) {
                    children.add(child);
                }
            }
        }
        return children;
    }

    /** The newest of the paths. A link such as {@code directus-latest.dump} does not count as a separate match. */
    private static Found newest(List<Path> paths, String only, String several) throws IOException {
        List<Match> matches = new ArrayList<>();
        Set<Path> seen = new HashSet<>();
        for (Path path : paths) {
            Path real = path.toRealPath();
            if (seen.add(real)) {
                matches.add(new Match(real, lastWritten(real)));
            }
        }
        Path newest = matches.stream()
                .max(Comparator.comparingLong(Match::modified)
                        .thenComparing(match -> match.path().toString()))
                .orElseThrow()
                .path();
        return new Found(
                newest, matches.size() == 1 ? "the only " + only : "the newest of " + matches.size() + " " + several);
    }

    /**
     * When a file was last written to; for a directory archive, its last member, because pg_dump writes the table of
     * contents at the end.
     */
    private static long lastWritten(Path path) throws IOException {
        Path contents = path.resolve("toc.dat");
        return Files.getLastModifiedTime(Files.exists(contents) ? contents : path)
                .toMillis();
    }
}
