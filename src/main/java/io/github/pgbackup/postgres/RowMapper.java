package io.github.pgbackup.postgres;

import java.sql.ResultSet;
import java.sql.SQLException;

/** Turns the row that the result set stands on into a value, never null; it doesn't move the result set. */
@FunctionalInterface
public interface RowMapper<T> {

    T map(ResultSet row) throws SQLException;
}
