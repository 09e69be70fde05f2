package io.github.pgbackup.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server process with its own directory. Both are gone after {@link #close()} or when this JVM dies. */
final class Lease implements AutoCloseable {

    /** The user who runs the server if root runs the tests. */
    private static final String SERVER_USER = "postgres";

    /**
     * Runs the server ("$@") until standard input ends, whose other end this JVM holds. A Ctrl-C in the terminal also
     * reaches this shell, hence the trap; the servers set their own signal handlers.
     */
    private static final String UNTIL_END_OF_LEASE = """
            trap '' INT HUP TERM
            directory=$1 signal=$2; shift 2
            "$@" </dev/null >>"$directory/server.log" 2>&1 & server=$!
            read -r end_of_lease
            kill -s "$signal" "$server" 2>/dev/null
            wait "$server"
            rm -rf -- "$directory"
            """;

    private final Path directory;
    private final Process process;

    /**
     * Starts a server. Its output goes to {@code server.log} in the directory.
     *
     * @param signal that ends the server at once
     */
    Lease(Path directory, String signal, List<String> command) throws IOException {
        this.directory = directory;
        List<String> leased =
                new ArrayList<>(List.of("sh", "-c", UNTIL_END_OF_LEASE, "lease", directory.toString(), signal));
        leased.addAll(unprivileged(command));
        process = new ProcessBuilder(leased).start();
    }

    String log() {
        try {
            return Files.readString(directory.resolve("server.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("The server in " + directory + " did not end.");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The command as an unprivileged user: the servers refuse to run as root. */
    static List<String> unprivileged(List<String> command) {
        if (!isRoot()) {
            return command;
        }
        List<String> unprivileged = new ArrayList<>(
                List.of("setpriv", "--reuid=" + SERVER_USER, "--regid=" + SERVER_USER, "--clear-groups"));
        unprivileged.addAll(command);
        return unprivileged;
    }

    /** Gives a file or directory to the user as whom the server runs. */
    static void handOver(Path path) throws IOException {
        if (isRoot()) {
            Files.setOwner(
                    path, path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(SERVER_USER));
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }
}
