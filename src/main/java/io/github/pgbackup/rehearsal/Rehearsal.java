package io.github.pgbackup.rehearsal;

import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.postgres.Session;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;

/**
 * The time between two moments of a restored database, in which migrations run. During this time, none of our sessions
 * is in that database, and they leave nothing in it.
 */
public final class Rehearsal implements AutoCloseable {

    private final PostgresServer server;
    private final String database;
    private final String role;
    private final CopyState before;
    private final LockObserver observer;
    private final StatementLog statements;

    private Rehearsal(
            PostgresServer server,
            String database,
            String role,
            CopyState before,
            LockObserver observer,
            StatementLog statements) {
        this.server = server;
        this.database = database;
        this.role = role;
        this.before = before;
        this.observer = observer;
        this.statements = statements;
    }

    /**
     * Describes the database and starts to observe it.
     *
     * @param database a verified restored database that no other session uses yet
     * @param role that runs the migration
     */
    public static Rehearsal begin(PostgresServer server, String database, String role)
            throws SQLException, IOException, InterruptedException {
        CopyState before;
        try (Session session = server.connect(database)) {
            before = CopyState.of(session, null);
        }
        long began = System.nanoTime();
        LockObserver observer = LockObserver.start(server, database);
        StatementLog statements = new StatementLog(began, observer::hold);
        observer.restWhile(statements::isIdle);
        return new Rehearsal(server, database, role, before, observer, statements);
    }

    /**
     * The log to which the relay reports the statements that pass through it; without a relay, the report has no
     * statements.
     */
    public StatementLog statements() {
        return statements;
    }

    /** Stops observing, describes the database again and reports the differences. Call it once. */
    public RehearsalReport end() throws SQLException, InterruptedException {
        long elapsed = observer.elapsed();
        observer.finish();
        CopyState after;
        try (Session session = server.connect(database)) {
            after = CopyState.of(session, before.nextXid());
            statements.nameMissingRights(new MissingRight(session, server.version(), role));
        }
        long unseen = observer.unseen(before.nextXid(), after.nextXid());
        return new Findings(before, after, observer, statements, Duration.ofNanos(elapsed)).report(unseen);
    }

    /** Ends the observer, even if no report was made. */
    @Override
    public void close() {
        observer.close();
    }
}
