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

/** Makes the machine's Docker daemon one that is reached by TCP, as a remote one is; half-closed connections included. */
public final class DockerProxy implements AutoCloseable {

    private final ServerSocketChannel server;

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

    /** For {@code DOCKER_HOST}. */
    public String host() {
        try {
            return "tcp://127.0.0.1:" + ((InetSocketAddress) server.getLocalAddress()).getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                SocketChannel docker = SocketChannel.open(UnixDomainSocketAddress.of("/var/run/docker.sock"));
                daemon(() -> copy(client, docker));
                daemon(() -> copy(docker, client));
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private static void copy(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
        try {
            while (from.read(buffer.clear()) >= 0) {
                buffer.flip();
                writeAll(to, buffer);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            close(from);
            close(to);
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
