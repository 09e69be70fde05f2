package io.github.pgbackup.description;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares a written description with a live database. For each row that matches, only two numbers stay in memory.
 */
final class DescriptionComparison {

    /** More rows than anybody reads, and few enough to fit into memory. */
    private static final int MAXIMUM_ROWS = 20_000;

    static final String MEMBER_OF = "member of ";

    /** Stands for all properties of a row of which only a difference of the digest is known. */
    static final String RAW = "raw";

    private final DescriptionFile source;
    private final Canonical canonical;
    private final boolean builtInToo;

    /** Maps the hash of each identity to the hash of its digest. Rows that were found are removed. */
    private final Map<Long, Long> expected;

    /** Catalogs of which the databases have different rows from initdb, apart from pristine ones. */
    private final Set<String> otherBuiltIn = new TreeSet<>();

    /** Catalog to key to line: pristine rows of the source that are not pristine in the restored database. */
    private final Map<String, Map<String, String>> pristineInSource = new TreeMap<>();

    /** The same in the other direction. */
    private final Map<String, Map<String, String>> pristineInRestored = new TreeMap<>();

    /** Catalog to key: restored rows that differ from a pristine row of the source. */
    private final Map<String, Map<String, DescribedRow>> notPristine = new TreeMap<>();

    private final Map<Long, DescribedRow> changed = new HashMap<>();
    private final Map<Long, DescribedRow> additional = new HashMap<>();
    private final Set<Long> seen = new HashSet<>();
    private final Map<String, Integer> compared = new TreeMap<>();
    private final Map<String, String> sourceMembers = new TreeMap<>();
    private final Map<String, String> restoredMembers = new TreeMap<>();
    private int rows;

    private DescriptionComparison(DescriptionFile source, Canonical canonical, boolean builtInToo) {
        this.source = source;
        this.canonical = canonical;
        this.builtInToo = builtInToo;
        this.expected = new HashMap<>();
    }

    /**
     * The result of the comparison.
     *
     * @param differences in the order of the source's rows; additional rows come last
     * @param compared number of objects of the source that initdb did not create, by kind
     * @param rules that applied to all rows
     * @param sourceMembers object to the extension that it belongs to
     * @param restoredMembers the same for the restored database
     */
    record Result(
            List<Difference> differences,
            Map<String, Integer> compared,
            List<String> rules,
            Map<String, String> sourceMembers,
            Map<String, String> restoredMembers) {}

    /**
     * Compares a description with a database.
     *
     * @param restored in a transaction
     * @param withRoles whether owners and privileges were restored and are to be compared
     * @param reference provides values for pristine rows of the source, if it has the same rows
     */
    static Result of(DescriptionFile source, Describer restored, boolean withRoles, ReferenceDatabase reference)
            throws SQLException, IOException {
        DescriptionFile.Header header = restored.header();
        Canonical canonical = new Canonical(source.header(), header, withRoles);
        boolean sameMajor = source.header().major() == header.major();
        DescriptionComparison comparison = new DescriptionComparison(source, canonical, sameMajor);
        if (sameMajor) {
            comparison.pristine(header);
            comparison.builtIn(restored.builtIn(false));
        } else {
            restored.omitBuiltIn();
        }
        comparison.index();
        restored.describe(comparison::compareRestored);
        restored.describeBuiltIn(comparison.otherBuiltIn, comparison::compareRestored);
        for (Map.Entry<String, Map<String, String>> each : comparison.pristineInRestored.entrySet()) {
            restored.describe(each.getKey(), each.getValue().keySet(), comparison::compareRestored);
        }
        return comparison.result(reference);
    }

    private void builtIn(Map<String, BuiltInRows> restored) {
        Map<String, String> ofSource = source.header().builtIn();
        otherBuiltIn.addAll(ofSource.keySet());
        otherBuiltIn.addAll(restored.keySet());
        restored.forEach((catalog, rows) -> {
            if (rows.digest().equals(ofSource.get(catalog))) {
                otherBuiltIn.remove(catalog);
            }
        });
    }

    private void pristine(DescriptionFile.Header restored) {
        Map<String, String> ofSource = source.header().pristine();
        Map<String, String> ofRestored = restored.pristine();
        Set<String> names = new TreeSet<>(ofSource.keySet());
        names.addAll(ofRestored.keySet());
        for (String catalog : names) {
            if (Objects.equals(ofSource.get(catalog), ofRestored.get(catalog))) {
                continue;
            }
            Set<String> inSource = lines(ofSource.get(catalog));
            Set<String> inRestored = lines(ofRestored.get(catalog));
            pristineInSource.put(catalog, byKey(inSource, inRestored));
            pristineInRestored.put(catalog, byKey(inRestored, inSource));
        }
    }

    private static Set<String> lines(@Nullable String text) {
        return text == null || text.isEmpty() ? Set.of() : new HashSet<>(List.of(text.split("\n", -1)));
    }

    private static Map<String, String> byKey(Set<String> lines, Set<String> others) {
        Map<String, String> byKey = new TreeMap<>();
        for (String line : lines) {
            if (!others.contains(line)) {
                byKey.put(line.substring(0, line.lastIndexOf(' ')), line);
            }
        }
        return byKey;
    }

    /** Whether the row is among the other side's pristine rows, which are not read again. */
    private static boolean isAmong(Map<String, Map<String, String>> pristine, DescribedRow row) {
        Map<String, String> ofCatalog = pristine.get(row.catalog());
        return ofCatalog != null && row.raw() != null && ofCatalog.remove(row.key(), row.raw());
    }

