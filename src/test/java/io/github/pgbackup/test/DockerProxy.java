package io.github.pgbackup.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Makes the machine's Docker daemon look like a remote one that is reached over TCP, including half-closed connections.
 * It can freeze: then nothing passes any more, neither data nor the end of a connection, and new connections get no
 * answer.
 */
public final class DockerProxy implements AutoCloseable {

    private final ServerSocketChannel server;
    private final List<SocketChannel> clients = new CopyOnWriteArrayList<>();
    private volatile boolean frozen;
    private volatile String last = "";

    private DockerProxy(ServerSocketChannel server) {
        this.server = server;
    }

    public static DockerProxy start() {
        try {
            DockerProxy proxy = new DockerProxy(
                    ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
            daemon(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The value for {@code DOCKER_HOST}. */
    public String host() {
        try {
            return "tcp://127.0.0.1:" + ((InetSocketAddress) server.getLocalAddress()).getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets nothing pass any more. */
    public void freeze() {
        frozen = true;
    }

    /** Lets nothing pass any more, beginning with the first request that contains this text. */
    public void freezeAt(String request) {
        last = request;
    }

    public boolean isFrozen() {
        return frozen;
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                clients.add(client);
                if (frozen) {
                    continue;
                }
                SocketChannel docker = SocketChannel.open(UnixDomainSocketAddress.of("/var/run/docker.sock"));
                daemon(() -> copy(client, docker));
                daemon(() -> copy(docker, client));
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private void copy(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        try {
            while (from.read(buffer.clear()) >= 0) {
                buffer.flip();
                if (!last.isEmpty()
                        && StandardCharsets.ISO_8859_1
                                .decode(buffer.duplicate())
                                .toString()
                                .contains(last)) {
                    frozen = true;
                }
                if (frozen) {
                    return;
                }
                writeAll(to, buffer);
            }
            if (!frozen) {
                to.shutdownOutput();
            }
        } catch (IOException e) {
            if (!frozen) {
                close(from);
                close(to);
            }
        }
    }

    private static void writeAll(ByteChannel to, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            to.write(buffer);
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            return; // gone already
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "docker proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
