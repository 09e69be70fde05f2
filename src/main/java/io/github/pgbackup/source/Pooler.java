package io.github.pgbackup.source;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/** Recognises a connection pooler. A snapshot is useless when the next statement may run in another backend. */
final class Pooler {

    /**
     * A pool reuses idle connections in last-in, first-out order, so two samples suffice; the others are for a busy
     * pool.
     */
    private static final int SAMPLES = 5;

    private static final String BACKEND = "select pg_catalog.pg_backend_pid()";

    private Pooler() {}

    /** Whether the process id reported at startup, which a pooler invents, differs from the backend's. */
    static boolean isBehind(Session session) throws SQLException {
        return session.pid() != session.number(BACKEND);
    }

    /**
     * In session mode, two open idle sessions never share a backend, and a session never changes its backend.
     *
     * @throws CannotVerifyException in transaction or statement mode
     */
    static void refuseTransactionMode(Session one, Session other, JdbcUrl.Host host, JdbcUrl url) throws SQLException {
        Set<Long> backendsOfOne = new HashSet<>();
        Set<Long> backendsOfOther = new HashSet<>();
        for (int inspect = 0; inspect < SAMPLES; inspect++) {
            backendsOfOne.add(one.number(BACKEND));
            backendsOfOther.add(other.number(BACKEND));
        }
        if (backendsOfOne.size() > 1 || backendsOfOther.size() > 1 || backendsOfOne.equals(backendsOfOther)) {
            throw new CannotVerifyException(
                    "A connection pooler in transaction mode answers at " + host
                            + ": two of our sessions share one backend, so no snapshot can be held for the dump.",
                    Remedy.nameTheServerBehindThePooler(url.tag()));
        }
    }
}
