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
 * Relays connections from a port on this machine's loopback address to a server that has no port. Whoever finds the
 * port still needs the password: the relay asks for it before it connects to the server, which trusts every connection.
 * The relay admits one role to one database. It forwards a request to cancel only for a session that came through it.
 */
public final class Relay implements AutoCloseable {

    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private static final int BACKLOG = 128;

    /** More than the server accepts. Each connection uses two threads. */
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

    /** The server behind the relay. */
    public interface Server {
        /** Opens a connection on which nothing has been sent yet. */
        Socket open() throws IOException;
    }

    /** Reads what one session sends and receives, once the client has logged in. */
    public interface Tap {

        /** Receives what the client sends, in pieces of any size. */
        void fromClient(byte[] bytes, int offset, int length);

        /** Receives what the server sends, before the client gets it. */
        void fromServer(byte[] bytes, int offset, int length);
    }

    private Relay(ServerSocket listener, Server server, Login login) {
        this.listener = listener;
        this.server = server;
        this.login = login;
        this.scram = new Scram(login.password());
    }

    /**
     * Opens a relay on a port that the operating system chooses.
     *
     * @throws IOException if no port is available
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
                    connection.close(); // close() may have missed this connection
                }
            } catch (IOException e) {
                // The client left at once, or the relay was closed.
            }
        }
    }

    /** Attaches a tap to each session that begins from now on. */
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

    /** Whether the relay itself ended the connections. */
    boolean isClosed() {
        return closed;
    }

    Socket openServer() throws IOException {
        sessions.incrementAndGet();
        return server.open();
    }

    /** Notes the cancel key of a session that has begun. */
    void began(ByteBuffer cancelKey) {
        cancelKeys.add(cancelKey);
    }

    void ended(RelayedConnection connection) {
        connections.remove(connection);
    }

    void forget(ByteBuffer cancelKey) {
        cancelKeys.remove(cancelKey);
    }

    /**
     * Forwards a request to cancel. A request for a session that did not come through this relay is not worth a
     * connection.
     */
    void cancel(ByteBuffer key) throws IOException {
        if (!cancelKeys.contains(key)) {
            return;
        }
        try (Socket socket = server.open()) {
            socket.setSoTimeout(RelayedConnection.PATIENCE_MILLIS);
            socket.getOutputStream().write(Startup.cancel(key));
            socket.getOutputStream().flush();
            // The server closes the connection after it has sent the signal.
            var unused = socket.getInputStream().read();
        }
    }

    /** The port on which the relay listens. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Number of sessions admitted so far. */
    public int sessions() {
        return sessions.get();
    }

    /** Admits no more clients, and ends every connection. */
    @Override
    public void close() {
        closed = true;
        try {
            listener.close();
        } catch (IOException e) {
            // no client can connect either way
        }
        connections.forEach(RelayedConnection::close);
    }
}
