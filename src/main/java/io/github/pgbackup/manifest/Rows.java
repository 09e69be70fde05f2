package io.github.pgbackup.manifest;

import io.github.pgbackup.ledger.DatabaseFigures;
import io.github.pgbackup.ledger.DatabaseFigures.LargeObjects;
import io.github.pgbackup.ledger.DatabaseFigures.SequenceFigure;
import io.github.pgbackup.ledger.DatabaseFigures.TableFigure;
import io.github.pgbackup.ledger.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** {@link DatabaseFigures} in the form of the file: lists, since JSON has no names of two parts. */
record Rows(
        List<Table> tables,
        List<Sequence> sequences,
        List<MaterializedView> materializedViews,
        LargeObjectsInFile largeObjects) {

    /** A table; without partitions when it holds its rows itself. */
    record Table(
            String schema,
            String table,
            long rows,
            @Nullable String fingerprint,
            @Nullable String generatedFingerprint,
            long bytes,
            @Nullable List<TableName> partitions) {

        TableName name() {
            return new TableName(schema, table);
        }
    }

    record Sequence(String schema, String sequence, long lastValue, boolean called, long increment, boolean cycle) {}

    record MaterializedView(String schema, String view, boolean populated) {}

    record LargeObjectsInFile(long count, List<LargeObject> fingerprints) {}

    /** Fingerprints of one large object; of all by the OID 0. */
    record LargeObject(
            long oid,
            @Nullable String content,
            @Nullable String comment,
            @Nullable String owner) {}

    static Rows of(DatabaseFigures figures) {
        List<Table> tables = new ArrayList<>();
        figures.tables().forEach((name, figure) -> {
            Set<TableName> leaves = figures.leaves().getOrDefault(name, Set.of());
            tables.add(new Table(
                    name.schema(),
                    name.table(),
                    figure.rows(),
                    orNull(figure.fingerprint()),
                    orNull(figure.generated()),
                    figures.tableBytes().getOrDefault(name, 0L),
                    leaves.equals(Set.of(name)) ? null : List.copyOf(leaves)));
        });
        List<Sequence> sequences = new ArrayList<>();
        figures.sequences()
                .forEach((name, each) -> sequences.add(new Sequence(
                        name.schema(), name.table(), each.lastValue(), each.called(), each.increment(), each.cycle())));
        List<MaterializedView> views = new ArrayList<>();
        figures.materializedViews()
                .forEach((name, populated) -> views.add(new MaterializedView(name.schema(), name.table(), populated)));
        return new Rows(tables, sequences, views, of(figures.largeObjects()));
    }

    private static LargeObjectsInFile of(LargeObjects objects) {
        Set<Long> oids = new TreeSet<>(objects.comments().keySet());
        oids.addAll(objects.content().keySet());
        return new LargeObjectsInFile(
                objects.count(),
                oids.stream()
                        .map(oid -> new LargeObject(
                                oid,
                                objects.content().get(oid),
                                objects.comments().get(oid),
                                objects.owners().get(oid)))
                        .toList());
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    DatabaseFigures figures() {
        Map<TableName, TableFigure> figures = new TreeMap<>();
        Map<TableName, Set<TableName>> leaves = new TreeMap<>();
        Map<TableName, Long> bytes = new TreeMap<>();
        for (Table table : tables) {
            figures.put(
                    table.name(),
                    new TableFigure(table.rows(), orEmpty(table.fingerprint()), orEmpty(table.generatedFingerprint())));
            List<TableName> partitions = Optional.ofNullable(table.partitions()).orElse(List.of(table.name()));
            leaves.put(table.name(), new TreeSet<>(partitions));
            bytes.put(table.name(), table.bytes());
        }
        Map<TableName, SequenceFigure> values = new TreeMap<>();
        for (Sequence each : sequences) {
            values.put(
                    new TableName(each.schema(), each.sequence()),
                    new SequenceFigure(each.lastValue(), each.called(), each.increment(), each.cycle()));
        }
        Map<TableName, Boolean> views = new TreeMap<>();
        materializedViews.forEach(each -> views.put(new TableName(each.schema(), each.view()), each.populated()));
        return new DatabaseFigures(figures, leaves, bytes, values, views, figuresOfLargeObjects());
    }

    private static void put(Map<Long, String> map, long oid, @Nullable String value) {
        if (value != null) {
            map.put(oid, value);
        }
    }

    private LargeObjects figuresOfLargeObjects() {
        Map<Long, String> content = new TreeMap<>();
        Map<Long, String> comments = new TreeMap<>();
        Map<Long, String> owners = new TreeMap<>();
        for (LargeObject each : largeObjects.fingerprints()) {
            put(content, each.oid(), each.content());
            put(comments, each.oid(), each.comment());
            put(owners, each.oid(), each.owner());
        }
        return new LargeObjects(largeObjects.count(), content, comments, owners);
    }
}
