package io.github.pgbackup.source;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/** Tells a connection pooler from a server: a snapshot is of no use where the next statement may run elsewhere. */
final class Pooler {

    /** Idle connections of a pool are reused in a stack's order, so twice is enough; the rest is for a busy pool. */
    private static final int SAMPLES = 5;

    private static final String BACKEND = "select pg_catalog.pg_backend_pid()";

    private Pooler() {}

    /** Whether the process id given at start-up, a pooler's own invention, is another than the backend's. */
    static boolean isBehind(Session session) throws SQLException {
        return session.pid() != session.number(BACKEND);
    }

    /**
     * Two sessions, both open and idle, never share a backend in session mode, and none ever changes its own.
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
