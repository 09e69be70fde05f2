package io.github.pgbackup.use;

import io.github.pgbackup.comparison.TableName;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The number of rows that the session's transaction wrote in each table, including PostgreSQL's own, as counted by the
 * server (manual, 27.2, pg_stat_xact_all_tables).
 *
 * @param known whether the server counts; otherwise anything may have been written
 */
record WrittenTables(boolean known, Map<TableName, Long> rows) {

    private static final String CATALOG = "pg_catalog";

    /** Older servers send the counts through a socket that a server without a network does not have. */
    private static final int FIRST_WITHOUT_COLLECTOR = 15;

    /** Reads the counts of the session's transaction; they may include earlier transactions. */
    static WrittenTables of(Session session, PostgresVersion server) throws SQLException {
        Map<TableName, Long> rows = new HashMap<>();
        if (server.major() < FIRST_WITHOUT_COLLECTOR) {
            return new WrittenTables(false, rows);
        }
        session.list("""
                select schemaname, relname, n_tup_ins + n_tup_upd + n_tup_del from pg_catalog.pg_stat_xact_all_tables
                where n_tup_ins + n_tup_upd + n_tup_del > 0 and schemaname <> 'pg_toast'""", row -> rows.put(new TableName(row.getString(1), row.getString(2)), row.getLong(3)));
        return new WrittenTables(true, rows);
    }

    /** The rows that were written after an earlier reading. */
    WrittenTables since(WrittenTables before) {
        return new WrittenTables(
                known,
                rows.entrySet().stream()
                        .filter(each -> each.getValue() > before.rows.getOrDefault(each.getKey(), 0L))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /** Whether the transaction may have written to PostgreSQL's own tables. */
    boolean definitions() {
        return !known || !catalogs().isEmpty();
    }

    /** Names of PostgreSQL's own tables that were written; empty when nothing is known. */
    Set<String> catalogs() {
        return rows.keySet().stream()
                .filter(table -> table.schema().equals(CATALOG))
                .map(TableName::table)
                .collect(Collectors.toSet());
    }

    /** Names of all other tables that were written; empty when nothing is known. */
    Set<TableName> tables() {
        return rows.keySet().stream()
                .filter(table -> !table.schema().equals(CATALOG))
                .collect(Collectors.toSet());
    }
}
