package io.github.pgbackup.comparison;

import java.sql.SQLException;

/** One of several tables that were queried together cannot be read; the cause is the server's error. */
public final class UnreadableTableException extends SQLException {

    private static final long serialVersionUID = 1L;

    private final String table;

    UnreadableTableException(TableName table, SQLException cause) {
        super(cause.getMessage(), cause.getSQLState(), cause);
        this.table = table.quoted();
    }

    /** The name quoted for SQL. */
    public String table() {
        return table;
    }
}
