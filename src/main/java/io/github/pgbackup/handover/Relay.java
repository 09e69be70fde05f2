package io.github.pgbackup.handover;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Leads from a port of this machine's loopback to a server that has no port. Whoever finds the port needs the password: the
 * relay asks for it before it opens a connection to the server, which would trust anybody who has one. It lets in one role to
 * one database, and passes on requests to cancel for sessions that came through it.
 */
public final class Relay implements AutoCloseable {

    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private static final int BACKLOG = 128;

    /** More than the server takes; each has two threads. */
    private static final int MOST_CONNECTIONS = 256;

    private final ServerSocket listener;
    private final Server server;
    private final Login login;
    private final Scram scram;
    private final Set<RelayedConnection> connections = ConcurrentHashMap.newKeySet();
    private final Set<ByteBuffer> cancelKeys = ConcurrentHashMap.newKeySet();
    private final AtomicInteger sessions = new AtomicInteger();
    private volatile @Nullable Supplier<Tap> taps;
    private volatile boolean closed;

    /** Where the relay leads to. */
    public interface Server {
        /** Opens a connection, with nothing said on it yet. */
        Socket open() throws IOException;
    }

    /** Reads along on one session: what goes either way once the client was let in. */
    public interface Tap {

        /** Takes what the client says, in pieces of any size. */
        void fromClient(byte[] bytes, int offset, int length);

        /** Takes what the server says, before the client gets it. */
        void fromServer(byte[] bytes, int offset, int length);
    }

    private Relay(ServerSocket listener, Server server, Login login) {
        this.listener = listener;
        this.server = server;
        this.login = login;
        this.scram = new Scram(login.password());
    }

    /**
     * Begins to listen on a port that the operating system chooses.
     *
     * @throws IOException if there is none
     */
    public static Relay open(Server server, Login login) throws IOException {
        ServerSocket listener = new ServerSocket();
        try {
            listener.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), 0), BACKLOG);
            Relay relay = new Relay(listener, server, login);
            thread(relay::accept).start();
            return relay;
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
    }

    static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "pgbackup relay");
        thread.setDaemon(true);
        return thread;
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = listener.accept();
                if (connections.size() >= MOST_CONNECTIONS) {
                    client.close();
                    continue;
                }
                RelayedConnection connection = new RelayedConnection(this, client);
                connections.add(connection);
                thread(connection::run).start();
                if (closed) {
                    connection.close(); // it may have come after those that close() has closed
                }
            } catch (IOException e) {
                // A client that was gone at once, or the end.
            }
        }
    }

    /** Has something read along on each session that begins from now on. */
    public void tap(Supplier<Tap> ofSession) {
        taps = ofSession;
    }

    @Nullable Tap newTap() {
        Supplier<Tap> known = taps;
        return known == null ? null : known.get();
    }

    Login login() {
        return login;
    }

    Scram scram() {
        return scram;
    }

    /** Whether the relay itself has ended the connections. */
    boolean isClosed() {
        return closed;
    }

    Socket openServer() throws IOException {
        sessions.incrementAndGet();
        return server.open();
    }

    /** A session of the server has begun, whose client knows this key. */
    void began(ByteBuffer cancelKey) {
        cancelKeys.add(cancelKey);
    }

    void ended(RelayedConnection connection) {
        connections.remove(connection);
    }

    void forget(ByteBuffer cancelKey) {
        cancelKeys.remove(cancelKey);
    }

    /** Passes on a request to cancel; one for a session that did not come through here is not worth a connection. */
    void cancel(ByteBuffer key) throws IOException {
        if (!cancelKeys.contains(key)) {
            return;
        }
        try (Socket socket = server.open()) {
            socket.setSoTimeout(RelayedConnection.PATIENCE_MILLIS);
            socket.getOutputStream().write(Startup.cancel(key));
            socket.getOutputStream().flush();
            // The server closes the connection when it has sent the signal.
            var unused = socket.getInputStream().read();
        }
    }

    /** The port that it listens on. */
    public int port() {
        return listener.getLocalPort();
    }

    /** How many sessions were let in so far. */
    public int sessions() {
        return sessions.get();
    }

    /** Lets nobody in any more, and ends every connection. */
    @Override
    public void close() {
        closed = true;
        try {
            listener.close();
        } catch (IOException e) {
            // nobody can connect either way
        }
        connections.forEach(RelayedConnection::close);
    }
}
