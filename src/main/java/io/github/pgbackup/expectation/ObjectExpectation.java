package io.github.pgbackup.expectation;

import io.github.pgbackup.archive.ArchiveData.ColumnFigures;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An object that the backup must hold, or must not, and what it must be like.
 *
 * @param claims the first is whether it is present; there are no others when it must be absent
 * @param values what is claimed about the values of a column; null: nothing
 */
public record ObjectExpectation(
        ObjectKind objectKind,
        ObjectName objectName,
        List<Claim> claims,
        @Nullable ExpectedValues values) implements Expectation {

    private static final Pattern SETVAL =
            Pattern.compile("setval\\('.*',\\s*(-?\\d+),\\s*(?:true|false)\\)", Pattern.DOTALL);

    private static final String NOT_THERE = "the object is not there";

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
    public Map<String, Figure> inDatabase(Session session) throws SQLException {
        List<Map<String, String>> found = session.list(
                objectKind.catalogQuery(),
                ObjectExpectation::columns,
                objectName.schema(),
                objectName.table(),
                objectName.name(),
                signature());
        Map<String, Figure> figures = new LinkedHashMap<>();
        for (Claim claim : claims) {
            figures.put(claim.aspect(), figure(session, claim, found));
        }
        return figures;
    }

    private Figure figure(Session session, Claim claim, List<Map<String, String>> found) throws SQLException {
        if (claim.aspect().equals(Claim.PRESENT)) {
            return claim.figure(found.isEmpty() ? Claim.NO : Claim.YES);
        }
        if (found.isEmpty()) {
            return Figure.of(false, NOT_THERE);
        }
        return switch (claim.aspect()) {
            case "rows" -> rows(session, claim, found.get(0));
            case "lastValue" ->
                claim.figure(String.valueOf(session.text("select last_value from " + objectName.quotedRelation())));
            case "nulls", "distinct", "values" -> columnFigure(session, claim, found.get(0));
            default -> inCatalog(claim, found);
        };
    }

    /** Several objects can bear the name (an overloaded function, a constraint of two tables): all must satisfy. */
    private static Figure inCatalog(Claim claim, List<Map<String, String>> found) {
        Set<String> actual = new TreeSet<>();
        found.forEach(each -> actual.add(each.getOrDefault(claim.aspect(), "")));
        return Figure.of(actual.stream().allMatch(claim.test()), String.join(" | ", actual));
    }

    private Figure rows(Session session, Claim claim, Map<String, String> relation) throws SQLException {
        if ("f".equals(relation.get("kind"))) {
            return Figure.of(false, "a foreign table; its rows are in another server");
        }
        if ("false".equals(relation.get("populated"))) {
            return Figure.of(false, "not populated");
        }
        return claim.figure(String.valueOf(session.number("select count(*) from " + objectName.quotedRelation())));
    }

    private Figure columnFigure(Session session, Claim claim, Map<String, String> column) throws SQLException {
        String type = column.getOrDefault("type", "");
        String name = QualifiedName.quote(objectName.name());
        String from = " from " + objectName.quotedRelation();
        String text = ColumnText.expression(name, type);
        return switch (claim.aspect()) {
            case "nulls" ->
                claim.figure(
                        String.valueOf(session.number("select count(*) filter (where " + name + " is null)" + from)));
            case "distinct" ->
                claim.figure(String.valueOf(session.number("select count(distinct " + text + ")" + from)));
            default ->
                values == null
                        ? Figure.unknown("no values are expected")
                        : values.figure(counts(session, values, text, type, from));
        };
    }

    private List<Long> counts(Session session, ExpectedValues expected, String text, String type, String from)
            throws SQLException {
        StringBuilder sql = new StringBuilder("select count(*) filter (where value is not null)");
        expected.values().forEach(value -> sql.append(", count(*) filter (where value = ?)"));
        sql.append(" from (select case when ").append(QualifiedName.quote(objectName.name()));
        sql.append(" is not null then ")
                .append(text)
                .append(" end as value")
                .append(from)
                .append(") as v");
        Object[] texts = expected.values().stream()
                .map(value -> ColumnText.of(value.is(), type))
                .toArray();
        return session.one(
                sql.toString(),
                row -> {
                    List<Long> counts = new ArrayList<>();
                    for (int i = 1; i <= texts.length + 1; i++) {
                        counts.add(row.getLong(i));
                    }
                    return counts;
                },
                texts);
    }

    /** A function's name with its argument types, as {@code to_regprocedure()} takes it; null: any arguments. */
    private @Nullable String signature() {
        return objectName.arguments() == null ? null : objectName.quotedRelation() + "(" + objectName.arguments() + ")";
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
    public Supplier<Map<String, Figure>> inArchive(ArchiveContents archive) {
        List<Entry> entries = archive.find(objectKind, objectName);
        Map<String, Supplier<Figure>> figures = new LinkedHashMap<>();
        for (Claim claim : claims) {
            figures.put(claim.aspect(), inArchive(archive, claim, entries));
        }
        return () -> {
            Map<String, Figure> answers = new LinkedHashMap<>();
            figures.forEach((aspect, figure) -> answers.put(aspect, figure.get()));
            return answers;
        };
    }

    private Supplier<Figure> inArchive(ArchiveContents archive, Claim claim, List<Entry> entries) {
        return switch (claim.aspect()) {
            case Claim.PRESENT -> known(present(archive, claim, entries));
            case "rows" -> archiveRows(archive, claim, entries);
            case "nulls", "distinct", "values" -> archiveColumn(archive, claim, entries);
            case "owner" ->
                known(
                        entries.isEmpty()
                                ? Figure.of(false, NOT_THERE)
                                : claim.figure(entries.get(0).owner()));
            case "type" ->
                known(archive.columnType(objectName)
                        .map(claim::figure)
                        .orElse(Figure.unknown("the table's definition in the archive does not repeat the column")));
            case "definition" -> known(definition(claim, entries));
            case "lastValue" -> known(lastValue(archive, claim));
            default -> known(Figure.unknown("an archive does not say"));
        };
    }

    private Figure present(ArchiveContents archive, Claim claim, List<Entry> entries) {
        if (objectKind == ObjectKind.ROLE) {
            return archive.roleExists(objectName.name())
                    ? Figure.unknown("in the roles file; an archive holds no roles")
                    : Figure.of(claim.expected().equals(Claim.NO), Claim.NO);
        }
        if (objectKind == ObjectKind.COLUMN) {
            return archive.hasColumn(objectName)
                    .map(there -> claim.figure(there ? Claim.YES : Claim.NO))
                    .orElse(Figure.unknown("the archive does not list the columns of this relation"));
        }
        if (objectKind == ObjectKind.SCHEMA
                && entries.isEmpty()
                && objectName.name().equals("public")) {
            return Figure.unknown("an archive leaves out an unchanged schema public");
        }
        boolean there =
                !entries.isEmpty() || objectKind == ObjectKind.CONSTRAINT && archive.hasInlineConstraint(objectName);
        return claim.figure(there ? Claim.YES : Claim.NO);
    }

    private Supplier<Figure> archiveRows(ArchiveContents archive, Claim claim, List<Entry> entries) {
        if (objectKind != ObjectKind.TABLE) {
            return known(Figure.unknown(
                    "an archive holds no rows of a " + objectKind.tag().toLowerCase(Locale.ROOT)));
        }
        if (entries.isEmpty()) {
            return known(Figure.of(false, NOT_THERE));
        }
        Supplier<Long> rows = archive.rowsOf(objectName);
        return () -> claim.figure(String.valueOf(rows.get()));
    }

    private Supplier<Figure> archiveColumn(ArchiveContents archive, Claim claim, List<Entry> entries) {
        if (entries.isEmpty()) {
            boolean view = archive.isView(objectName);
            return known(view ? Figure.unknown("an archive holds no rows of a view") : Figure.of(false, NOT_THERE));
        }
        if (archive.hasColumn(objectName).filter(there -> !there).isPresent()) {
            return known(Figure.of(false, NOT_THERE));
        }
        String type = archive.columnType(objectName).orElse("");
        List<String> texts = values == null
                ? List.of()
                : values.values().stream()
                        .map(value -> ColumnText.inCopy(value.is(), type))
                        .toList();
        Supplier<Optional<ColumnFigures>> column =
                archive.columnOf(objectName, claim.aspect().equals("distinct"), texts);
        return () -> column.get()
                .map(figures -> columnFigure(claim, figures, texts))
                .orElse(Figure.unknown("the archive's data does not hold this column"));
    }

    private Figure columnFigure(Claim claim, ColumnFigures figures, List<String> texts) {
        if (claim.aspect().equals("nulls")) {
            return claim.figure(String.valueOf(figures.nulls()));
        }
        if (claim.aspect().equals("distinct")) {
            return figures.distinct().isPresent()
                    ? claim.figure(String.valueOf(figures.distinct().getAsLong()))
                    : Figure.unknown("too many distinct values to count in the archive");
        }
        List<Long> counts = new ArrayList<>();
        counts.add(figures.others()
                + figures.values().values().stream().mapToLong(Long::longValue).sum());
        texts.forEach(text -> counts.add(figures.values().getOrDefault(text, 0L)));
        return values == null ? Figure.unknown("no values are expected") : values.figure(counts);
    }

    private Figure definition(Claim claim, List<Entry> entries) {
        if (entries.isEmpty()) {
            return Figure.unknown("part of the table's definition");
        }
        String definition = entries.get(0).definition();
        if (entries.get(0).description().equals("INDEX")) {
            // ALTER TABLE … CLUSTER ON and other later words about the index follow in the same entry.
            int end = definition.indexOf(";\n");
            return claim.figure(end < 0 ? definition : definition.substring(0, end + 1));
        }
        String add = "ADD CONSTRAINT " + QualifiedName.quote(objectName.name()) + " ";
        int start = definition.indexOf(add);
        if (objectKind == ObjectKind.INDEX || start < 0) {
            return Figure.unknown("the archive has it as a constraint");
        }
        return claim.figure(definition.substring(start + add.length()));
    }

    private Figure lastValue(ArchiveContents archive, Claim claim) {
        for (Entry entry : archive.sequenceValues(objectName)) {
            Matcher matcher = SETVAL.matcher(entry.definition());
            if (matcher.find()) {
                return claim.figure(matcher.group(1));
            }
        }
        return Figure.of(false, NOT_THERE);
    }

    private static Supplier<Figure> known(Figure figure) {
        return () -> figure;
    }
}
