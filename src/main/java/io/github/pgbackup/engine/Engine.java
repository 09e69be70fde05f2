package io.github.pgbackup.engine;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.PostgresVersion;
import java.nio.file.Path;
import java.util.Optional;

/** Provides throw-away PostgreSQL servers. */
public interface Engine extends AutoCloseable {

    /** The engine's name, a value of {@code <engine>}. */
    String name();

    /**
     * The client programs to dump a source that is reached over a network: of its major version or newer, but not newer
     * than this engine's servers can restore.
     *
     * @param host the name or address of the source's server
     * @throws CannotVerifyException if there are none
     */
    ClientPrograms dumpPrograms(PostgresVersion source, String host) throws InterruptedException;

    /**
     * Creates a new data directory, as initdb does.
     *
     * @throws CannotVerifyException if it cannot be created; then nothing of it remains
     * @throws InterruptedException if the thread is interrupted; then nothing of the directory remains
     */
    DataDirectory provision(ServerRequest request) throws InterruptedException;

    /**
     * Copies a data directory that something else has created. Its own configuration has no effect: the server uses the
     * configuration in the request, and trusts everyone who can reach it.
     *
     * @param directory a directory of this machine whose server has been stopped; it is only read
     * @throws CannotVerifyException if it cannot be copied; then nothing of the copy remains
     * @throws InterruptedException if the thread is interrupted; then nothing of the copy remains
     */
    DataDirectory adopt(ServerRequest request, Path directory) throws InterruptedException;

    /**
     * Starts an empty server and waits until it accepts connections.
     *
     * @throws CannotVerifyException if no server can be started; then nothing of it remains
     * @throws InterruptedException if the thread is interrupted; then nothing of the server remains
     */
    default PostgresServer start(ServerRequest request) throws InterruptedException {
        return provision(request).start();
    }

    /** The directory of this machine for the servers' data; empty if the data is elsewhere. */
    default Optional<Path> dataDirectory() throws InterruptedException {
        return Optional.empty();
    }

    /** Releases resources other than servers, which are stopped one by one. */
    @Override
    default void close() {}
}
