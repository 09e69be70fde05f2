package io.github.pgbackup.rehearsal;

import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.rehearsal.RehearsalReport.Migration;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tables in which Flyway and Liquibase record what they have run. They are recognized by their columns, whatever
 * their names.
 *
 * @param tables their names without schema, in lower case
 * @param migrations by what identifies a row
 * @param markers number of rows by which Flyway marks a baseline or a schema that it created; they are not migrations
 */
record MigrationHistory(List<String> tables, Map<String, Migration> migrations, long markers) {

    private static final String WITH_COLUMNS = """
            select n.nspname, c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'r' and c.oid >= 16384
              and (select count(*) from pg_catalog.pg_attribute a
                   where a.attrelid = c.oid and not a.attisdropped and a.attname = any (?::text[])) = ?""";

    private static final List<String> FLYWAY = List.of(
            "installed_rank",
            "version",
            "description",
            "type",
            "script",
            "checksum",
            "installed_on",
            "execution_time",
            "success");

    private static final List<String> LIQUIBASE =
            List.of("id", "author", "filename", "dateexecuted", "orderexecuted", "exectype", "md5sum");

    /** Reads the tables in the session's current transaction. */
    static MigrationHistory of(Session session) throws SQLException {
        List<String> tables = new ArrayList<>();
        Map<String, Migration> migrations = new LinkedHashMap<>();
        long markers = 0;
        for (QualifiedName table : tables(session, FLYWAY)) {
            tables.add(table.last());
            markers += session.list(
                            "select count(*) from " + table.quoteAll() + " where type in ('SCHEMA', 'BASELINE')",
                            row -> row.getLong(1))
                    .get(0);
            session.list(
                    "select installed_rank, version, description, script, execution_time, success from "
                            + table.quoteAll() + " where type not in ('SCHEMA', 'BASELINE') order by installed_rank",
                    row -> migrations.put(
                                    table + "\n" + row.getString(1),
                                    new Migration(
                                            "flyway",
                                            row.getString(2) == null ? "" : row.getString(2),
                                            String.valueOf(row.getString(3)),
                                            String.valueOf(row.getString(4)),
                                            Duration.ofMillis(row.getLong(5)),
                                            row.getBoolean(6)))
                            == null);
        }
        for (QualifiedName table : tables(session, LIQUIBASE)) {
            tables.add(table.last());
            session.list(
                    "select id, author, filename, description, exectype, orderexecuted, dateexecuted from "
                            + table.quoteAll() + " order by orderexecuted, dateexecuted",
                    row -> migrations.put(
                                    String.join(
                                            "\n",
                                            table.toString(),
                                            row.getString(1),
                                            row.getString(2),
                                            row.getString(3),
                                            row.getString(6),
                                            row.getString(7)),
                                    new Migration(
                                            "liquibase",
                                            row.getString(2) + ":" + row.getString(1),
                                            row.getString(4) == null ? "" : row.getString(4),
                                            row.getString(3),
                                            null,
                                            !"FAILED".equals(row.getString(5))))
                            == null);
        }
        return new MigrationHistory(tables, migrations, markers);
    }

    private static List<QualifiedName> tables(Session session, List<String> columns) throws SQLException {
        return session.list(
                WITH_COLUMNS,
                row -> QualifiedName.of(row.getString(1), row.getString(2)),
                "{" + String.join(",", columns) + "}",
                columns.size());
    }

    /** The migrations that were not there before, in order. */
    List<Migration> since(MigrationHistory before) {
        return migrations.entrySet().stream()
                .filter(each -> !before.migrations.containsKey(each.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }
}
