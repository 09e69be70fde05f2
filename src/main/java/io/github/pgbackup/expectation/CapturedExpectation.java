package io.github.pgbackup.expectation;

import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An expectation as a user could have written it for an existing object, with the properties that a database reports.
 * It is evaluated like any other expectation, so a backup of an unchanged database satisfies it.
 *
 * @param name as SQL identifiers
 * @param claims the texts by tag, in the order in which they are written
 * @param values the non-null values of a column; empty when they are not captured
 */
public record CapturedExpectation(ObjectKind kind, String name, Map<String, String> claims, List<Value> values) {

    /** Number of rows to sample before reading all of them, to recognise a column with many values. */
    private static final int SAMPLE = 10_000;

    /**
     * Types whose values usually are names of states, not measurements, and have a single text form. Fractional
     * numbers, times and documents have several text forms, or are not suitable for a distribution.
     */
    private static final Set<String> COUNTABLE = Set.of("boolean", "smallint", "integer", "bigint", "text", "name");

    /** A value in its type's text form, and its number of rows. */
    public record Value(String is, long rows) {}

    public CapturedExpectation {
        claims = Collections.unmodifiableMap(new LinkedHashMap<>(claims));
        values = List.copyOf(values);
    }

    /** An expectation that only claims that an object exists. */
    public static CapturedExpectation present(ObjectKind kind, String... name) {
        return new CapturedExpectation(kind, QualifiedName.of(name).toString(), Map.of(), List.of());
    }

    /** An expectation with the properties that the database reports, in the session's current transaction. */
    public static CapturedExpectation of(Session session, ObjectKind kind, List<String> aspects, String... name)
            throws SQLException {
        CapturedExpectation object = present(kind, name);
        return new CapturedExpectation(kind, object.name(), object.ask(session, aspects), List.of());
    }

    /**
     * A column of a table. Includes its values if there are few and some of them repeat.
     *
     * @param maximumDistinct maximum number of values; 0 for none
     */
    public static CapturedExpectation ofColumn(Session session, int maximumDistinct, String... name)
            throws SQLException {
        CapturedExpectation object = present(ObjectKind.COLUMN, name);
        Map<String, String> catalog = object.ask(session, List.of("type", "nullable", "default"));
        Map<String, String> claims = new LinkedHashMap<>();
        claims.put("type", catalog.getOrDefault("type", ""));
        if (catalog.getOrDefault("nullable", "").equals("false")) {
            claims.put("nullable", "false");
        }
        String defaultValue = catalog.getOrDefault("default", "none");
        if (!defaultValue.equals("none")) {
            claims.put("default", defaultValue);
        }
        List<Value> values = maximumDistinct > 0 ? object.fewValues(session, maximumDistinct) : List.of();
        if (!values.isEmpty()) {
            claims.putAll(object.ask(session, List.of("nulls")));
        }
        return new CapturedExpectation(ObjectKind.COLUMN, object.name(), claims, values);
    }

    /** The observations for these claims, without those that would fail. */
    private Map<String, String> ask(Session session, List<String> aspects) throws SQLException {
        List<Claim> claims = aspects.stream()
                .map(aspect -> new Claim(aspect, "", any -> true))
                .toList();
        Map<String, String> answers = new LinkedHashMap<>();
        new ObjectExpectation(kind, ObjectName.parse(kind, name), claims, null)
                .inDatabase(session)
                .forEach((aspect, observation) -> {
                    if (observation.holds() && isPrintedAgain(aspect, observation.text())) {
                        answers.put(aspect, observation.text());
                    }
                });
        return answers;
    }

    /**
     * PostgreSQL prints a comparison with a list of varchar as a cast of the array, and parses that as an array of
     * casts. The restored database prints the latter. The comparison with the source recognises this; a comparison of
     * texts does not.
     */
    private static boolean isPrintedAgain(String aspect, String text) {
        boolean expression = aspect.equals("definition") || aspect.equals("default");
        return !expression || !text.contains("ARRAY[");
    }

    private List<Value> fewValues(Session session, int maximum) throws SQLException {
        ObjectName column = ObjectName.parse(ObjectKind.COLUMN, name);
        boolean countable = session.one(
                "select coalesce(max(base_type), ''), coalesce(bool_or(foreign_tables::boolean), true),"
                        + " coalesce(bool_or(is_enum), false) from ("
                        + ObjectKind.COLUMN.catalogQuery() + ") as found,"
                        + " lateral (select t.typtype = 'e' as is_enum from pg_catalog.pg_type t"
                        + " where t.oid = pg_catalog.to_regtype(base_type)) as type",
                row -> !row.getBoolean(2) && (row.getBoolean(3) || isCountable(row.getString(1))),
                new String[] {column.schema()},
                new String[] {column.table()},
                new String[] {column.name()});
        if (!countable) {
            return List.of();
        }
        String quoted = QualifiedName.of(column.name()).quoteAll();
        String text = ColumnText.expression(quoted);
        String all =
                "select " + text + " as value from " + column.quotedRelation() + " where " + quoted + " is not null";
        if (session.number("select count(distinct value) from (" + all + " limit " + SAMPLE + ") as v") > maximum) {
            return List.of();
        }
        List<Value> found = session.list(
                "select value, count(*) from (" + all + ") as v group by value order by value limit " + (maximum + 1),
                row -> new Value(row.getString(1), row.getLong(2)));
        // A unique value in each row is a key or personal data, not a distribution.
        boolean repeats = found.stream().anyMatch(value -> value.rows() > 1);
        return found.size() <= maximum && repeats ? found : List.of();
    }

    private static boolean isCountable(String type) {
        return COUNTABLE.contains(type) || type.matches("character( varying)?(\\(\\d+\\))?");
    }
}
