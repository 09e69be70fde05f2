package io.github.pgbackup.comparison;

import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.comparison.DatabaseObservations.SequenceObservation;
import io.github.pgbackup.text.Counted;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Compares an archive with the database that was restored from it: whether each object in the table of contents exists,
 * and whether there are as many rows, sequence values and large objects as in the archive. Objects are found by name,
 * because OIDs change in a restore.
 *
 * @param compared number of objects by kind
 * @param rows number of rows in the archive, by the table that holds them in the restored database
 * @param differences what the archive contains and the restored database does not
 * @param notes what the archive does not contain
 */
public record ArchiveComparison(
        Map<String, Integer> compared, Map<TableName, Long> rows, List<Difference> differences, List<String> notes) {

    /** Objects that a new server already has, so that an error on creating them again is harmless. */
    private static final Set<String> OF_THE_SERVER =
            Set.of("DATABASE", "SCHEMA", "EXTENSION", "PROCEDURAL LANGUAGE", "FK CONSTRAINT");

    /** Kinds whose tag begins with the name of the table; before 11, pg_dump omitted it for some. */
    private static final Set<String> PARTS_OF_A_TABLE =
            Set.of("CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT", "DEFAULT", "TRIGGER", "RULE", "POLICY");

    /** The kinds of objects that the queries of {@link SourceCatalog} return. */
    static final Set<String> OBJECTS = Set.of(
            "ACCESS METHOD",
            "AGGREGATE",
            "CAST",
            "CHECK CONSTRAINT",
            "COLLATION",
            "CONSTRAINT",
            "CONVERSION",
            "DATABASE",
            "DATABASE PROPERTIES",
            "DEFAULT",
            "DEFAULT ACL",
            "DOMAIN",
            "EVENT TRIGGER",
            "EXTENSION",
            "FK CONSTRAINT",
            "FOREIGN DATA WRAPPER",
            "FOREIGN TABLE",
            "FUNCTION",
            "INDEX",
            "INDEX ATTACH",
            "MATERIALIZED VIEW",
            "OPERATOR",
            "OPERATOR CLASS",
            "OPERATOR FAMILY",
            "POLICY",
            "PROCEDURAL LANGUAGE",
            "PROCEDURE",
            "PUBLICATION",
            "PUBLICATION TABLE",
            "PUBLICATION TABLES IN SCHEMA",
            "ROW SECURITY",
            "RULE",
            "SCHEMA",
            "SEQUENCE",
            "SERVER",
            "STATISTICS",
            "SUBSCRIPTION",
            "TABLE",
            "TABLE ATTACH",
            "TEXT SEARCH CONFIGURATION",
            "TEXT SEARCH DICTIONARY",
            "TEXT SEARCH PARSER",
            "TEXT SEARCH TEMPLATE",
            "TRANSFORM",
            "TRIGGER",
            "TYPE",
            "USER MAPPING",
            "VIEW");

    private static final Set<String> WITH_ARGUMENTS = Set.of("FUNCTION", "AGGREGATE", "PROCEDURE");

    private static final Pattern SETVAL =
            Pattern.compile("setval\\('.*', (-?\\d+), (true|false)\\);\\s*", Pattern.DOTALL);

    /** Maximum number of names in a sentence. */
    private static final int MAX_NAMES = 10;

    public ArchiveComparison {
        compared = new TreeMap<>(compared);
        rows = new TreeMap<>(rows);
        differences = List.copyOf(differences);
        notes = List.copyOf(notes);
    }

    /**
     * Compares the two.
     *
     * @param rowsInArchive by the entry that holds them
     * @param restored the catalogs of the restored database
     * @param observations of its tables, sequences and large objects
     */
    public static ArchiveComparison of(
            TableOfContents archive,
            Map<Entry, Long> rowsInArchive,
            SourceCatalog restored,
            DatabaseObservations observations) {
        Comparer comparer = new Comparer(archive);
        comparer.objects(restored);
        comparer.rows(rowsInArchive, observations);
        comparer.sequences(observations.sequences());
        comparer.largeObjects(observations.largeObjects().count());
        return new ArchiveComparison(comparer.compared, comparer.rows, comparer.differences, comparer.notes);
    }

    /** Whether an error about an entry is harmless, because the server already had the object. */
    public boolean survives(Entry entry) {
        return OF_THE_SERVER.contains(entry.description());
    }

    private static final class Comparer {

        private final TableOfContents archive;
        private final Map<String, Integer> compared = new TreeMap<>();
        private final Map<TableName, Long> rows = new TreeMap<>();
        private final List<Difference> differences = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();

        Comparer(TableOfContents archive) {
            this.archive = archive;
        }

        void objects(SourceCatalog restored) {
            Set<String> names = new HashSet<>();
            restored.objects().forEach(object -> names.addAll(names(object.kind(), object.schema(), object.tag())));
            for (Entry entry : archive.entries()) {
                if (!OBJECTS.contains(entry.description()) || entry.definition().isBlank() || isOfInitdb(entry)) {
                    continue;
                }
                compared.merge(entry.description(), 1, Integer::sum);
                if (names(entry.description(), entry.schema(), entry.tag()).stream()
                        .noneMatch(names::contains)) {
                    differences.add(new Difference(
                            entry.object(), "in archive and restored database", "in the archive only", entry.dumpId()));
                }
            }
        }

        /** Before 11, pg_dump writes it for every database; here, it is not an object of the user's. */
        private boolean isOfInitdb(Entry entry) {
            return dumpMajor() < 11 && entry.object().equals("EXTENSION plpgsql");
        }

        /** The full name, and for pg_dump before 11 the shorter names that it may have written instead. */
        private Set<String> names(String kind, String schema, String tag) {
            Set<String> names = new HashSet<>();
            names.add(written(kind + " " + schema + " " + tag));
            if (dumpMajor() < 11) {
                if (PARTS_OF_A_TABLE.contains(kind)) {
                    for (int blank = tag.indexOf(' '); blank >= 0; blank = tag.indexOf(' ', blank + 1)) {
                        names.add(kind + " " + schema + " " + tag.substring(blank + 1));
                    }
                } else if (WITH_ARGUMENTS.contains(kind) && tag.indexOf('(') > 0) {
                    names.add(kind + " " + schema + " " + tag.substring(0, tag.indexOf('(')));
                }
            }
            return names;
        }

        /** The name as a comment in a plain dump contains it: with a blank for each line break. */
        private String written(String name) {
            return archive.isOfAPlainDump() ? name.replace('\n', ' ').replace('\r', ' ') : name;
        }

        private TableName written(TableName name) {
            return new TableName(written(name.schema()), written(name.table()));
        }

        private int dumpMajor() {
            return Integer.parseInt(archive.dumpVersion().split("\\D", 2)[0]);
        }

        /**
         * Compares the numbers of rows. For a table that is hash partitioned by an enum, it counts the whole table,
         * because a restore may put rows into other partitions.
         */
        void rows(Map<Entry, Long> inArchive, DatabaseObservations observations) {
            Map<TableName, Entry> data = new TreeMap<>();
            inArchive.keySet().forEach(entry -> data.put(written(new TableName(entry.schema(), entry.tag())), entry));
            Set<TableName> withoutRows = new TreeSet<>();
            observations.tables().forEach((name, observation) -> {
                List<Entry> entries = Objects.requireNonNull(
                                observations.leaves().get(name))
                        .stream()
                        .map(this::written)
                        .filter(data::containsKey)
                        .map(data::remove)
                        .map(Objects::requireNonNull)
                        .toList();
                long expected = entries.stream()
                        .mapToLong(entry -> Objects.requireNonNull(inArchive.get(entry)))
                        .sum();
                if (entries.isEmpty()) {
                    withoutRows.add(name);
                } else {
                    rows.put(name, expected);
                }
                String actual = observation
                        .unreadable()
                        .map(why -> "rows that cannot be read (" + why + ")")
                        .orElse(Counted.of(observation.rows(), "row"));
                if (observation.unreadable().isPresent() || observation.rows() != expected) {
                    differences.add(new Difference(
                            "TABLE DATA " + name,
                            Counted.of(expected, "row") + ", as in the archive",
                            actual,
                            entries.isEmpty()
                                    ? null
                                    : Integer.valueOf(entries.get(0).dumpId())));
                }
            });
            data.forEach((name, entry) -> differences.add(new Difference(
                    "TABLE DATA " + name,
                    Counted.of(Objects.requireNonNull(inArchive.get(entry)), "row") + ", as in the archive",
                    "the table is missing",
                    entry.dumpId())));
            if (!withoutRows.isEmpty()) {
                notes.add("The archive holds no rows of "
                        + withoutRows.stream()
                                .limit(MAX_NAMES)
                                .map(TableName::toString)
                                .collect(Collectors.joining(", "))
                        + (withoutRows.size() > MAX_NAMES ? " and " + (withoutRows.size() - MAX_NAMES) + " more" : "")
                        + ": it was taken without their rows.");
            }
        }

        /** A missing sequence is reported as a missing object; sequences of extensions are not observed. */
        void sequences(Map<TableName, SequenceObservation> observations) {
            Map<TableName, SequenceObservation> restored = new TreeMap<>();
            observations.forEach((name, observation) -> restored.put(written(name), observation));
            for (Entry entry : archive.entries()) {
                Matcher setval = SETVAL.matcher(entry.definition());
                if (!entry.description().equals("SEQUENCE SET") || !setval.find()) {
                    continue;
                }
                SequenceObservation actual = restored.get(written(new TableName(entry.schema(), entry.tag())));
                String expected = setval.group(1);
                if (actual != null && !expected.equals("" + actual.lastValue())) {
                    differences.add(new Difference(
                            entry.object(), "at " + expected, "at " + actual.lastValue(), entry.dumpId()));
                }
            }
        }

        void largeObjects(long restored) {
            long expected = archive.entries().stream()
                    .mapToLong(entry -> entry.largeObjects().size())
                    .sum();
            if (expected != restored) {
                differences.add(new Difference(
                        "LARGE OBJECTS",
                        Counted.of(expected, "large object") + ", as in the archive",
                        Counted.of(restored, "large object"),
                        null));
            }
        }
    }
}
