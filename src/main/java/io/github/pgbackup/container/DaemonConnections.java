package io.github.pgbackup.container;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections to a daemon. Meanwhile, this class pings the daemon every 2 s, and closes all connections when it
 * becomes unresponsive. A request that waits for its answer cannot distinguish a slow removal from a hanging daemon.
 */
final class DaemonConnections implements AutoCloseable {

    private static final Duration PAUSE = Duration.ofSeconds(2);

    /** How long the daemon may take to answer a ping. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(12);

    /** Time for the callback to record the failure; a longer reaction may itself have to wait for the daemon. */
    private static final Duration NOTIFICATION_TIMEOUT = Duration.ofSeconds(1);

    private final DaemonAddress address;
    private final Consumer<String> onSilence;
    private final Thread pulse;

    /**
     * The open connections, by the socket that is read from. With TLS, that is another socket, which sends a close
     * notification before it closes.
     */
    private final Map<Socket, Socket> open = new HashMap<>();

    private volatile @Nullable String silence;

    /**
     * Begins to monitor a daemon that answers.
     *
     * @param onSilence receives a sentence, in another thread, when the daemon becomes unresponsive, before pending
     *     requests fail
     */
    DaemonConnections(DaemonAddress address, Consumer<String> onSilence) {
        this.address = address;
        this.onSilence = onSilence;
        this.pulse = thread(this::beat, "pgbackup docker");
        pulse.start();
    }

    private static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private void beat() {
        long lastAnswer = System.nanoTime();
        try {
            while (true) {
                Thread.sleep(PAUSE.toMillis());
                if (address.whySilent(LONGEST_SILENCE) == null) {
                    lastAnswer = System.nanoTime();
                } else if (System.nanoTime() - lastAnswer > LONGEST_SILENCE.toNanos()) {
                    fallSilent();
                    return;
                }
            }
        } catch (InterruptedException e) {
            return; // closed
        }
    }

    private void fallSilent() throws InterruptedException {
        String sentence = "The Docker daemon at " + address.uri() + " has not answered for "
                + LONGEST_SILENCE.toSeconds() + " s.";
        silence = sentence;
        Thread notifier = thread(() -> onSilence.accept(sentence), "pgbackup docker silence");
        notifier.start();
        notifier.join(NOTIFICATION_TIMEOUT.toMillis());
        List<Socket> lost;
        synchronized (this) {
            lost = List.copyOf(open.values());
        }
        lost.forEach(DaemonConnections::end);
    }

    /** A sentence when the daemon is unresponsive, after which no more requests are sent; otherwise null. */
    @Nullable String silence() {
        return silence;
    }

    DaemonAddress address() {
        return address;
    }

    /**
     * Opens a connection, which must be closed with {@link #close(Socket)}.
     *
     * @throws IOException if nothing listens there, or if the daemon is unresponsive
     */
    Socket open() throws IOException {
        throwSilence();
        Socket socket = address.connect();
        try {
            Socket secured = address.secured(socket);
            synchronized (this) {
                throwSilence(); // a later failure closes it together with the others
                open.put(secured, socket);
            }
            return secured;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void throwSilence() throws IOException {
        String sentence = silence;
        if (sentence != null) {
            throw new IOException(sentence);
        }
    }

    /** The exception with the known reason for the failure, if any. */
    IOException explained(IOException e) {
        String sentence = silence;
        if (sentence == null) {
            return e;
        }
        IOException explained = new IOException(sentence);
        explained.addSuppressed(e);
        return explained;
    }

    void close(Socket socket) {
        synchronized (this) {
            open.remove(socket);
        }
        end(socket);
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            return; // already lost
        }
    }

    /** Ends the monitoring; connections are closed by those who opened them. */
    @Override
    public void close() {
        pulse.interrupt();
    }
}
