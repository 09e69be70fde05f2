package io.github.pgbackup.report;

import io.github.pgbackup.Sha256;
import io.github.pgbackup.evidence.EvidenceFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code SHA256SUMS}: one line for each file, in the format that {@code sha256sum} writes and checks. */
final class Checksums {

    /** The prefix of the names of archive and roles, which are the only evidence that contains rows. */
    static final String DUMP = EvidenceFile.DUMP + "/";

    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64}) [ *](.+)");

    private Checksums() {}

    /** Hashes a file. */
    interface Hash {
        String of(Path file) throws IOException;
    }

    static String of(Path folder, Hash hash) throws IOException {
        StringBuilder sums = new StringBuilder();
        for (String name : files(folder)) {
            sums.append(hash.of(folder.resolve(name))).append("  ").append(name).append('\n');
        }
        return sums.toString();
    }

    /** Every file in the folder except the list itself, its signature, and files that exist only during a hand-over. */
    private static NavigableSet<String> files(Path folder) throws IOException {
        NavigableSet<String> names = names(folder, file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS));
        Stream.of(EvidenceFile.values())
                .filter(file -> file.kind() == EvidenceFile.Kind.NOT_HASHED)
                .forEach(file -> names.remove(file.toString()));
        return names;
    }

    /**
     * Links, and everything else that is neither a file nor a directory: no list can vouch for what a link leads to.
     */
    private static NavigableSet<String> others(Path folder) throws IOException {
        return names(
                folder,
                file -> !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                        && !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS));
    }

    private static NavigableSet<String> names(Path folder, Predicate<Path> which) throws IOException {
        // The path of the folder itself may contain a link.
        Path root = folder.toRealPath();
        try (Stream<Path> tree = Files.walk(root)) {
            NavigableSet<String> names = new TreeSet<>();
            tree.filter(which)
                    .map(file -> root.relativize(file).toString().replace('\\', '/'))
                    .forEach(names::add);
            return names;
        } catch (UncheckedIOException e) {
            throw e.getCause(); // the directory cannot be listed
        }
    }

    /**
     * The checksums by name of file.
     *
     * @throws IOException also if a line is not in the format of {@code sha256sum}
     */
    static SortedMap<String, String> listed(Path folder) throws IOException {
        SortedMap<String, String> sums = new TreeMap<>();
        for (String line : Files.readAllLines(EvidenceFile.CHECKSUMS.in(folder))) {
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                throw new IOException("it has a line that is not a checksum and a file name");
            }
            sums.put(matcher.group(2), matcher.group(1));
        }
        return sums;
    }

    /**
     * The listed files that must exist in evidence that may lack archive and roles: of those two, only files that do
     * exist.
     */
    static Map<String, String> there(Path folder, Map<String, String> listed) {
        Map<String, String> required = new TreeMap<>(listed);
        required.keySet().removeIf(name -> name.startsWith(DUMP) && !Files.exists(folder.resolve(name)));
        return required;
    }

    /** A sentence for each entry that does not match the list, is missing, is not listed, or is not a file. */
    static List<String> differences(Path folder, Map<String, String> listed) throws IOException {
        List<String> differences = new ArrayList<>();
        NavigableSet<String> there = files(folder);
        others(folder)
                .forEach(name -> differences.add(name + " is a link or a device, not a file; no checksum covers it."));
        for (Map.Entry<String, String> each : listed.entrySet()) {
            String name = each.getKey();
            if (!there.remove(name)) {
                differences.add(name + " is listed in " + EvidenceFile.CHECKSUMS + " but missing.");
            } else {
                String actual = Sha256.of(folder.resolve(name));
                if (!actual.equals(each.getValue())) {
                    differences.add(name + " is not as listed in " + EvidenceFile.CHECKSUMS + ": expected SHA-256 "
                            + each.getValue() + ", actual " + actual + ".");
                }
            }
        }
        there.forEach(name -> differences.add(name + " is not listed in " + EvidenceFile.CHECKSUMS + "."));
        return differences;
    }
}
