package io.github.pgbackup.postgres;

/** The client programs of one version, in one place. */
public interface ClientPrograms extends Client {

    /** What {@code pg_dump --version} says. */
    PostgresVersion version();

    /** The directory or the container that they are in. */
    String place();

    /** Whether they read and write this machine's files. */
    boolean onThisMachine();
}
