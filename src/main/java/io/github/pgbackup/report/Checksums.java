package io.github.pgbackup.report;

import io.github.pgbackup.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code SHA256SUMS}: one line a file, as {@code sha256sum} writes and checks it. */
final class Checksums {

    static final String FILE = "SHA256SUMS";

    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64}) [ *](.+)");

    private Checksums() {}

    static String of(Path folder) throws IOException {
        StringBuilder sums = new StringBuilder();
        for (String name : files(folder)) {
            sums.append(Sha256.of(folder.resolve(name)))
                    .append("  ")
                    .append(name)
                    .append('\n');
        }
        return sums.toString();
    }

    /** Every file below the folder but the list itself. */
    private static NavigableSet<String> files(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            NavigableSet<String> names = new TreeSet<>();
            tree.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .filter(name -> !name.equals(FILE))
                    .forEach(names::add);
            return names;
        }
    }

    /**
     * The sums by the files' names.
     *
     * @throws IOException also when a line is none of {@code sha256sum}'s
     */
    static SortedMap<String, String> listed(Path folder) throws IOException {
        SortedMap<String, String> sums = new TreeMap<>();
        for (String line : Files.readAllLines(folder.resolve(FILE))) {
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                throw new IOException("a line of it is not a checksum and a file's name");
            }
            sums.put(matcher.group(2), matcher.group(1));
        }
        return sums;
    }

    /** A sentence for each file that is not what the list says, is missing, or is not listed. */
    static List<String> differences(Path folder, Map<String, String> listed) throws IOException {
        List<String> differences = new ArrayList<>();
        NavigableSet<String> there = files(folder);
        for (Map.Entry<String, String> each : listed.entrySet()) {
            String name = each.getKey();
            if (!there.remove(name)) {
                differences.add(name + " is listed in " + FILE + " and is not there.");
            } else {
                String actual = Sha256.of(folder.resolve(name));
                if (!actual.equals(each.getValue())) {
                    differences.add(name + " is not the file that was listed in " + FILE + ": expected SHA-256 "
                            + each.getValue() + ", actual " + actual + ".");
                }
            }
        }
        there.forEach(name -> differences.add(name + " is not listed in " + FILE + "."));
        return differences;
    }
}