    private void index() throws SQLException, IOException {
        source.read(otherBuiltIn, row -> {
            noteMembership(row, sourceMembers);
            if (isCompared(row) && !isAmong(pristineInRestored, row)) {
                long digest = Canonical.digest(canonical.properties(row));
                Long other = expected.put(Canonical.hash(canonical.identity(row)), digest);
                if (other == null && !row.builtIn() && CatalogRules.isObject(row)) {
                    compared.merge(row.kind(), 1, Integer::sum);
                }
            }
        });
    }

    private boolean isCompared(DescribedRow row) {
        return canonical.describes(row.catalog())
                && (builtInToo || !row.builtIn() || row.catalog().equals("pg_database"));
    }

    static void noteMembership(DescribedRow row, Map<String, String> members) {
        if (row.catalog().equals("pg_depend")
                && row.aspect() != null
                && row.aspect().startsWith(MEMBER_OF)) {
            members.put(row.object(), row.aspect().substring(MEMBER_OF.length()));
        }
    }

    private void compareRestored(DescribedRow row) {
        noteMembership(row, restoredMembers);
        if (!isCompared(row) || isAmong(pristineInSource, row)) {
            return;
        }
        if (pristineInSource.getOrDefault(row.catalog(), Map.of()).containsKey(row.key())) {
            notPristine
                    .computeIfAbsent(row.catalog(), catalog -> new TreeMap<>())
                    .put(row.key(), row);
            return;
        }
        long identity = Canonical.hash(canonical.identity(row));
        Long digest = expected.remove(identity);
        if (digest == null) {
            if (!seen.contains(identity)) {
                keep(additional, identity, row);
            }
        } else if (digest != Canonical.digest(canonical.properties(row))) {
            keep(changed, identity, row);
        }
        if (digest != null) {
            seen.add(identity);
        }
    }

    /** Compares the source's pristine rows. The description does not contain their values; the reference may. */
    private void pristine(
            String catalog, Map<String, String> lines, ReferenceDatabase reference, List<Difference> differences)
            throws SQLException {
        if (lines.isEmpty()) {
            return;
        }
        Map<String, DescribedRow> fresh = reference.rows(catalog, lines.keySet());
        Map<String, DescribedRow> restored = notPristine.getOrDefault(catalog, Map.of());
        lines.forEach((key, line) -> {
            DescribedRow found = fresh.get(key);
            DescribedRow actual = restored.get(key);
            boolean known = found != null && line.equals(found.raw());
            if (actual != null && !known) {
                differences.add(new Difference(
                        actual.with("{}"), actual, RAW, digestOf(line), digestOf(String.valueOf(actual.raw()))));
            } else if (actual != null) {
                properties(Objects.requireNonNull(found), actual, differences);
            } else {
                differences.add(new Difference(missing(catalog, key, line, found, known), null, "", null, null));
            }
        });
    }

    private static DescribedRow missing(
            String catalog, String key, String line, @Nullable DescribedRow found, boolean known) {
        if (found == null) {
            return new DescribedRow(catalog, "ROW " + catalog + " " + key, null, null, true, 0, 0, "{}", line);
        }
        return known ? found : found.with("{}");
    }

    private static JsonElement digestOf(String raw) {
        return new JsonPrimitive(raw.substring(raw.lastIndexOf(' ') + 1));
    }

    private void keep(Map<Long, DescribedRow> map, long identity, DescribedRow row) {
        rows++;
        map.put(identity, rows > MAXIMUM_ROWS ? row.with("{}") : row);
    }

    private Result result(ReferenceDatabase reference) throws SQLException, IOException {
        List<Difference> differences = new ArrayList<>();
        if (!expected.isEmpty() || !changed.isEmpty()) {
            source.read(otherBuiltIn, row -> {
                if (isCompared(row)) {
                    long identity = Canonical.hash(canonical.identity(row));
                    DescribedRow other = changed.remove(identity);
                    if (other != null) {
                        properties(row, other, differences);
                    } else if (expected.remove(identity) != null) {
                        differences.add(new Difference(row, null, "", null, null));
                    }
                }
            });
        }
        for (Map.Entry<String, Map<String, String>> each : pristineInSource.entrySet()) {
            pristine(each.getKey(), each.getValue(), reference, differences);
        }
        additional.values().stream()
                .sorted(java.util.Comparator.comparing(DescribedRow::identity))
                .forEach(row -> differences.add(new Difference(null, row, "", null, null)));
        return new Result(differences, compared, canonical.rules(), sourceMembers, restoredMembers);
    }

    private void properties(DescribedRow row, DescribedRow other, List<Difference> differences) {
        differences.addAll(properties(canonical, row, other));
    }

    /** The properties in which two rows of the same object differ. */
    static List<Difference> properties(Canonical canonical, DescribedRow row, DescribedRow other) {
        List<Difference> differences = new ArrayList<>();
        Map<String, JsonElement> before = canonical.properties(row);
        Map<String, JsonElement> after = canonical.properties(other);
        Set<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        for (String name : names) {
            JsonElement expectedValue = before.get(name);
            JsonElement actual = after.get(name);
            if (expectedValue == null || !expectedValue.equals(actual)) {
                differences.add(new Difference(row, other, name, expectedValue, actual));
            }
        }
        return differences;
    }
}
