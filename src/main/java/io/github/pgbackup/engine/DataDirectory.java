package io.github.pgbackup.engine;

import io.github.pgbackup.CannotVerifyException;

/**
 * A data directory in an engine's own place, which no server runs on yet. It ends, and what is in it, when this JVM does,
 * however that ends.
 */
public interface DataDirectory extends AutoCloseable {

    /**
     * Starts a server on it and waits until it accepts connections. The directory is the server's from then on.
     *
     * @throws CannotVerifyException if it does not start; nothing is left of it then
     * @throws InterruptedException if the thread is interrupted; nothing is left of it then
     */
    PostgresServer start() throws InterruptedException;

    /** Deletes it; does nothing once it was started. */
    @Override
    void close();
}
