package io.github.pgbackup.postgres;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Turns the row that the result set stands on into a value; it doesn't move the result set. */
@FunctionalInterface
public interface RowMapper<T extends @Nullable Object> {

    T map(ResultSet row) throws SQLException;
}
