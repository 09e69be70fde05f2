package io.github.pgbackup.engine;

import io.github.pgbackup.container.Container;
import io.github.pgbackup.postgres.Client;
import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A running throw-away server. When this JVM ends, however it ends, the server ends too, and its data is deleted. */
public interface PostgresServer extends Client, AutoCloseable {

    /** A shell script that runs its second and further arguments with the first one as standard input. */
    String WITH_INPUT = "script=$1; shift; exec \"$@\" <\"$script\"";

    PostgresVersion version();

    /** Opens a session of the superuser. */
    Session connect(String database) throws SQLException;

    /**
     * Opens a client connection on which nothing has been sent yet. The server trusts every connection: the startup
     * message may name any role.
     */
    Socket open() throws IOException;

    /**
     * Prepares a client program, such as {@code pg_restore}, whose environment makes it connect to this server as its
     * superuser. It can read the archives of {@link Engine#dumpPrograms}.
     */
    @Override
    Command command(String program);

    /**
     * Prepares psql to run a script from an untrusted source: if possible, it runs as the server's user of the
     * operating system, and it has no network.
     *
     * @param script a file of this machine, which psql reads from standard input
     * @throws IOException if it cannot be copied to where psql runs
     * @throws InterruptedException if the thread is interrupted during the copy
     */
    Command psql(Path script, List<String> arguments) throws IOException, InterruptedException;

    /** The container that it runs in; empty if there is none. */
    default Optional<Container> container() {
        return Optional.empty();
    }

    /** Number of bytes by which its data can grow; empty if this machine can tell by itself, or if it is unknown. */
    default OptionalLong freeSpace() throws InterruptedException {
        return OptionalLong.empty();
    }

    /**
     * A directory of this machine on the same disk as its data; empty if that disk is on another machine or unknown.
     */
    default Optional<Path> disk() {
        return Optional.empty();
    }

    /** Inspects what can reach the running server. */
    Isolation isolation();

    /** Ends the server, deletes its data and checks that both are gone. A second call returns the same result. */
    Removal stop();

    /** Calls {@link #stop}. */
    @Override
    default void close() {
        stop();
    }
}
