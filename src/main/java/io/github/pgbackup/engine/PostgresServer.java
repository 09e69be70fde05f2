package io.github.pgbackup.engine;

import io.github.pgbackup.container.Container;
import io.github.pgbackup.postgres.Client;
import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;

/** A running throw-away server. It ends, and its data with it, when this JVM does, however that ends. */
public interface PostgresServer extends Client, AutoCloseable {

    PostgresVersion version();

    /** Opens a session of the superuser. */
    Session connect(String database) throws SQLException;

    /**
     * Prepares a client program, such as {@code pg_restore}, whose environment leads to this server as its superuser.
     * It reads the archives of what {@link Engine#dumpPrograms} gives.
     */
    @Override
    Command command(String program);

    /** The container that it runs in; empty where it runs in none. */
    default Optional<Container> container() {
        return Optional.empty();
    }

    /** Bytes that its data can still grow by, where only the server's own place can tell. */
    default OptionalLong freeSpace() throws InterruptedException {
        return OptionalLong.empty();
    }

    /** A directory of this machine on the disk that its data is on; empty where that is another machine's, or not known. */
    default Optional<Path> disk() {
        return Optional.empty();
    }

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
