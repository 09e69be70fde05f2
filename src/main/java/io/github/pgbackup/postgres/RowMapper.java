package io.github.pgbackup.postgres;

import java.sql.ResultSet;
import java.sql.SQLException;

/** Maps the current row of the result set to a value, never null; it must not move the result set. */
@FunctionalInterface
public interface RowMapper<T> {

    T map(ResultSet row) throws SQLException;
}
