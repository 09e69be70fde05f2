package io.github.pgbackup.container;

import io.github.pgbackup.postgres.NonTcpSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a server in a container, made inside the container: a relay there connects to the container's
 * loopback interface, and its standard streams carry the data. So the server needs no port that is reachable from
 * outside.
 */
final class ExecSocket extends NonTcpSocket {

    /**
     * Copies in both directions until either side ends, and leaves no child behind. Bash is in the official images,
     * including Alpine's, and can connect without another program.
     *
     * <p>{@code dd} copies with read() and write(), and with {@code bs} passes on at once what it has read (POSIX). The
     * {@code cat} of busybox uses sendfile(). Into a pipe, Linux then holds the pipe's lock until the server sends
     * something, so that the daemon cannot read the previous answer, for which we wait.
     */
    private static final String RELAY = """
            exec 4<&0 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
            dd bs=65536 <&4 >&3 2>/dev/null 4<&- &
            dd bs=65536 <&3 2>/dev/null 3<&- 4<&- &
            wait -n
            kill $(jobs -p) 2>/dev/null
            wait 2>/dev/null
            """;

    private final Container container;
    private final int port;
    private @Nullable ExecProcess relay;
    private int timeoutMillis;
    private volatile boolean closed;

    ExecSocket(Container container, int port) throws SocketException {
        this.container = container;
        this.port = port;
    }

    @Override
    public void connect(SocketAddress ignored, int timeout) throws IOException {
        connect(ignored);
    }

    @Override
    public synchronized void connect(SocketAddress ignored) throws IOException {
        try {
            relay = container.start(List.of("bash", "-c", RELAY, "pgbackup", "" + port), Map.of());
            setSoTimeout(timeoutMillis);
        } catch (IOException e) {
            throw lost(e);
        }
    }

    private synchronized ExecProcess open() throws SocketException {
        ExecProcess open = relay;
        if (closed || open == null) {
            throw new SocketException(closed ? "Socket closed" : "Socket is not connected");
        }
        return open;
    }

    @Override
    public InputStream getInputStream() throws SocketException {
        return new Input(open());
    }

    @Override
    public OutputStream getOutputStream() throws SocketException {
        return open().getOutputStream();
    }

    /** Reports the relay's own message if it could not connect. */
    private static final class Input extends InputStream {

        private final ExecProcess relay;
        private boolean connected;

        Input(ExecProcess relay) {
            this.relay = relay;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int available() {
            return relay.output().available();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = relay.output().read(bytes, offset, length);
            if (read < 0 && !connected) {
                String words = new String(relay.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
                if (!words.isEmpty()) {
                    throw new SocketException(words);
                }
            }
            connected = true;
            return read;
        }
    }

    private static SocketException lost(IOException e) {
        SocketException lost = new SocketException(e.getMessage());
        lost.initCause(e);
        return lost;
    }

    @Override
    public synchronized void setSoTimeout(int millis) {
        timeoutMillis = millis;
        if (relay != null) {
            relay.output().setTimeout(millis);
        }
    }

    @Override
    public synchronized int getSoTimeout() {
        return timeoutMillis;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (relay != null) {
            relay.destroy();
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized boolean isConnected() {
        return relay != null;
    }
}
