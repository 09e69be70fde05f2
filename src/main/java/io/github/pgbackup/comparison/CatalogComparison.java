package io.github.pgbackup.comparison;

import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.SqlTokens;
import io.github.pgbackup.archive.TableDefinition;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.comparison.SourceCatalog.Attachment;
import io.github.pgbackup.comparison.SourceCatalog.SourceObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Compares the source's own catalogs with the archive's entries: whether pg_dump has written every object, and none of
 * another database. An entry contains the OID of its object in the source, so nothing depends on names.
 *
 * @param compared number of compared objects, by kind
 * @param differences objects that only one of them contains
 */
public record CatalogComparison(Map<String, Integer> compared, List<Difference> differences) {

    private static final String BOTH = "in source and archive";
    private static final String SOURCE_ONLY = "in the source only";

    private static final Set<String> ATTACHMENTS = Set.of("COMMENT", "ACL", "SECURITY LABEL");

    /** Up to 13, the entry of a partition's table also attaches it. */
    private static final String ATTACH = "TABLE ATTACH";

    private static final int FIRST_WITH_ATTACH = 14;

    public CatalogComparison {
        compared = new TreeMap<>(compared);
        differences = List.copyOf(differences);
    }

    private record Id(long catalog, long oid) {}

    /** Comments, privileges or security labels of an entry's object. */
    private record Attached(String kind, int dumpId) {}

    /**
     * Compares the two.
     *
     * @param source read under the snapshot of the dump
     */
    public static CatalogComparison of(SourceCatalog source, TableOfContents archive) {
        return new Comparer(archive).compare(source);
    }

    private static final class Comparer {

        private final TableOfContents archive;
        private final Map<Id, Entry> entries = new HashMap<>();
        private final Map<Long, Entry> owners = new HashMap<>();
        private final Set<String> names = new HashSet<>();
        private final Map<Attached, Integer> attached = new HashMap<>();
        private final Map<Long, Set<String>> constraints = new HashMap<>();
        private final Map<String, Integer> compared = new HashMap<>();
        private final List<Difference> differences = new ArrayList<>();

        Comparer(TableOfContents archive) {
            this.archive = archive;
            for (Entry entry : archive.entries()) {
                names.add(entry.object());
                if (ATTACHMENTS.contains(entry.description())) {
                    entry.dependencies().stream()
                            .findFirst()
                            .ifPresent(on -> attached.merge(new Attached(entry.description(), on), 1, Integer::sum));
                } else if (entry.tableOid() != 0 && entry.section() != Entry.Section.DATA) {
                    entries.put(new Id(entry.tableOid(), entry.oid()), entry);
                    if (Set.of("TABLE", "FOREIGN TABLE", "DOMAIN").contains(entry.description())) {
                        owners.put(entry.oid(), entry);
                    }
                }
            }
        }

        CatalogComparison compare(SourceCatalog source) {
            Map<Id, SourceObject> objects = new HashMap<>();
            Set<Long> catalogs = new HashSet<>();
            for (SourceObject object : source.objects()) {
                Id id = new Id(object.catalog(), object.oid());
                if (object.catalog() == 0) {
                    byName(object);
                } else if (object.inside() != 0 && !entries.containsKey(id)) {
                    inside(object);
                } else {
                    byId(object);
                }
                objects.put(id, object);
                catalogs.add(object.catalog());
            }
            attachments(source.attachments(), objects);
            entries.forEach((id, entry) -> {
                // Catalogs that are not queried: large objects, and anything that a newer pg_dump may write.
                if (catalogs.contains(id.catalog()) && !objects.containsKey(id)) {
                    differences.add(new Difference(entry.object(), BOTH, "in the archive only", entry.dumpId()));
                }
            });
            return new CatalogComparison(compared, differences);
        }

