package io.github.pgbackup.engine;

import io.github.pgbackup.CannotVerifyException;

/**
 * A data directory that an engine has created, on which no server runs yet. It is deleted when this JVM ends, however
 * the JVM ends.
 */
public interface DataDirectory extends AutoCloseable {

    /**
     * Starts a server on the directory and waits until it accepts connections. From then on, the directory belongs to
     * the server.
     *
     * @throws CannotVerifyException if the server does not start; then nothing of it remains
     * @throws InterruptedException if the thread is interrupted; then nothing of it remains
     */
    PostgresServer start() throws InterruptedException;

    /** Deletes the directory; does nothing once a server has been started on it. */
    @Override
    void close();
}
