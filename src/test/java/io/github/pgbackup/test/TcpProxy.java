package io.github.pgbackup.test;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A network with faults between us and a server. It can be slow, cut every connection, or freeze: then nothing passes
 * any more, neither data nor the end of a connection, and new connections are accepted but get no answer.
 */
public final class TcpProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final String host;
    private final int port;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile int bytesPerSecond = Integer.MAX_VALUE;
    private volatile boolean frozen;
    private volatile boolean cut;

    private TcpProxy(ServerSocket listener, String host, int port) {
        this.listener = listener;
        this.host = host;
        this.port = port;
    }

    /** Opens a proxy in front of this server. */
    public static TcpProxy to(ProductionServer server) {
        try {
            TcpProxy proxy = new TcpProxy(
                    new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), server.host(), server.port());
            daemon(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The JDBC URL of a database through the proxy. */
    public String url(String database) {
        return "jdbc:postgresql://" + address() + "/" + database;
    }

    /** Host and port, as messages name them. */
    public String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    /** Whether the server has a session that came through the proxy and runs such a query. */
    public boolean carries(ProductionServer server, String query) {
        List<String> ports = sockets.stream()
                .filter(socket -> socket.getPort() == port)
                .map(socket -> String.valueOf(socket.getLocalPort()))
                .toList();
        return !ports.isEmpty()
                && server.query(
                                "postgres",
                                "select count(*) from pg_stat_activity where state = 'active' and query like '" + query
                                        + "' and client_port in (" + String.join(", ", ports) + ")")
                        .matches("[1-9]\\d*");
    }

    /** Limits the number of bytes per second of each connection. */
    public TcpProxy throttle(int most) {
        bytesPerSecond = most;
        return this;
    }

    /** Ends every connection, and refuses new ones. */
    public void cut() {
        cut = true;
        close(listener);
        sockets.forEach(TcpProxy::close);
    }

    /** Lets nothing pass any more. */
    public void freeze() {
        frozen = true;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                sockets.add(client);
                if (cut) {
                    close(client); // it came while the listener was closing
                } else if (!frozen) {
                    daemon(() -> connect(client));
                }
            }
        } catch (IOException e) {
            return; // cut or closed
        }
    }

    private void connect(Socket client) {
        try {
            Socket server = new Socket();
            server.setReceiveBufferSize(1 << 16); // otherwise the system accepts some megabytes from the server at once
            server.connect(new InetSocketAddress(host, port));
            sockets.add(server);
            daemon(() -> copy(client, server));
            daemon(() -> copy(server, client));
        } catch (IOException e) {
            close(client);
        }
    }

    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[1 << 14];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0 && !frozen; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                Thread.sleep(1000L * read / bytesPerSecond);
            }
        } catch (IOException e) {
            // closing both, below, reports it
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!frozen) {
            close(from);
            close(to);
        }
    }

    private static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            return; // gone already
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "tcp proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        cut();
    }
}
