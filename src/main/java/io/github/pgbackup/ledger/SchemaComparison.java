package io.github.pgbackup.ledger;

import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableOfContents;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The archive's entries against the entries of the restored database, dumped by the same client: every object, its
 * definition, owner, tablespace and access method.
 *
 * @param compared entries compared, by kind
 * @param differences what is not the same
 * @param notes what is not the same and means nothing
 */
public record SchemaComparison(Map<String, Integer> compared, List<Difference> differences, List<String> notes) {

    /** Entries of data; what they hold is compared by rows, sequences and large objects. */
    private static final Set<String> DATA = Set.of(
            "TABLE DATA",
            "SEQUENCE SET",
            "MATERIALIZED VIEW DATA",
            "BLOB",
            "BLOBS",
            "BLOB METADATA",
            "BLOB COMMENTS",
            "STATISTICS DATA",
            "EXTENDED STATISTICS DATA");

    private static final Set<String> PRIVILEGES = Set.of("ACL", "DEFAULT ACL");

    public SchemaComparison {
        compared = new TreeMap<>(compared);
        differences = List.copyOf(differences);
        notes = List.copyOf(notes);
    }

    /** How many entries were compared. */
    public int size() {
        return compared.values().stream().mapToInt(Integer::intValue).sum();
    }

    /**
     * Compares two tables of contents.
     *
     * @param archive the backup's
     * @param restored that of a schema-only dump of the restored database
     * @param withRoles whether owners and privileges were restored and so are compared
     */
    public static SchemaComparison of(TableOfContents archive, TableOfContents restored, boolean withRoles) {
        return of(archive, restored, withRoles, Map.of());
    }

    /**
     * Compares once more, to tell what PostgreSQL only prints in another way from what is another object: it doesn't
     * print every expression as it read it, so a second dump says {@code ARRAY[('a'::character varying)::text]} where
     * the first one said {@code (ARRAY['a'::character varying])::text[]}.
     *
     * @param reprinted that of a schema-only dump of a database made from the archive's definitions alone
     * @param failed dump ids of the entries that pg_restore reported an error for, which would fail there too
     */
    public static SchemaComparison of(
            TableOfContents archive,
            TableOfContents restored,
            boolean withRoles,
            TableOfContents reprinted,
            Set<Integer> failed) {
        Map<String, List<Entry>> trusted = byObject(reprinted, withRoles);
        archive.entries().stream()
                .filter(entry -> failed.contains(entry.dumpId()))
                .forEach(entry -> trusted.remove(entry.object()));
        return of(archive, restored, withRoles, trusted);
    }

    private static SchemaComparison of(
            TableOfContents archive, TableOfContents restored, boolean withRoles, Map<String, List<Entry>> reprinted) {
        Map<String, List<Entry>> expected = byObject(archive, withRoles);
        Map<String, List<Entry>> actual = byObject(restored, withRoles);
        Map<String, Integer> compared = new TreeMap<>();
        List<Difference> differences = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        expected.forEach((object, entries) -> {
            compared.merge(entries.get(0).description(), entries.size(), Integer::sum);
            List<Entry> others = actual.getOrDefault(object, List.of());
            if (!same(entries, others, withRoles)
                    && same(reprinted.getOrDefault(object, List.of()), others, withRoles)) {
                notes.add(object + ": the same definition, which PostgreSQL prints in another way");
            } else {
                compare(object, entries, others, withRoles, differences, notes);
            }
        });
        actual.forEach((object, entries) -> {
            if (expected.containsKey(object)) {
                return;
            }
            if (same(reprinted.getOrDefault(object, List.of()), entries, withRoles)) {
                notes.add(object + ": an entry of its own, which the source's major version has within another");
            } else {
                entries.forEach(
                        entry -> differences.add(new Difference(object, "not in the backup", summary(entry), null)));
            }
        });
        return new SchemaComparison(compared, differences, notes);
    }

    private static boolean same(List<Entry> entries, List<Entry> others, boolean withRoles) {
        return !entries.isEmpty()
                && entries.size() == others.size()
                && IntStream.range(0, entries.size())
                        .allMatch(i -> facts(entries.get(i), withRoles).equals(facts(others.get(i), withRoles)));
    }

    /** Kind, schema and tag do not name an overloaded or nameless object, so that there can be several of a name. */
    private static Map<String, List<Entry>> byObject(TableOfContents contents, boolean withRoles) {
        return contents.entries().stream()
                .filter(entry -> !DATA.contains(entry.description()))
                .filter(entry -> !entry.tag().startsWith("LARGE OBJECT"))
                .filter(entry -> withRoles || !PRIVILEGES.contains(entry.description()))
                .collect(Collectors.groupingBy(Entry::object, LinkedHashMap::new, Collectors.toList()));
    }