        private void byId(SourceObject object) {
            Entry entry = entries.get(new Id(object.catalog(), object.oid()));
            if (entry == null) {
                if (object.dumped()) {
                    compared.merge(object.kind(), 1, Integer::sum);
                    differences.add(new Difference(object.object(), BOTH, SOURCE_ONLY, null));
                }
                return;
            }
            compared.merge(entry.description(), 1, Integer::sum);
            if (object.dumped() && !entry.object().equals(object.object())) {
                differences.add(new Difference(
                        object.object(), BOTH, "the archive has " + entry.object() + " in its place", entry.dumpId()));
            }
            if (object.dumped() && object.inside() == 0) {
                columns(object, entry);
            }
        }

        private void columns(SourceObject table, Entry entry) {
            if (table.parts().isEmpty()) {
                return;
            }
            Optional<TableDefinition> definition = TableDefinition.parse(entry.definition());
            Set<String> columns = new HashSet<>();
            definition.ifPresent(known -> known.columns().forEach(column -> columns.add(column.name())));
            for (String column : table.parts()) {
                if (!columns.contains(column)) {
                    differences.add(new Difference(
                            table.object(), "column " + column + " " + BOTH, SOURCE_ONLY, entry.dumpId()));
                }
            }
        }

        private void byName(SourceObject object) {
            if (!object.dumped() || object.kind().equals(ATTACH) && dumpMajor() < FIRST_WITH_ATTACH) {
                return;
            }
            compared.merge(object.kind(), 1, Integer::sum);
            if (!names.contains(object.object())) {
                differences.add(new Difference(object.object(), BOTH, SOURCE_ONLY, null));
            }
        }

        /**
         * Looks for a constraint within the entry of its table. If that entry is missing, the table is reported
         * instead.
         */
        private void inside(SourceObject constraint) {
            Entry owner = owners.get(constraint.inside());
            if (constraint.dumped()
                    && owner != null
                    && !constraints
                            .computeIfAbsent(constraint.inside(), oid -> constraints(owner.definition()))
                            .containsAll(constraint.parts())) {
                differences.add(new Difference(constraint.object(), BOTH, SOURCE_ONLY, owner.dumpId()));
            }
        }

        private static Set<String> constraints(String definition) {
            Set<String> names = new HashSet<>();
            List<SqlTokens.Token> tokens = SqlTokens.of(definition);
            for (int i = 1; i < tokens.size(); i++) {
                if (tokens.get(i - 1).is("CONSTRAINT") && tokens.get(i).isIdentifier()) {
                    names.add(tokens.get(i).identifier());
                }
            }
            return names;
        }

        /** Compares attachments. Those of a constraint within a table's entry belong to that entry. */
        private void attachments(List<Attachment> attachments, Map<Id, SourceObject> objects) {
            Map<Attached, Integer> expected = new HashMap<>();
            for (Attachment each : attachments) {
                Id id = new Id(each.catalog(), each.oid());
                SourceObject object = objects.get(id);
                if (object == null || !object.dumped()) {
                    continue;
                }
                Entry owner = owners.get(object.inside());
                Entry own = entries.get(id);
                Entry on = own == null ? owner : own;
                // Which entry the comment of a domain's constraint belongs to depends on the minor version.
                boolean either =
                        own != null && owner != null && owner.description().equals("DOMAIN");
                if (on != null && !either) {
                    expected.merge(new Attached(each.kind(), on.dumpId()), (int) each.count(), Integer::sum);
                }
            }
            expected.forEach((each, count) -> {
                compared.merge(each.kind(), count, Integer::sum);
                int found = attached.getOrDefault(each, 0);
                if (found < count) {
                    String object =
                            archive.entry(each.dumpId()).map(Entry::object).orElse("");
                    differences.add(new Difference(
                            each.kind() + " on " + object,
                            count + " in the source",
                            found + " in the archive",
                            each.dumpId()));
                }
            });
        }

        private int dumpMajor() {
            return Integer.parseInt(archive.dumpVersion().split("\\D", 2)[0]);
        }
    }
}
