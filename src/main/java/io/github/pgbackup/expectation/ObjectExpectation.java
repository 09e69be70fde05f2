package io.github.pgbackup.expectation;

import io.github.pgbackup.archive.ArchiveData.ColumnObservations;
import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An object that the backup must or must not contain, and its expected properties.
 *
 * @param claims the first claims its presence; it is the only one when the object must be absent
 * @param values what is claimed about the values of a column; null for nothing
 */
public record ObjectExpectation(
        ObjectKind objectKind,
        ObjectName objectName,
        List<Claim> claims,
        @Nullable ExpectedValues values) implements Expectation {

    private static final Pattern SETVAL =
            Pattern.compile("setval\\('.*',\\s*(-?\\d+),\\s*(?:true|false)\\)", Pattern.DOTALL);

    private static final String NOT_THERE = "the object does not exist";
    private static final String FOREIGN_ROWS = "the rows of a foreign table are on another server";

    public ObjectExpectation {
        claims = List.copyOf(claims);
    }

    @Override
    public String kind() {
        return objectKind.tag();
    }

    @Override
    public String name() {
        return objectName.text();
    }

    @Override
    public Optional<QualifiedName> table() {
        String table = objectKind == ObjectKind.TABLE ? objectName.name() : objectName.table();
        return table == null
                ? Optional.empty()
                : Optional.of(QualifiedName.of(String.valueOf(objectName.schema()), table));
    }

    /** Whether it must not exist. */
    public boolean mustBeAbsent() {
        return claims.get(0).expected().equals(Claim.NO);
    }

    /**
     * Looks up objects of one kind in the catalog, in a single query.
     *
     * @return the answers, in the order of the expectations
     */
    public static List<CatalogAnswer> lookUp(Session session, ObjectKind kind, List<ObjectExpectation> expectations)
            throws SQLException {
        // Types and expressions are printed as pg_dump prints them, with every schema except pg_catalog.
        session.execute("set local search_path = ''");
        List<List<Map<String, String>>> found = expectations.stream()
                .map(each -> (List<Map<String, String>>) new ArrayList<Map<String, String>>())
                .toList();
        session.list(
                        kind.catalogQuery(),
                        ObjectExpectation::columns,
                        names(expectations, ObjectName::schema),
                        names(expectations, ObjectName::table),
                        names(expectations, ObjectName::name))
                .forEach(row -> found.get(Integer.parseInt(row.getOrDefault("ordinal", "")) - 1)
                        .add(row));
        List<CatalogAnswer> answers = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            answers.add(expectations.get(i).answer(found.get(i)));
        }
        return answers;
    }

    private static @Nullable String[] names(
            List<ObjectExpectation> expectations, Function<ObjectName, @Nullable String> part) {
        return expectations.stream()
                .map(ObjectExpectation::objectName)
                .map(part)
                .toArray(String[]::new);
    }

    private CatalogAnswer answer(List<Map<String, String>> named) {
        List<Map<String, String>> found = named;
        if (objectName.arguments() != null) {
            ArgumentTypes wanted = ArgumentTypes.of(objectName.arguments());
            found = named.stream()
                    .filter(function -> wanted.matches(ArgumentTypes.of(function.getOrDefault("arguments", ""))))
                    .toList();
        }
        Map<String, Observation> observations = new LinkedHashMap<>();
        List<Measurement> measurements = new ArrayList<>();
        for (Claim claim : claims) {
            Optional<Observation> known = inCatalog(claim, found);
            if (known.isPresent()) {
                observations.put(claim.aspect(), known.get());
            } else {
                measurements.add(measurement(claim, found.get(0)));
            }
        }
        return new CatalogAnswer(observations, measurements);
    }

    @Override
    public Map<String, Observation> inDatabase(Session session) throws SQLException {
        CatalogAnswer answer = lookUp(session, objectKind, List.of(this)).get(0);
        Map<String, Observation> observations = new LinkedHashMap<>(answer.observations());
        List<Observation> measured = Measurement.take(session, answer.measurements());
        for (int i = 0; i < measured.size(); i++) {
            observations.put(answer.measurements().get(i).aspect(), measured.get(i));
        }
        return observations;
    }

    /** The observation from the catalog; empty when rows must be counted. */
    private Optional<Observation> inCatalog(Claim claim, List<Map<String, String>> found) {
        if (claim.aspect().equals(Claim.PRESENT)) {
            return Optional.of(present(claim, found));
        }
        if (found.isEmpty()) {
            return Optional.of(Observation.of(false, NOT_THERE));
        }
        Map<String, String> relation = found.get(0);
        return switch (claim.aspect()) {
            case "rows", "nulls", "distinct", "values" -> {
                if ("true".equals(relation.get("foreign_tables"))) {
                    yield Optional.of(Observation.of(false, FOREIGN_ROWS));
                }
                yield "false".equals(relation.get("populated"))
                        ? Optional.of(Observation.of(false, "not populated"))
                        : Optional.empty();
            }
            case "lastValue" -> Optional.empty();
            default -> Optional.of(allOf(claim, found));
        };
    }

    /** How to count rows for a claim. */
    private Measurement measurement(Claim claim, Map<String, String> relation) {
        String name = QualifiedName.of(objectName.name()).quoteAll();
        String text = ColumnText.expression(name);
        long pages = Long.parseLong(relation.getOrDefault("pages", "0"));
        ExpectedValues expected = values;
        if (claim.aspect().equals("values") && expected != null) {
            String type = relation.getOrDefault("base_type", "");
            List<String> expressions = new ArrayList<>(List.of("count(*) filter (where " + name + " is not null)"));
            expected.values()
                    .forEach(value -> expressions.add(
                            "count(*) filter (where case when " + name + " is not null then " + text + " end = ?)"));
            List<String> texts = expected.values().stream()
                    .map(value -> ColumnText.of(value.is(), type))
                    .toList();
            return new Measurement(
                    claim.aspect(), objectName.quotedRelation(), pages, expressions, texts, expected::observation);
        }
        String expression = switch (claim.aspect()) {
            case "nulls" -> "count(*) filter (where " + name + " is null)";
            case "distinct" -> "count(distinct " + text + ") filter (where " + name + " is not null)";
            case "lastValue" -> "last_value";
            default -> "count(*)";
        };
        return new Measurement(
                claim.aspect(),
                objectName.quotedRelation(),
                pages,
                List.of(expression),
                List.of(),
                counts -> claim.observation(String.valueOf(counts.get(0))));
    }

    private Observation present(Claim claim, List<Map<String, String>> found) {
        Observation observation = claim.observation(found.isEmpty() ? Claim.NO : Claim.YES);
        boolean invalid =
                objectKind == ObjectKind.INDEX && found.stream().anyMatch(index -> "false".equals(index.get("valid")));
        return invalid
                ? new Observation(observation.state(), "yes, but invalid: pg_dump does not dump it")
                : observation;
    }

    /**
     * Several objects may have the name (an overloaded function, a constraint of two tables); all must satisfy the
     * claim.
     */
    private static Observation allOf(Claim claim, List<Map<String, String>> found) {
        Set<String> actual = new TreeSet<>();
        found.forEach(each -> actual.add(each.getOrDefault(claim.aspect(), "")));
        return Observation.of(actual.stream().allMatch(claim.test()), String.join(" | ", actual));
    }

    private static Map<String, String> columns(ResultSet row) throws SQLException {
        Map<String, String> columns = new HashMap<>();
        ResultSetMetaData meta = row.getMetaData();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            String value = row.getString(i);
            columns.put(meta.getColumnLabel(i), value == null ? "" : value);
        }
        return columns;
    }

    @Override
    public Supplier<Map<String, Observation>> inArchive(ArchiveContents archive) {
        List<Entry> entries = archive.find(objectKind, objectName);
        Map<String, Supplier<Observation>> observations = new LinkedHashMap<>();
        for (Claim claim : claims) {
            observations.put(claim.aspect(), inArchive(archive, claim, entries));
        }
        return () -> {
            Map<String, Observation> answers = new LinkedHashMap<>();
            observations.forEach((aspect, observation) -> answers.put(aspect, observation.get()));
            return answers;
        };
    }

    private Supplier<Observation> inArchive(ArchiveContents archive, Claim claim, List<Entry> entries) {
        return switch (claim.aspect()) {
            case Claim.PRESENT -> known(present(archive, claim, entries));
            case "rows" -> archiveRows(archive, claim, entries);
            case "nulls", "distinct", "values" -> archiveColumn(archive, claim, entries);
            case "owner" ->
                known(
                        entries.isEmpty()
                                ? missing(archive)
                                : claim.observation(entries.get(0).owner()));
            case "type" ->
                known(archive.columnType(objectName)
                        .map(claim::observation)
                        .orElseGet(() -> archive.hasColumn(objectName)
                                        .filter(there -> !there)
                                        .isPresent()
                                ? Observation.of(false, NOT_THERE)
                                : Observation.unknown("the archive does not list the columns of this relation")));
            case "definition" -> known(definition(claim, entries));
            case "lastValue" -> known(lastValue(archive, claim));
            case "version" -> known(Observation.unknown("an archive does not contain the version"));
            default -> known(Observation.unknown("not read from the archive"));
        };
    }

    private Observation present(ArchiveContents archive, Claim claim, List<Entry> entries) {
        if (objectKind == ObjectKind.ROLE) {
            if (archive.roleExists(objectName.name()) || objectName.name().startsWith("pg_")) {
                return Observation.unknown("an archive holds no roles; they are in the roles file");
            }
            return claim.observation(Claim.NO);
        }
        if (objectKind == ObjectKind.COLUMN) {
            return archive.hasColumn(objectName)
                    .map(there -> claim.observation(there ? Claim.YES : Claim.NO))
                    .orElse(Observation.unknown("the archive does not list the columns of this relation"));
        }
        boolean there =
                !entries.isEmpty() || objectKind == ObjectKind.CONSTRAINT && archive.hasInlineConstraint(objectName);
        return there
                ? claim.observation(Claim.YES)
                : archive.whyNotListed(objectKind, objectName)
                        .map(Observation::unknown)
                        .orElseGet(() -> claim.observation(Claim.NO));
    }

    private Observation missing(ArchiveContents archive) {
        return archive.whyNotListed(objectKind, objectName)
                .map(Observation::unknown)
                .orElse(Observation.of(false, NOT_THERE));
    }

    private Supplier<Observation> archiveRows(ArchiveContents archive, Claim claim, List<Entry> entries) {
        if (objectKind != ObjectKind.TABLE) {
            return known(Observation.unknown("an archive holds no rows of a view"));
        }
        if (entries.isEmpty()) {
            return known(missing(archive));
        }
        Optional<Observation> why = archive.whyNotCounted(objectName);
        if (why.isPresent()) {
            return known(why.get());
        }
        Supplier<Long> rows = archive.rowsOf(objectName);
        return () -> claim.observation(String.valueOf(rows.get()));
    }

    private Supplier<Observation> archiveColumn(ArchiveContents archive, Claim claim, List<Entry> entries) {
        if (archive.hasColumn(objectName).filter(there -> !there).isPresent()) {
            return known(Observation.of(false, NOT_THERE));
        }
        if (entries.isEmpty()) {
            boolean view = archive.isView(objectName);
            return known(view ? Observation.unknown("an archive holds no rows of a view") : missing(archive));
        }
        Optional<Observation> why = archive.whyNotCounted(objectName);
        if (why.isPresent()) {
            return known(why.get());
        }
        Optional<String> type = archive.baseType(objectName);
        if (type.isEmpty() && values != null) {
            return known(Observation.unknown("the archive does not state the type of this column"));
        }
        List<String> texts = values == null
                ? List.of()
                : values.values().stream()
                        .map(value -> ColumnText.of(value.is(), type.orElse("")))
                        .toList();
        if (archive.hasRowsAsInserts(objectName)) {
            return known(
                    Observation.unknown("the archive holds the rows as INSERT commands, whose values are not read"));
        }
        Supplier<Optional<ColumnObservations>> column =
                archive.columnOf(objectName, claim.aspect().equals("distinct"), texts);
        return () -> column.get()
                .map(observations -> columnObservation(claim, observations, texts))
                .orElse(Observation.unknown("the archive's data does not contain this column"));
    }

    private Observation columnObservation(Claim claim, ColumnObservations observations, List<String> texts) {
        if (claim.aspect().equals("nulls")) {
            return claim.observation(String.valueOf(observations.nulls()));
        }
        if (claim.aspect().equals("distinct")) {
            return observations.distinct().isPresent()
                    ? claim.observation(String.valueOf(observations.distinct().getAsLong()))
                    : Observation.unknown("too many distinct values to count in the archive");
        }
        List<Long> counts = new ArrayList<>();
        counts.add(observations.others()
                + observations.values().values().stream()
                        .mapToLong(Long::longValue)
                        .sum());
        texts.forEach(text -> counts.add(observations.values().getOrDefault(text, 0L)));
        return values == null ? Observation.unknown("no values are expected") : values.observation(counts);
    }

    private Observation definition(Claim claim, List<Entry> entries) {
        if (entries.isEmpty()) {
            return Observation.unknown("part of the table's definition");
        }
        String definition = entries.get(0).definition();
        if (entries.get(0).description().equals("INDEX")) {
            return claim.observation(Definition.firstCommand(definition));
        }
        return objectKind == ObjectKind.INDEX
                ? Observation.unknown("the archive has it as a constraint")
                : Definition.constraint(definition, objectName.name())
                        .map(Definition::withoutStorageParameters)
                        .map(claim::observation)
                        .orElse(Observation.unknown("not read from the archive"));
    }

    private Observation lastValue(ArchiveContents archive, Claim claim) {
        for (Entry entry : archive.sequenceValues(objectName)) {
            Matcher matcher = SETVAL.matcher(entry.definition());
            if (matcher.find()) {
                return claim.observation(matcher.group(1));
            }
        }
        return missing(archive);
    }

    private static Supplier<Observation> known(Observation observation) {
        return () -> observation;
    }
}
