package io.github.pgbackup.comparison;

import java.sql.SQLException;

/** One table of several that were asked together cannot be read; the cause is what the server says of it. */
public final class UnreadableTableException extends SQLException {

    private static final long serialVersionUID = 1L;

    private final String table;

    UnreadableTableException(TableName table, SQLException cause) {
        super(cause.getMessage(), cause.getSQLState(), cause);
        this.table = table.quoted();
    }

    /** As SQL writes its name. */
    public String table() {
        return table;
    }
}
