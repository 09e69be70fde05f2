package io.github.pgbackup.rehearsal;

import io.github.pgbackup.description.DescribedSchema;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The state of the observed database at one moment, read by a session that ends at once.
 *
 * @param nextXid the first transaction ID that was not yet assigned
 * @param relations by OID: tables, indexes, TOAST tables, views, sequences
 * @param rows numbers of rows of each table that stores rows, by the table's OID
 */
record CopyState(
        long nextXid,
        Map<Long, Relation> relations,
        Map<Long, IndexState> indexes,
        Map<Long, ConstraintState> constraints,
        Map<Long, RowCount> rows,
        MigrationHistory history,
        DescribedSchema schema) {

    /** Number of tables that one statement counts. */
    private static final int BATCH = 50;

    private static final String RELATIONS = """
            select c.oid::bigint, n.nspname, c.relname, c.relkind, c.relispartition,
                   coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)::bigint, c.reltablespace::bigint, c.xmin::text::bigint,
                   case when c.relkind in ('r', 'm') then pg_catalog.pg_table_size(c.oid) else 0 end,
                   case when c.relkind in ('r', 'm') then pg_catalog.pg_indexes_size(c.oid) else 0 end,
                   coalesce(i.indrelid, t.oid, 0)::bigint
            from pg_catalog.pg_class c
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            left join pg_catalog.pg_index i on i.indexrelid = c.oid
            left join pg_catalog.pg_class t on t.reltoastrelid = c.oid and c.relkind = 't'
            where c.oid >= 16384 and c.relpersistence <> 't' and c.relkind <> 'c'""";

    private static final String INDEXES = """
            select i.indexrelid::bigint, i.indrelid::bigint, i.indisvalid from pg_catalog.pg_index i
            join pg_catalog.pg_class c on c.oid = i.indrelid
            where i.indexrelid >= 16384 and c.relkind in ('r', 'm', 'p') and c.relpersistence <> 't'""";

    private static final String CONSTRAINTS = """
            select k.oid::bigint, k.conrelid::bigint, k.conname, k.convalidated, k.xmin::text::bigint,
                   case k.contype when 'c' then 'CHECK' when 'f' then 'FOREIGN KEY' when 'n' then 'NOT NULL'
                                  when 'p' then 'PRIMARY KEY' when 'u' then 'UNIQUE' else 'EXCLUDE' end
            from pg_catalog.pg_constraint k
            where k.oid >= 16384 and k.conrelid <> 0 and k.contype in ('c', 'f', 'n', 'p', 'u', 'x')""";

    /**
     * A relation.
     *
     * @param file number of its file; 0 if it has none
     * @param xid ID of the last transaction that changed its row in pg_class
     * @param of OID of the table to which the index or TOAST table belongs; 0 for any other relation
     */
    record Relation(
            QualifiedName name,
            String kind,
            boolean partition,
            long file,
            long tablespace,
            long xid,
            long bytes,
            long indexBytes,
            long of) {

        boolean isIndex() {
            return kind.equals("i") || kind.equals("I");
        }

        boolean isToast() {
            return kind.equals("t");
        }

        String kindInWords() {
            return switch (kind) {
                case "r" -> partition ? "partition" : "table";
                case "p" -> "partitioned table";
                case "v" -> "view";
                case "m" -> "materialized view";
                case "S" -> "sequence";
                case "f" -> "foreign table";
                default -> "index";
            };
        }
    }

    record IndexState(long table, boolean valid) {}

    record ConstraintState(long table, String name, boolean validated, long xid, String kind) {}

    /**
     * The number of rows of a table.
     *
     * @param written how many of them were written by transactions that began after a given moment
     */
    record RowCount(long rows, long written) {}

    /**
     * Reads the state.
     *
     * @param session on the observed database, outside a transaction
     * @param since transaction ID that tells newly written rows from older ones; null counts no row as new
     */
    static CopyState of(Session session, @Nullable Long since) throws SQLException {
        session.execute("begin isolation level repeatable read, read only");
        long nextXid = session.number("select pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())");
        Map<Long, Relation> relations = new LinkedHashMap<>();
        session.list(RELATIONS, row -> relations.put(row.getLong(1), relation(row)) == null);
        Map<Long, IndexState> indexes = new HashMap<>();
        session.list(
                INDEXES, row -> indexes.put(row.getLong(1), new IndexState(row.getLong(2), row.getBoolean(3))) == null);
        Map<Long, ConstraintState> constraints = new HashMap<>();
        session.list(
                CONSTRAINTS,
                row -> constraints.put(
                                row.getLong(1),
                                new ConstraintState(
                                        row.getLong(2),
                                        row.getString(3),
                                        row.getBoolean(4),
                                        row.getLong(5),
                                        row.getString(6)))
                        == null);
        CopyState state = new CopyState(
                nextXid,
                relations,
                indexes,
                constraints,
                count(session, relations, since),
                MigrationHistory.of(session),
                DescribedSchema.of(session));
        session.execute("rollback");
        return state;
    }

    private static Relation relation(ResultSet row) throws SQLException {
        return new Relation(
                QualifiedName.of(row.getString(2), row.getString(3)),
                row.getString(4),
                row.getBoolean(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8),
                row.getLong(9),
                row.getLong(10),
                row.getLong(11));
    }

    private static Map<Long, RowCount> count(Session session, Map<Long, Relation> relations, @Nullable Long since)
            throws SQLException {
        Map<Long, RowCount> rows = new HashMap<>();
        List<String> batch = new ArrayList<>();
        // Transaction IDs of a server that was created for this run are far from wraparound, and a frozen row keeps its
        // ID.
        String written = since == null
                ? "0"
                : "count(*) filter (where pg_catalog.age(xmin) <= pg_catalog.age('" + since + "'::pg_catalog.xid))";
        for (Map.Entry<Long, Relation> each : relations.entrySet()) {
            if (each.getValue().kind().equals("r")) {
                batch.add("select " + each.getKey() + "::bigint, count(*), " + written + " from only "
                        + each.getValue().name().quoteAll());
            }
            if (batch.size() == BATCH) {
                count(session, batch, rows);
            }
        }
        count(session, batch, rows);
        return rows;
    }

    private static void count(Session session, List<String> batch, Map<Long, RowCount> rows) throws SQLException {
        if (!batch.isEmpty()) {
            session.list(
                    String.join(" union all ", batch),
                    row -> rows.put(row.getLong(1), new RowCount(row.getLong(2), row.getLong(3))) == null);
            batch.clear();
        }
    }

    /** The table to which a relation belongs; the relation itself if it is a table. */
    long tableOf(long relation) {
        long at = relation;
        for (int i = 0; i < 3; i++) {
            Relation found = relations.get(at);
            if (found == null || found.of() == 0) {
                return at;
            }
            at = found.of();
        }
        return at;
    }

    String name(long relation) {
        return Objects.requireNonNull(relations.get(relation)).name().toString();
    }
}
