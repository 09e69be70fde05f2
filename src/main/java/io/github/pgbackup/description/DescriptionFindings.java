package io.github.pgbackup.description;

import com.google.gson.JsonElement;
import io.github.pgbackup.postgres.Session;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The judged differences between two descriptions.
 *
 * @param differences those that a correct restore would not have
 * @param excused those that a restore cannot avoid, each with its rule
 * @param compared number of compared objects of the source, by kind
 * @param rules that apply to every object, in words
 */
public record DescriptionFindings(
        List<Finding> differences, List<Excused> excused, Map<String, Integer> compared, List<String> rules) {

    private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"]|\"\")*)\"");
    private static final String MISSING = "missing";
    private static final String PRESENT = "present";
    private static final String NOTHING = "none";

    public DescriptionFindings {
        differences = List.copyOf(differences);
        excused = List.copyOf(excused);
        compared = new TreeMap<>(compared);
        rules = List.copyOf(rules);
    }

    /** Provides what the judgement needs in addition to the restored database. */
    public interface Servers {

        /** A session of the restored database that may write; the caller closes it. */
        Session writing() throws SQLException;

        /**
         * A session, in a transaction, of a database that contains only these extensions; the caller closes it.
         *
         * @param extensions name to schema, both quoted as in SQL
         */
        Session reference(Map<String, String> extensions) throws SQLException;
    }

    /**
     * Compares a database with a description of its source.
     *
     * @param restored in a read-only transaction
     * @param salt the salt of the source's description
     * @param withRoles whether owners and privileges were restored
     * @param superuser whether a superuser took the dump
     */
    public static DescriptionFindings of(
            DescriptionFile source,
            Session restored,
            String salt,
            boolean withRoles,
            boolean superuser,
            Servers servers)
            throws SQLException, IOException {
        Describer describer = Describer.of(restored, salt);
        try (ReferenceDatabase reference = new ReferenceDatabase(restored, describer, servers)) {
            DescriptionComparison.Result result = DescriptionComparison.of(source, describer, withRoles, reference);
            Excuses excuses = new Excuses(restored, reference, source.header(), describer.major(), superuser, result);
            if (result.differences().isEmpty()) {
                return new DescriptionFindings(List.of(), List.of(), result.compared(), result.rules());
            }
            try (Session writing = servers.writing()) {
                return judge(result, excuses, restored, Reparse.by(writing));
            }
        }
    }

    static DescriptionFindings judge(
            DescriptionComparison.Result result, Excuses excuses, Session restored, Reparse reparse)
            throws SQLException {
        List<Finding> differences = new ArrayList<>();
        List<Excused> excused = new ArrayList<>();
        Folding folding = new Folding(result);
        String database = String.valueOf(restored.text("select pg_catalog.current_database()"));
        for (Difference each : result.differences()) {
            if (each.column().equals("pg_extension.extversion")) {
                continue; // versions are judged elsewhere, together with the packages
            }
            Optional<Rule> rule = excuses.of(each);
            if (rule.isEmpty() && reparse.isEquivalent(each)) {
                rule = Optional.of(Rule.PRINTED_DIFFERENTLY);
            }
            if (folding.isFolded(each)) {
                continue;
            }
            Finding finding = finding(each, database);
            rule.ifPresentOrElse(found -> excused.add(new Excused(finding, found)), () -> differences.add(finding));
        }
        differences.sort(Comparator.comparing(Finding::name));
        return new DescriptionFindings(differences, excused, result.compared(), result.rules());
    }

    /** Parts of an object that is missing as a whole are not reported separately. */
    private static final class Folding {

        private final Set<String> missing = new HashSet<>();
        private final Set<String> additional = new HashSet<>();
        private final Set<String> reported = new HashSet<>();
        private final DescriptionComparison.Result result;

        Folding(DescriptionComparison.Result result) {
            this.result = result;
            for (Difference each : result.differences()) {
                if (each.property().isEmpty() && each.row().aspect() == null) {
                    Set<String> names = each.missing() ? missing : additional;
                    names.add(each.row().object());
                    if (each.row().partOf() == null
                            || each.row().kind().equals("INDEX")
                            || each.row().kind().endsWith("CONSTRAINT")) {
                        names.add(each.row().name());
                    }
                }
            }
        }

        /** The whole that the row is a part of. */
        private Optional<String> whole(Difference difference) {
            DescribedRow row = difference.row();
            Set<String> names = difference.missing() ? missing : additional;
            Map<String, String> members = difference.missing() ? result.sourceMembers() : result.restoredMembers();
            String extension = members.get(row.object());
            if (extension != null && names.contains(extension) && !extension.equals(row.object())) {
                return Optional.of(extension);
            }
            if (row.partOf() != null && names.contains(row.partOf())) {
                return Optional.of(row.partOf());
            }
            return row.aspect() != null && names.contains(row.object()) ? Optional.of(row.object()) : Optional.empty();
        }

        /** Also folds one object in several catalogs: an index is in pg_class and pg_index. */
        boolean isFolded(Difference difference) {
            if (!difference.property().isEmpty()) {
                return false;
            }
            if (whole(difference).isPresent()) {
                return true;
            }
            return !reported.add(
                    difference.row().object() + '\n' + difference.row().aspect());
        }
    }

    private static Finding finding(Difference difference, String database) {
        DescribedRow row = difference.row();
        DescribedRow source = difference.source();
        String object = unquoted(row.object()).replace("(this database)", database);
        long catalog = source == null ? 0 : source.objectCatalog();
        long oid = source == null ? 0 : source.oid();
        String aspect = row.aspect() == null ? "" : unquoted(row.aspect());
        if (difference.property().isEmpty()) {
            String present =
                    aspect.equals("comment") ? CatalogRules.withoutSimpleQuotes(row.text("description")) : PRESENT;
            return difference.missing()
                    ? new Finding(object, aspect, present, MISSING, catalog, oid)
                    : new Finding(object, aspect, "not in the source", present, catalog, oid);
        }
        String word = CatalogRules.word(difference.property());
        String property = aspect.isEmpty() || aspect.equals("comment")
                ? aspect + (aspect.isEmpty() ? word : "")
                : aspect + " " + word;
        String expected = text(difference.expected());
        String actual = text(difference.actual());
        return CatalogRules.withoutSimpleQuotes(expected).equals(CatalogRules.withoutSimpleQuotes(actual))
                ? new Finding(object, property, expected, actual, catalog, oid)
                : new Finding(
                        object,
                        property,
                        CatalogRules.withoutSimpleQuotes(expected),
                        CatalogRules.withoutSimpleQuotes(actual),
                        catalog,
                        oid);
    }

    private static String text(@org.jspecify.annotations.Nullable JsonElement value) {
        if (value == null) {
            return NOTHING;
        }
        if (value.isJsonArray()) {
            List<String> items = new ArrayList<>();
            value.getAsJsonArray()
                    .forEach(item -> items.add(item.isJsonPrimitive() ? item.getAsString() : item.toString()));
            return String.join(", ", items);
        }
        return value.isJsonPrimitive() ? value.getAsString() : value.toString();
    }

    /** Names in the form of an archive's entries. */
    private static String unquoted(String label) {
        return QUOTED.matcher(label)
                .replaceAll(match -> Matcher.quoteReplacement(match.group(1).replace("\"\"", "\"")));
    }
}