    private static void compare(
            String object,
            List<Entry> expected,
            List<Entry> actual,
            boolean withRoles,
            List<Difference> differences,
            List<String> notes) {
        List<Entry> left = new ArrayList<>(actual);
        List<Entry> unmatched = new ArrayList<>();
        for (Entry entry : expected) {
            if (!left.removeIf(sameOnce(entry, withRoles))) {
                unmatched.add(entry);
            }
        }
        for (Entry entry : unmatched) {
            if (left.isEmpty()) {
                differences.add(new Difference(object, summary(entry), "missing", entry.dumpId()));
                continue;
            }
            Entry other = left.remove(0);
            if (sameButForColumnOrder(entry, other, withRoles)) {
                notes.add(object + ": the same columns in another order");
            } else {
                differences.add(changed(object, entry, other, withRoles));
            }
        }
        left.forEach(entry -> differences.add(new Difference(object, "not in the backup", summary(entry), null)));
    }

    private static Predicate<Entry> sameOnce(Entry entry, boolean withRoles) {
        boolean[] found = {false};
        return other -> {
            if (found[0] || !facts(entry, withRoles).equals(facts(other, withRoles))) {
                return false;
            }
            found[0] = true;
            return true;
        };
    }

    /** What two entries must have in common to be the same object. */
    private static Map<String, String> facts(Entry entry, boolean withRoles) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("definition", definition(entry));
        facts.put("owner", withRoles ? entry.owner() : "");
        facts.put("tablespace", entry.tablespace());
        facts.put("access method", entry.tableAccessMethod());
        return facts;
    }

    /** Grants are a set; the order in which they were made is of no effect. */
    private static String definition(Entry entry) {
        String definition = entry.definition().strip();
        if (entry.description().equals("DATABASE")) {
            return definition.replace(" LOCALE_PROVIDER = libc", ""); // the only one that there was before 15
        }
        return PRIVILEGES.contains(entry.description())
                ? Arrays.stream(definition.split("\n", -1)).sorted().collect(Collectors.joining("\n"))
                : definition;
    }

    /** Columns of an inheritance child or an attached partition come out in another order (PostgreSQL adds them so). */
    private static boolean sameButForColumnOrder(Entry entry, Entry other, boolean withRoles) {
        if (!entry.description().equals("TABLE")) {
            return false;
        }
        Map<String, String> facts = facts(entry, withRoles);
        Map<String, String> otherFacts = facts(other, withRoles);
        facts.remove("definition");
        otherFacts.remove("definition");
        return facts.equals(otherFacts) && sortedLines(entry.definition()).equals(sortedLines(other.definition()));
    }

    /** pg_dump writes a column a line. */
    private static List<String> sortedLines(String definition) {
        return withoutCommas(lines(definition)).stream().sorted().toList();
    }

    private static List<String> withoutCommas(List<String> lines) {
        return lines.stream().map(line -> line.replaceAll(",$", "")).toList();
    }

    private static Difference changed(String object, Entry entry, Entry other, boolean withRoles) {
        Map<String, String> expected = facts(entry, withRoles);
        Map<String, String> actual = facts(other, withRoles);
        for (String fact : List.of("owner", "tablespace", "access method")) {
            String before = expected.getOrDefault(fact, "");
            String after = actual.getOrDefault(fact, "");
            if (!before.equals(after)) {
                return new Difference(object, fact + " " + before, fact + " " + after, entry.dumpId());
            }
        }
        List<String> before = lines(definition(entry));
        List<String> after = lines(definition(other));
        if (entry.description().equals("TABLE")) {
            // Another last column moves the commas, which is not what was changed.
            before = withoutCommas(before);
            after = withoutCommas(after);
        }
        List<String> lost = without(before, after);
        List<String> added = without(after, before);
        return new Difference(
                object,
                lost.isEmpty() ? "nothing more" : String.join("\n", lost),
                added.isEmpty() ? "nothing more" : String.join("\n", added),
                entry.dumpId());
    }

    private static List<String> lines(String definition) {
        return Stream.of(definition.split("\n", -1)).map(String::strip).toList();
    }

    private static List<String> without(List<String> lines, List<String> others) {
        List<String> left = new ArrayList<>(lines);
        others.forEach(left::remove);
        return left;
    }

    /** The definition where it is short, else its first line and that more follows: {@code CREATE TABLE orders (…)}. */
    private static String summary(Entry entry) {
        List<String> lines = lines(entry.definition()).stream()
                .filter(line -> !line.isEmpty() && !line.startsWith("--"))
                .toList();
        if (lines.isEmpty()) {
            return entry.object();
        }
        String first = lines.get(0);
        return lines.size() <= 2 ? String.join(" ", lines) : first + (first.endsWith("(") ? "…)" : " …");
    }
}
