package io.github.pgbackup.container;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Lets the JDBC driver connect to a server in a container. The driver creates it by name ({@code socketFactory}) with a
 * text ({@code socketFactoryArg}), so the containers must be in a static map: the containers of open daemons, by id.
 */
public final class ExecSocketFactory extends SocketFactory {

    private static final Map<String, Container> REACHABLE = new ConcurrentHashMap<>();

    private final String id;
    private final int port;

    /**
     * Called by the driver.
     *
     * @param argument from {@link #argument}
     */
    public ExecSocketFactory(String argument) {
        int colon = argument.indexOf(':');
        this.id = argument.substring(0, colon);
        this.port = Integer.parseInt(argument.substring(colon + 1));
    }

    static String argument(Container container, int port) {
        REACHABLE.put(container.id(), container);
        return container.id() + ":" + port;
    }

    static void forget(Container container) {
        REACHABLE.remove(container.id(), container);
    }

    @Override
    public Socket createSocket() throws SocketException {
        @Nullable Container container = REACHABLE.get(id);
        if (container == null) {
            throw new SocketException("the connection to the Docker daemon is closed");
        }
        return new ExecSocket(container, port);
    }

    @Override
    public Socket createSocket(String host, int socketPort) throws IOException {
        throw connectedOnly();
    }

    @Override
    public Socket createSocket(String host, int socketPort, InetAddress localHost, int localPort) throws IOException {
        throw connectedOnly();
    }

    @Override
    public Socket createSocket(InetAddress host, int socketPort) throws IOException {
        throw connectedOnly();
    }

    @Override
    public Socket createSocket(InetAddress address, int socketPort, InetAddress localAddress, int localPort)
            throws IOException {
        throw connectedOnly();
    }

    private static UnsupportedOperationException connectedOnly() {
        return new UnsupportedOperationException("The driver must create an unconnected socket and connect it.");
    }
}
