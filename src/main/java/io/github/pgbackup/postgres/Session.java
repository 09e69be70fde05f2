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
 * One session on a server, in autocommit: whoever wants a transaction says {@code BEGIN} by {@link #execute}. Closing it
 * ends an open transaction without a commit. Used by one thread at a time.
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
     * Reads every row into memory, so only for what is known to be small.
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

    /** The only row; none (SQLSTATE P0002) and several (P0003) are errors. */
    public <T> T one(String sql, RowMapper<T> mapper, @Nullable Object... parameters) throws SQLException {
        List<T> rows = list(sql, mapper, parameters);
        if (rows.isEmpty()) {
            throw new SQLException("The query returned no row, expected one: " + sql, NO_DATA_FOUND);
        }
        if (rows.size() > 1) {
            throw new SQLException("The query returned " + rows.size() + " rows, expected one: " + sql, TOO_MANY_ROWS);
        }
        return rows.get(0);
    }

    /** The first column of the only row as text; null is SQL's null. */
    public @Nullable String text(String sql, @Nullable Object... parameters) throws SQLException {
        return one(sql, row -> Optional.ofNullable(row.getString(1)), parameters)
                .orElse(null);
    }

    /** The first column of the only row as a number; SQL's null is an error (SQLSTATE P0002). */
    public long number(String sql, @Nullable Object... parameters) throws SQLException {
        return one(
                sql,
                row -> {
                    long number = row.getLong(1);
                    if (row.wasNull()) {
                        throw new SQLException("The query returned null, expected a number: " + sql, NO_DATA_FOUND);
                    }
                    return number;
                },
                parameters);
    }

    /** Runs one statement that returns no row, in the simple protocol's text form. */
    public void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /**
     * Lets the server parse a query, which takes its locks, and runs nothing.
     *
     * @param sql one query
     */
    public void parse(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            var unused = statement.getMetaData();
        }
    }

    /** Ends the connection, from another thread too, whatever it waits for. */
    public void abort() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // it is lost already, which is what was wanted
        }
    }

    /** Ends the connection and, on the server, its query: in production that must not go on without us. */
    public void cancel() {
        try {
            // First, since a backend in the middle of a query doesn't look whether its client is still there.
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            // there is none any more
        }
        abort();
    }

    /**
     * Limits how long the server may be silent from now on: an answer that is later costs the session. Nothing else
     * ends the wait for a network through which nothing comes any more.
     *
     * @param limit in whole milliseconds; zero: none
     */
    public void answersWithin(Duration limit) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, Math.toIntExact(limit.toMillis()));
    }

    /** The process id that the server, or a pooler in front of it, gave when the session began. */
    public int pid() throws SQLException {
        return connection.unwrap(PGConnection.class).getBackendPID();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
