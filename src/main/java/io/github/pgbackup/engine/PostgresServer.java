package io.github.pgbackup.engine;

import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import java.nio.file.Path;
import java.sql.SQLException;

/** A running throw-away server. It ends, and its data with it, when this JVM does, however that ends. */
public interface PostgresServer extends AutoCloseable {

    PostgresVersion version();

    /** Opens a session of the superuser. */
    Session connect(String database) throws SQLException;

    /**
     * Prepares a client program, such as {@code pg_restore}, whose environment leads to this server as its superuser.
     * It is the client that {@link io.github.pgbackup.postgres.Installations#client} picks for the source.
     */
    Command command(String program);

    /** How the client programs see the archive. */
    String pathFor(Path archive);

    /** Looks at the running server and tells what can reach it. */
    Isolation isolation();

    /** Ends the server, deletes its data and looks whether both are gone. A second call returns the same result. */
    Removal stop();

    /** The same as {@link #stop}. */
    @Override
    default void close() {
        stop();
    }
}
