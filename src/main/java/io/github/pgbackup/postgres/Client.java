package io.github.pgbackup.postgres;

import java.io.IOException;
import java.nio.file.Path;

/** PostgreSQL's client programs, on this machine or in a container. */
public interface Client {

    /** Prepares a run of a program, by its name, such as {@code pg_restore}. */
    Command command(String program);

    /**
     * The path by which the programs see a file or directory of this machine. If they run on another file system, the
     * first call copies the file there.
     *
     * @throws IOException if it cannot be copied
     * @throws InterruptedException if the thread is interrupted while it is copied
     */
    String pathFor(Path file) throws IOException, InterruptedException;
}
