package io.github.pgbackup.manifest;

import io.github.pgbackup.comparison.DatabaseObservations;
import io.github.pgbackup.comparison.DatabaseObservations.LargeObjects;
import io.github.pgbackup.comparison.DatabaseObservations.SequenceObservation;
import io.github.pgbackup.comparison.DatabaseObservations.TableObservation;
import io.github.pgbackup.comparison.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * {@link DatabaseObservations} in the form of the file: as lists, because a member of a JSON object cannot have a
 * two-part name.
 */
record Rows(
        List<Table> tables,
        List<Sequence> sequences,
        List<MaterializedView> materializedViews,
        LargeObjectsInFile largeObjects) {

    /** A table; partitions are null when it holds its rows itself. */
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

    /** Fingerprints of a large object; OID 0 stands for all of them. */
    record LargeObject(
            long oid,
            @Nullable String content,
            @Nullable String comment,
            @Nullable String owner) {}

    static Rows of(DatabaseObservations observations) {
        List<Table> tables = new ArrayList<>();
        observations.tables().forEach((name, observation) -> {
            Set<TableName> leaves = observations.leaves().getOrDefault(name, Set.of());
            tables.add(new Table(
                    name.schema(),
                    name.table(),
                    observation.rows(),
                    orNull(observation.fingerprint()),
                    orNull(observation.generated()),
                    observations.tableBytes().getOrDefault(name, 0L),
                    leaves.equals(Set.of(name)) ? null : List.copyOf(leaves)));
        });
        List<Sequence> sequences = new ArrayList<>();
        observations
                .sequences()
                .forEach((name, each) -> sequences.add(new Sequence(
                        name.schema(), name.table(), each.lastValue(), each.called(), each.increment(), each.cycle())));
        List<MaterializedView> views = new ArrayList<>();
        observations
                .materializedViews()
                .forEach((name, populated) -> views.add(new MaterializedView(name.schema(), name.table(), populated)));
        return new Rows(tables, sequences, views, of(observations.largeObjects()));
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

    DatabaseObservations observations() {
        Map<TableName, TableObservation> observations = new TreeMap<>();
        Map<TableName, Set<TableName>> leaves = new TreeMap<>();
        Map<TableName, Long> bytes = new TreeMap<>();
        for (Table table : tables) {
            observations.put(
                    table.name(),
                    new TableObservation(
                            table.rows(), orEmpty(table.fingerprint()), orEmpty(table.generatedFingerprint())));
            List<TableName> partitions = Optional.ofNullable(table.partitions()).orElse(List.of(table.name()));
            leaves.put(table.name(), new TreeSet<>(partitions));
            bytes.put(table.name(), table.bytes());
        }
        Map<TableName, SequenceObservation> values = new TreeMap<>();
        for (Sequence each : sequences) {
            values.put(
                    new TableName(each.schema(), each.sequence()),
                    new SequenceObservation(each.lastValue(), each.called(), each.increment(), each.cycle()));
        }
        Map<TableName, Boolean> views = new TreeMap<>();
        materializedViews.forEach(each -> views.put(new TableName(each.schema(), each.view()), each.populated()));
        return new DatabaseObservations(observations, leaves, bytes, values, views, observationsOfLargeObjects());
    }

    private static void put(Map<Long, String> map, long oid, @Nullable String value) {
        if (value != null) {
            map.put(oid, value);
        }
    }

    private LargeObjects observationsOfLargeObjects() {
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
