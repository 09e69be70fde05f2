package io.github.pgbackup.provenance;

import io.github.pgbackup.Sha256;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Files of a project, selected by patterns as in Maven: {@code *} matches any characters within a name, {@code **}
 * matches any number of directories, including none; a pattern that ends with a slash matches everything below it.
 *
 * @param directory the project's directory
 * @param skipped directories that are not searched
 */
public record FileSet(Path directory, List<String> includes, List<String> excludes, Set<Path> skipped) {

    public FileSet {
        includes = List.copyOf(includes);
        excludes = List.copyOf(excludes);
        skipped = Set.copyOf(skipped);
    }

    /**
     * The SHA-256 of each file by its path, relative to the project and with slashes.
     *
     * @throws IllegalArgumentException when a pattern is invalid, or when an include matches nothing; the message
     *     completes a sentence about the includes
     * @throws IOException when a file cannot be read
     */
    public SortedMap<String, String> hashes() throws IOException {
        List<List<PathMatcher>> wanted =
                includes.stream().map(FileSet::matchers).toList();
        List<List<PathMatcher>> unwanted =
                excludes.stream().map(FileSet::matchers).toList();
        boolean[] matched = new boolean[wanted.size()];
        SortedMap<String, String> hashes = new TreeMap<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) {
                return skipped.contains(each) || each.endsWith(".git")
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Path relative = directory.relativize(file);
                if (unwanted.stream().anyMatch(pattern -> matches(pattern, relative)) || !Files.isRegularFile(file)) {
                    return FileVisitResult.CONTINUE;
                }
                boolean included = false;
                for (int i = 0; i < matched.length; i++) {
                    boolean matches = matches(wanted.get(i), relative);
                    matched[i] |= matches;
                    included |= matches;
                }
                if (included) {
                    hashes.put(relative.toString().replace('\\', '/'), Sha256.of(file));
                }
                return FileVisitResult.CONTINUE;
            }
        });
        for (int i = 0; i < matched.length; i++) {
            if (!matched[i]) {
                throw new IllegalArgumentException(
                        "has '" + includes.get(i) + "', which matches no file below " + directory);
            }
        }
        return hashes;
    }

    private static boolean matches(List<PathMatcher> pattern, Path file) {
        return pattern.stream().anyMatch(each -> each.matches(file));
    }

    /** Java's {@code **}{@code /} requires at least one directory, so each pattern also gets a variant without it. */
    private static List<PathMatcher> matchers(String pattern) {
        String whole = pattern.endsWith("/") ? pattern + "**" : pattern;
        Stream<String> variants = Stream.of("");
        int begin = 0;
        for (int at = whole.indexOf("**/"); at >= 0; at = whole.indexOf("**/", begin)) {
            String before = whole.substring(begin, at);
            variants = variants.flatMap(each -> Stream.of(each + before, each + before + "**/"));
            begin = at + 3;
        }
        String rest = whole.substring(begin);
        return variants.map(each -> FileSystems.getDefault().getPathMatcher("glob:" + each + rest))
                .toList();
    }
}
