package io.github.pgbackup.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A session on a server, in autocommit mode. To use a transaction, send {@code BEGIN} with {@link #execute}. Closing
 * the session rolls back an open transaction. Must be used by one thread at a time.
 */
public final class Session implements AutoCloseable {

    /** The SQLSTATE of no_data_found, as the server itself raises it. */
    private static final String NO_DATA_FOUND = "P0002";

    /** The SQLSTATE of too_many_rows. */
    private static final String TOO_MANY_ROWS = "P0003";

    private final Connection connection;

    public Session(Connection connection) {
        this.connection = connection;
    }

    public Connection connection() {
        return connection;
    }

    /**
     * Reads all rows into memory, so the result must be small.
     *
     * @param sql with a {@code ?} for each parameter; an operator's question mark is written {@code ??}
     */
    public <T> List<T> list(String sql, RowMapper<T> mapper, @Nullable Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                List<T> list = new ArrayList<>();
                while (rows.next()) {
                    list.add(mapper.map(rows));
                }
                return list;
            }
        }
    }

    /** The only row; no row (SQLSTATE P0002) or several rows (P0003) are errors. */
    public <T> T one(String sql, RowMapper<T> mapper, @Nullable Object... parameters) throws SQLException {
        List<T> rows = list(sql, mapper, parameters);
        if (rows.isEmpty()) {
            throw new SQLException("The query returned no row; expected one: " + sql, NO_DATA_FOUND);
        }
        if (rows.size() > 1) {
            throw new SQLException("The query returned " + rows.size() + " rows; expected one: " + sql, TOO_MANY_ROWS);
        }
        return rows.get(0);
    }

    /** The first column of the only row as text; null for an SQL null. */
    public @Nullable String text(String sql, @Nullable Object... parameters) throws SQLException {
        return one(sql, row -> Optional.ofNullable(row.getString(1)), parameters)
                .orElse(null);
    }

    /** The first column of the only row as a number; an SQL null is an error (SQLSTATE P0002). */
    public long number(String sql, @Nullable Object... parameters) throws SQLException {
        return one(
                sql,
                row -> {
                    long number = row.getLong(1);
                    if (row.wasNull()) {
                        throw new SQLException("The query returned null; expected a number: " + sql, NO_DATA_FOUND);
                    }
                    return number;
                },
                parameters);
    }

    /** Runs a statement that returns no row, in the simple query protocol. */
    public void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /**
     * Makes the server parse a query without running it; this acquires the query's locks.
     *
     * @param sql one query
     */
    public void parse(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            var unused = statement.getMetaData();
        }
    }

    /** Closes the connection, from any thread, whatever it is waiting for. */
    public void abort() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // the connection is already lost
        }
    }

    /** Closes the connection and cancels its query on the server, so that the query does not continue in production. */
    public void cancel() {
        try {
            // First, because a backend in the middle of a query does not check whether its client is still connected.
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            // there is no connection left
        }
        abort();
    }

    /**
     * Limits the time for each answer of the server; if an answer is late, the session ends. Nothing else ends the wait
     * on a network that silently drops everything.
     *
     * @param limit in whole milliseconds; zero for none
     */
    public void answersWithin(Duration limit) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, Math.toIntExact(limit.toMillis()));
    }

    /** The process id that the server, or a pooler in front of it, reported at the start of the session. */
    public int pid() throws SQLException {
        return connection.unwrap(PGConnection.class).getBackendPID();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
