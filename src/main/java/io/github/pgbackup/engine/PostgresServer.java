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

/** A running throw-away server. It ends, and its data with it, when this JVM does, however that ends. */
public interface PostgresServer extends Client, AutoCloseable {

    /** A script of the shell: runs the rest of its arguments with the first one for standard input. */
    String WITH_INPUT = "script=$1; shift; exec \"$@\" <\"$script\"";

    PostgresVersion version();

    /** Opens a session of the superuser. */
    Session connect(String database) throws SQLException;

    /**
     * Opens a connection as a client does, with nothing said on it yet. The server trusts whoever has one: it can name any
     * role in its startup message.
     */
    Socket open() throws IOException;

    /**
     * Prepares a client program, such as {@code pg_restore}, whose environment leads to this server as its superuser.
     * It reads the archives of what {@link Engine#dumpPrograms} gives.
     */
    @Override
    Command command(String program);

    /**
     * Prepares psql to run a script, which may have been written by anybody: it runs as the server's user of the operating
     * system where it can, and reaches no network.
     *
     * @param script a file of this machine, which psql reads as its standard input
     * @throws IOException if it cannot be brought to where psql runs
     * @throws InterruptedException if the thread is interrupted meanwhile
     */
    Command psql(Path script, List<String> arguments) throws IOException, InterruptedException;

    /** The container that it runs in; empty where it runs in none. */
    default Optional<Container> container() {
        return Optional.empty();
    }

    /** Bytes that its data can still grow by, where only the server's own place can tell. */
    default OptionalLong freeSpace() throws InterruptedException {
        return OptionalLong.empty();
    }

    /** A directory of this machine on the disk that its data is on; empty where that is another machine's, or not known. */
    default Optional<Path> disk() {
        return Optional.empty();
    }

    /** Looks at the running server and tells what can reach it. */
    Isolation isolation();

    /** Ends the server, deletes its data and looks whether both are gone. A second call returns the same result. */
    Removal stop();

    /** The same as {@link #stop}. */
    @Override
    default void close() {
        stop();
    }
}
