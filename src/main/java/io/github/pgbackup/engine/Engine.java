package io.github.pgbackup.engine;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.PostgresVersion;
import java.nio.file.Path;
import java.util.Optional;

/** A way to get a throw-away PostgreSQL server. */
public interface Engine extends AutoCloseable {

    /** The engine's name, as {@code <engine>} takes it. */
    String name();

    /**
     * The client programs to dump a source with that is reached by a network: of its major version or newer, and not newer
     * than what this engine's servers can restore.
     *
     * @param host the name or address of the source's server
     * @throws CannotVerifyException if there are none
     */
    ClientPrograms dumpPrograms(PostgresVersion source, String host) throws InterruptedException;

    /**
     * Starts an empty server and waits until it accepts connections.
     *
     * @throws CannotVerifyException if there is no server to be had; nothing is left of it then
     * @throws InterruptedException if the thread is interrupted; nothing is left of the server then
     */
    PostgresServer start(ServerRequest request) throws InterruptedException;

    /** Where on this machine the data of its servers goes; empty where it goes elsewhere. */
    default Optional<Path> dataDirectory() throws InterruptedException {
        return Optional.empty();
    }

    /** Lets go of what is not a server: those are stopped one by one. */
    @Override
    default void close() {}
}
