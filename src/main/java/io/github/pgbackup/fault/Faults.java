package io.github.pgbackup.fault;

import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.ObjectExpectation;
import io.github.pgbackup.expectation.ObjectName;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.postgres.UserSchemas;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the faults for a database: for each kind, one per table and one per object that an expectation names. The
 * same seed chooses the same faults in the same database, and a change of one table does not affect the choice for
 * other tables.
 *
 * @param archive the archive from which the database was restored
 * @param expectations the expectations to test
 */
public record Faults(TableOfContents archive, List<Expectation> expectations, long seed) {

    private static final String OBJECTS = """
            with t as (
                select c.oid, n.nspname as s, c.relname as r, q, c.relowner, c.relacl, c.relrowsecurity, c.relispartition,
                       case c.relkind when 'p' then q else 'only ' || q end as rows
                from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                cross join lateral format('%I.%I', n.nspname, c.relname) as q
                where c.relkind in ('r', 'p') and c.relpersistence <> 't'
                  and USER_SCHEMAS
              and not exists (select from pg_catalog.pg_depend d
                                  where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid
                                    and d.deptype = 'e')
            ), a as (
                select t.*, a.attname, a.attnum, a.attnotnull, a.atttypid, a.attidentity, a.attgenerated, a.atthasdef,
                       a.attinhcount, pg_catalog.quote_ident(a.attname) as col,
                       a.attidentity = '' and a.attgenerated = '' as updatable,
                       (select string_agg(pg_catalog.quote_ident(x.attname), ', ' order by x.attnum)
                        from pg_catalog.pg_attribute x
                        where x.attrelid = t.oid and x.attnum > 0 and not x.attisdropped and x.attgenerated = '') as columns,
                       exists (select from pg_catalog.pg_index i
                               where i.indrelid = t.oid and i.indisprimary and a.attnum = any (i.indkey)) as is_key,
                       exists (select from pg_catalog.pg_index i
                               where i.indrelid = t.oid and i.indisunique and a.attnum = any (i.indkey)) as is_unique
                from t join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
            ), v as (
                select c.oid, n.nspname as s, c.relname as r, q, c.relkind, c.relispopulated, c.relowner, c.relacl
                from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                cross join lateral format('%I.%I', n.nspname, c.relname) as q
                where c.relkind in ('v', 'm') and c.relpersistence <> 't'
                  and USER_SCHEMAS
              and not exists (select from pg_catalog.pg_depend d
                                  where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid
                                    and d.deptype = 'e')
            ), schemas as (
                select nspname as s from pg_catalog.pg_namespace n
                where USER_SCHEMAS
              and not exists (select from pg_catalog.pg_depend d
                                  where d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and d.objid = n.oid
                                    and d.deptype = 'e')
            )
            """.replace("USER_SCHEMAS", UserSchemas.CONDITION);

    /** Tables; their OIDs in the source reflect the order of their creation. */
    private static final String TABLE = "TABLE";

    /** An object with its kind, as an expectation may name it. */
    private record Named(FaultKind kind, List<String> parts) {}

    /** One fault of a kind is chosen for each group: a table, or an object without a table. */
    private record Group(FaultKind kind, QualifiedName of) {}

    public Faults {
        expectations = List.copyOf(expectations);
    }

    /**
     * Chooses the faults.
     *
     * @param session on the restored database; only reads the catalogs
     * @return faults of the database, the first of each kind before the second of any kind; faults of the archive come
     *     last
     */
    public List<Fault> choose(Session session) throws SQLException {
        List<Fault> chosen = new ArrayList<>();
        for (FaultKind kind : FaultKind.values()) {
            chosen.addAll(inTurn(choose(kind.isOfArchive() ? ofArchive(kind) : inDatabase(session, kind))));
        }
        Map<FaultKind, Integer> ofKind = new HashMap<>();
        Map<Fault, Integer> rounds = new HashMap<>();
        chosen.forEach(fault -> rounds.put(fault, ofKind.merge(fault.kind(), 1, Integer::sum)));
        ToIntFunction<Fault> round = fault -> rounds.getOrDefault(fault, 0);
        return chosen.stream()
                .sorted(Comparator.comparing((Fault fault) -> fault.kind().isOfArchive())
                        .thenComparingInt(round))
                .toList();
    }

    /** The order in which to try faults if there is not enough time for all. */
    private List<Fault> inTurn(List<Fault> faults) {
        return faults.stream()
                .sorted(Comparator.comparingInt(fault -> random(fault.object()).nextInt()))
                .toList();
    }

