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
     * Makes an empty data directory, as initdb does.
     *
     * @throws CannotVerifyException if none can be made; nothing is left of it then
     * @throws InterruptedException if the thread is interrupted; nothing is left of it then
     */
    DataDirectory provision(ServerRequest request) throws InterruptedException;

    /**
     * Copies a data directory that something else has made. Its own configuration has no effect: the server gets that of the
     * request, and trusts whoever can reach it.
     *
     * @param directory of this machine, whose server has been stopped; it is only read
     * @throws CannotVerifyException if it cannot be copied; nothing is left of the copy then
     * @throws InterruptedException if the thread is interrupted; nothing is left of the copy then
     */
    DataDirectory adopt(ServerRequest request, Path directory) throws InterruptedException;

    /**
     * Starts an empty server and waits until it accepts connections.
     *
     * @throws CannotVerifyException if there is no server to be had; nothing is left of it then
     * @throws InterruptedException if the thread is interrupted; nothing is left of the server then
     */
    default PostgresServer start(ServerRequest request) throws InterruptedException {
        return provision(request).start();
    }

    /** Where on this machine the data of its servers goes; empty where it goes elsewhere. */
    default Optional<Path> dataDirectory() throws InterruptedException {
        return Optional.empty();
    }

    /** Lets go of what is not a server: those are stopped one by one. */
    @Override
    default void close() {}
}
