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
 * The connections to a daemon. Beside them the daemon is asked for a sign of life every 2 seconds, and when it gives none
 * any more all of them end: nobody who waits for an answer can tell a removal that takes long from a daemon that hangs.
 */
final class DaemonConnections implements AutoCloseable {

    private static final Duration PAUSE = Duration.ofSeconds(2);

    /** How long the daemon may take for a sign of life. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(12);

    /** Enough for whoever is told to note it; ending what waits for the daemon may have to wait itself. */
    private static final Duration TELLING = Duration.ofSeconds(1);

    private final DaemonAddress address;
    private final Consumer<String> onSilence;
    private final Thread pulse;

    /** By what is read from: behind TLS that is another socket, which says goodbye before it closes. */
    private final Map<Socket, Socket> open = new HashMap<>();

    private volatile @Nullable String silence;

    /**
     * Begins to watch over a daemon that answers.
     *
     * @param onSilence is told a sentence, in another thread, when it answers nobody any more, and before what waits for it
     *     fails
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
        long heard = System.nanoTime();
        try {
            while (true) {
                Thread.sleep(PAUSE.toMillis());
                if (address.whySilent(LONGEST_SILENCE) == null) {
                    heard = System.nanoTime();
                } else if (System.nanoTime() - heard > LONGEST_SILENCE.toNanos()) {
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
        Thread telling = thread(() -> onSilence.accept(sentence), "pgbackup docker silence");
        telling.start();
        telling.join(TELLING.toMillis());
        List<Socket> lost;
        synchronized (this) {
            lost = List.copyOf(open.values());
        }
        lost.forEach(DaemonConnections::end);
    }

    /** A sentence when the daemon answers nobody any more; nothing is asked of it then. */
    @Nullable String silence() {
        return silence;
    }

    DaemonAddress address() {
        return address;
    }

    /**
     * A connection of its own, to be given back to {@link #close(Socket)}.
     *
     * @throws IOException if nothing listens there, or the daemon answers nobody any more
     */
    Socket open() throws IOException {
        throwSilence();
        Socket socket = address.connect();
        try {
            Socket secured = address.secured(socket);
            synchronized (this) {
                throwSilence(); // whoever comes after that finds it among those that end
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

    /** What is known of why a connection failed. */
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
            return; // lost already
        }
    }

    /** Ends the watch; connections are closed by whoever opened them. */
    @Override
    public void close() {
        pulse.interrupt();
    }
}
