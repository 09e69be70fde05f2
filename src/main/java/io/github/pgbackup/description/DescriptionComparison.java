package io.github.pgbackup.description;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compares a description that was written before with a database that can be asked. For a row that agrees, no more than two
 * numbers stay in memory.
 */
final class DescriptionComparison {

    /** More rows than anybody reads, and no more than fit into memory. */
    private static final int MAXIMUM_ROWS = 20_000;

    static final String MEMBER_OF = "member of ";

    private final DescriptionFile source;
    private final Canonical canonical;
    private final boolean builtInToo;

    /** Identity to digest, by their hashes; of a row that was met the identity is taken out. */
    private final Map<Long, Long> expected;

    private final Map<Long, DescribedRow> changed = new HashMap<>();
    private final Map<Long, DescribedRow> additional = new HashMap<>();
    private final Set<Long> twice = new HashSet<>();
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
     * What differs.
     *
     * @param differences in the order of the source's rows, the additional ones last
     * @param compared objects of the source that initdb did not make, by kind
     * @param rules that were applied to all rows
     * @param sourceMembers object to the extension that it belongs to
     * @param restoredMembers likewise
     */
    record Result(
            List<Difference> differences,
            Map<String, Integer> compared,
            List<String> rules,
            Map<String, String> sourceMembers,
            Map<String, String> restoredMembers) {}

    /**
     * Compares them.
     *
     * @param restored in a transaction
     * @param withRoles whether owners and privileges were restored, and are compared
     */
    static Result of(DescriptionFile source, Describer restored, boolean withRoles) throws SQLException, IOException {
        Canonical canonical = new Canonical(source.header(), restored.header(), withRoles);
        boolean sameMajor = source.header().major() == restored.header().major();
        DescriptionComparison comparison = new DescriptionComparison(source, canonical, sameMajor);
        comparison.index();
        restored.describe(comparison::meet);
        return comparison.result();
    }

    private void index() throws SQLException, IOException {
        source.read(row -> {
            noteMembership(row, sourceMembers);
            if (isCompared(row)) {
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

    private static void noteMembership(DescribedRow row, Map<String, String> members) {
        if (row.catalog().equals("pg_depend")
                && row.aspect() != null
                && row.aspect().startsWith(MEMBER_OF)) {
            members.put(row.object(), row.aspect().substring(MEMBER_OF.length()));
        }
    }

    private void meet(DescribedRow row) {
        noteMembership(row, restoredMembers);
        if (!isCompared(row)) {
            return;
        }
        long identity = Canonical.hash(canonical.identity(row));
        Long digest = expected.remove(identity);
        if (digest == null) {
            if (!twice.contains(identity)) {
                keep(additional, identity, row);
            }
        } else if (digest != Canonical.digest(canonical.properties(row))) {
            keep(changed, identity, row);
        }
        if (digest != null) {
            twice.add(identity);
        }
    }

    private void keep(Map<Long, DescribedRow> map, long identity, DescribedRow row) {
        rows++;
        map.put(identity, rows > MAXIMUM_ROWS ? row.with("{}") : row);
    }

    private Result result() throws SQLException, IOException {
        List<Difference> differences = new ArrayList<>();
        if (!expected.isEmpty() || !changed.isEmpty()) {
            source.read(row -> {
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
        additional.values().stream()
                .sorted(java.util.Comparator.comparing(DescribedRow::identity))
                .forEach(row -> differences.add(new Difference(null, row, "", null, null)));
        return new Result(differences, compared, canonical.rules(), sourceMembers, restoredMembers);
    }

    private void properties(DescribedRow row, DescribedRow other, List<Difference> differences) {
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
    }
}
