package io.github.pgbackup.comparison;

import io.github.pgbackup.postgres.QualifiedName;

/** A table by its unquoted schema and name. */
public record TableName(String schema, String table) implements Comparable<TableName> {

    /** Quoted for SQL. */
    public String quoted() {
        return QualifiedName.quote(schema) + "." + QualifiedName.quote(table);
    }

    @Override
    public int compareTo(TableName other) {
        int order = schema.compareTo(other.schema);
        return order == 0 ? table.compareTo(other.table) : order;
    }

    @Override
    public String toString() {
        return schema + "." + table;
    }
}
