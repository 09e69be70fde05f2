package io.github.pgbackup.comparison;

import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;

/**
 * The function by which a server's rows were hashed, and what it makes of two known texts there: a server that makes
 * something else of them has other hashes for the same rows.
 */
public record HashOnServer(RowHash function, String probe) {

    public static HashOnServer of(RowHash function, Session session) throws SQLException {
        return new HashOnServer(function, function.probe(session));
    }

    /** Whether another server gives the same hashes. */
    public boolean isSameOn(Session other) throws SQLException {
        return function.probe(other).equals(probe);
    }
}
