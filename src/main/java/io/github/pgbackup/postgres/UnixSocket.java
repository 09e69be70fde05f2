package io.github.pgbackup.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Socket} over a Unix socket. The JDK supports those only for channels (JEP 380), whose streams have no read
 * timeout. The driver needs a read timeout to poll for notices during a copy and to end operations that take too long.
 *
 * <p>As with a TCP socket, one thread may read, another may write, and a third may close it. An interrupt stays set and
 * ends nothing.
 */
public final class UnixSocket extends NonTcpSocket {

    /** The JDK caches a direct buffer for every thread, as large as its largest transfer. */
    private static final int LARGEST_TRANSFER = BUFFER;

    private final UnixDomainSocketAddress address;
    private final InputStream input = new Input();
    private final OutputStream output = new Output();
    private volatile @Nullable Connection connection;
    private volatile boolean closed;
    private volatile int timeoutMillis;

    public UnixSocket(Path path) throws SocketException {
        this.address = UnixDomainSocketAddress.of(path);
    }

    /** One selector per direction, so that a reader and a writer never wait for each other. */
    private record Connection(SocketChannel channel, Selector readable, Selector writable) {

        static Connection to(UnixDomainSocketAddress address) throws IOException {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(address); // a Unix socket connects at once or not at all
                channel.configureBlocking(false);
                Selector readable = Selector.open();
                Selector writable = Selector.open();
                channel.register(readable, SelectionKey.OP_READ);
                channel.register(writable, SelectionKey.OP_WRITE);
                return new Connection(channel, readable, writable);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        }

        void close() throws IOException {
            try (readable;
                    writable) {
                channel.close();
            }
        }
    }

    @Override
    public void connect(SocketAddress ignored, int timeout) throws IOException {
        connect(ignored);
    }

    @Override
    public void connect(SocketAddress ignored) throws IOException {
        if (closed) {
            throw new SocketException("Socket closed");
        }
        connection = Connection.to(address);
    }

    @Override
    public InputStream getInputStream() {
        return input;
    }

    @Override
    public OutputStream getOutputStream() {
        return output;
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        Connection open = connection;
        if (open != null) {
            open.close();
        }
    }

    private Connection open() throws SocketException {
        Connection open = connection;
        if (closed || open == null) {
            throw new SocketException(closed ? "Socket closed" : "Socket is not connected");
        }
        return open;
    }

    /** Waits until the selector's channel is ready, and returns whether it is; 0 milliseconds mean no limit. */
    private boolean await(Selector selector, int millis) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        boolean interrupted = false;
        try {
            while (true) {
                selector.selectedKeys().clear();
                long left = millis == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime() + 999_999);
                if (millis != 0 && left <= 0) {
                    return selector.selectNow() > 0;
                }
                int ready = selector.select(left);
                interrupted |= Thread.interrupted(); // otherwise select would return immediately every time
                if (closed) {
                    throw new SocketException("Socket closed");
                }
                if (ready > 0) {
                    return true;
                }
            }
        } catch (ClosedSelectorException e) {
            throw new SocketException("Socket closed");
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private final class Input extends InputStream {

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            if (length == 0) {
                return 0;
            }
            Connection open = open();
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, Math.min(length, LARGEST_TRANSFER));
            while (true) {
                int read = transfer(() -> open.channel().read(buffer));
                if (read != 0) {
                    return read;
                }
                if (!await(open.readable(), timeoutMillis)) {
                    throw new SocketTimeoutException("Read timed out");
                }
            }
        }

        @Override
        public void close() throws IOException {
            UnixSocket.this.close();
        }
    }

    private final class Output extends OutputStream {

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            Connection open = open();
            int end = offset + length;
            int at = offset;
            while (at < end) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes, at, Math.min(end - at, LARGEST_TRANSFER));
                int written = transfer(() -> open.channel().write(buffer));
                if (written == 0) {
                    await(open.writable(), 0);
                }
                at += written;
            }
        }

        @Override
        public void close() throws IOException {
            UnixSocket.this.close();
        }
    }

    private interface Transfer {
        int run() throws IOException;
    }

    /** The driver expects a lost connection to cause a socket's exception, not a channel's. */
    private int transfer(Transfer transfer) throws SocketException {
        try {
            return transfer.run();
        } catch (IOException e) {
            SocketException lost = new SocketException(closed ? "Socket closed" : String.valueOf(e.getMessage()));
            lost.initCause(e);
            throw lost;
        }
    }

    @Override
    public synchronized void setSoTimeout(int millis) {
        timeoutMillis = millis;
    }

    @Override
    public synchronized int getSoTimeout() {
        return timeoutMillis;
    }

    @Override
    public boolean isConnected() {
        return connection != null;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void shutdownOutput() throws IOException {
        open().channel().shutdownOutput();
    }
}