    private List<Fault> inDatabase(Session session, FaultKind kind) throws SQLException {
        Optional<Entry> newest = archive.entries().stream()
                .filter(entry -> entry.description().equals(TABLE))
                .max(Comparator.comparingLong(Entry::oid));
        String sql = OBJECTS
                + kind.query()
                        .replace(":newest_schema", literal(newest.map(Entry::schema)))
                        .replace(":newest_table", literal(newest.map(Entry::tag)));
        return session.list(
                sql,
                row -> new Fault(
                        kind,
                        Optional.ofNullable(name(row, 1)).orElseThrow(),
                        name(row, 2),
                        texts(row.getArray(3)),
                        row.getString(4),
                        row.getString(5)));
    }

    private static String literal(Optional<String> text) {
        return text.map(known -> "'" + known.replace("'", "''") + "'").orElse("null::text");
    }

    private static @Nullable QualifiedName name(ResultSet row, int column) throws SQLException {
        List<String> parts = texts(row.getArray(column));
        return parts.isEmpty() ? null : new QualifiedName(parts);
    }

    private static List<String> texts(@Nullable Array array) throws SQLException {
        return array == null
                ? List.of()
                : Stream.of((Object[]) array.getArray()).map(String::valueOf).toList();
    }

    private List<Fault> ofArchive(FaultKind kind) {
        if (kind == FaultKind.ARCHIVE_CUT || kind == FaultKind.BYTE_CHANGED) {
            return List.of(new Fault(kind, null, null, List.of(), null, null));
        }
        List<Fault> faults = archive.entries().stream()
                .filter(Entry::isTableData)
                .map(entry -> QualifiedName.of(entry.schema(), entry.tag()))
                .map(table ->
                        new Fault(kind, table, table, List.of(), "select count(*) from only " + table.quoteAll(), null))
                .toList();
        // Each one needs a restore; one is enough.
        return inTurn(faults).stream().limit(1).toList();
    }

    /** For each table, the candidates that an expectation names, or else one of them. */
    private List<Fault> choose(List<Fault> candidates) {
        Set<Named> named = named(candidates);
        Map<Group, List<Fault>> groups = new LinkedHashMap<>();
        candidates.forEach(fault ->
                groups.computeIfAbsent(group(fault), none -> new ArrayList<>()).add(fault));
        List<Fault> chosen = new ArrayList<>();
        groups.values().forEach(group -> {
            List<Fault> expected = group.stream()
                    .filter(fault -> fault.name() != null
                            && named.contains(
                                    new Named(fault.kind(), fault.name().parts())))
                    .toList();
            if (!expected.isEmpty()) {
                chosen.addAll(expected);
            } else {
                Fault first = group.get(0);
                List<Fault> viable =
                        group.stream().filter(each -> each.unviable() == null).toList();
                List<Fault> from = viable.isEmpty() ? group : viable;
                chosen.add(
                        from.get(random(first.kind().tag() + group(first).of()).nextInt(from.size())));
            }
        });
        return chosen;
    }

    private static Group group(Fault fault) {
        QualifiedName of = fault.table() == null ? fault.name() : fault.table();
        return new Group(
                fault.kind(), of == null ? QualifiedName.of(fault.kind().tag()) : of);
    }

    private Random random(String text) {
        return new Random(31 * seed + text.hashCode());
    }

    /** The candidates that an expectation names; it may omit the table of a constraint, trigger or policy. */
    private Set<Named> named(List<Fault> candidates) {
        Set<Named> named = new HashSet<>();
        for (Fault fault : candidates) {
            QualifiedName name = fault.name();
            if (name != null
                    && expectations.stream()
                            .filter(ObjectExpectation.class::isInstance)
                            .map(ObjectExpectation.class::cast)
                            .filter(each -> each.objectKind() == fault.kind().objectKind())
                            .anyMatch(each -> isNamed(name, each.objectName()))) {
                named.add(new Named(fault.kind(), name.parts()));
            }
        }
        return named;
    }

    private static boolean isNamed(QualifiedName object, ObjectName by) {
        List<String> parts = object.parts();
        return object.last().equals(by.name())
                && (by.schema() == null || by.schema().equals(parts.get(0)))
                && (by.table() == null || parts.size() == 3 && by.table().equals(parts.get(1)));
    }
}
