package io.github.pgbackup.comparison;

import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;

/**
 * The function that hashed a server's rows, and its results for two known texts. A server with other results computes
 * different hashes for the same rows.
 */
public record HashOnServer(RowHash function, String probe) {

    public static HashOnServer of(RowHash function, Session session) throws SQLException {
        return new HashOnServer(function, function.probe(session));
    }

    /** Whether another server computes the same hashes. */
    public boolean isSameOn(Session other) throws SQLException {
        return function.probe(other).equals(probe);
    }
}
