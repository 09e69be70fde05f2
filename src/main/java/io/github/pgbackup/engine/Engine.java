package io.github.pgbackup.engine;

import io.github.pgbackup.CannotVerifyException;

/** A way to get a throw-away PostgreSQL server. */
public interface Engine {

    /** The engine's name, as {@code <engine>} takes it. */
    String name();

    /**
     * Starts an empty server and waits until it accepts connections.
     *
     * @throws CannotVerifyException if there is no server to be had; nothing is left of it then
     * @throws InterruptedException if the thread is interrupted; nothing is left of the server then
     */
    PostgresServer start(ServerRequest request) throws InterruptedException;
}
