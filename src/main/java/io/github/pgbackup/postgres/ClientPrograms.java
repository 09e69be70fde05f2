package io.github.pgbackup.postgres;

/** The client programs of one version, from one place. */
public interface ClientPrograms extends Client {

    /** The version that {@code pg_dump --version} prints. */
    PostgresVersion version();

    /** The directory or the container that holds them. */
    String place();

    /** Whether they read and write this machine's files. */
    boolean onThisMachine();
}
