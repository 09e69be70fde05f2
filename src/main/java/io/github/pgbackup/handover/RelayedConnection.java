package io.github.pgbackup.handover;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client of a {@link Relay}. Once the client has proved that it knows the password, the relay connects to the server,
 * sends the client's startup message, and forwards bytes. It reads only two things: the server's first messages, which
 * contain the key to cancel the session, and the client's last bytes, which show whether the client ended its session
 * or lost its connection.
 */
final class RelayedConnection {

    /** How long a client may take to log in. */
    static final int PATIENCE_MILLIS = 30_000;

    private static final int BUFFER = 1 << 16;
    private static final int LONGEST_MESSAGE = 1 << 20;

    private static final int AUTHENTICATION = 'R';
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;
    private static final int PASSWORD = 'p';
    private static final int BACKEND_KEY_DATA = 'K';
    private static final int READY = 'Z';

    /** The message Terminate, with its length. */
    private static final byte[] TERMINATE = {'X', 0, 0, 0, 4};

    private static final String INVALID_PASSWORD = "28P01";
    private static final String INVALID_CATALOG = "3D000";
    private static final String CONNECTION_FAILURE = "08006";

    private final Relay relay;
    private final Socket client;
    private volatile @Nullable Socket server;
    private volatile @Nullable ByteBuffer cancelKey;
    private volatile boolean serverEnded;

    RelayedConnection(Relay relay, Socket client) {
        this.relay = relay;
        this.client = client;
    }

    /** Serves the client until it ends. */
    void run() {
        try {
            client.setTcpNoDelay(true);
            client.setSoTimeout(PATIENCE_MILLIS);
            DataInputStream in = new DataInputStream(client.getInputStream());
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            Startup startup = Startup.read(in, out);
            if (startup.isCancel()) {
                relay.cancel(startup.cancelKey());
            } else if (mayEnter(startup, in, out)) {
                client.setSoTimeout(0);
                serve(startup, in, out);
            }
        } catch (IOException | RuntimeException e) {
            // The client notices the end of its connection.
        } finally {
            close();
            relay.ended(this);
        }
    }

    private boolean mayEnter(Startup startup, DataInputStream in, DataOutputStream out) throws IOException {
        Map<String, String> parameters = startup.parameters();
        String user = parameters.getOrDefault("user", "");
        if (!knowsThePassword(in, out) || !user.equals(relay.login().user())) {
            refuse(out, INVALID_PASSWORD, "password authentication failed for user \"" + user + "\"");
            return false;
        }
        String database = parameters.getOrDefault("database", user);
        if (!database.equals(relay.login().database())) {
            refuse(
                    out,
                    INVALID_CATALOG,
                    "only the restored database \"" + relay.login().database() + "\" was handed over");
            return false;
        }
        return true;
    }

    private boolean knowsThePassword(DataInputStream in, DataOutputStream out) throws IOException {
        authentication(out, SASL, Scram.MECHANISM + "\0\0");
        ByteBuffer initial = ByteBuffer.wrap(passwordMessage(in));
        byte[] mechanism = (Scram.MECHANISM + "\0").getBytes(StandardCharsets.US_ASCII);
        if (initial.remaining() < mechanism.length + Integer.BYTES
                || !initial.slice(0, mechanism.length).equals(ByteBuffer.wrap(mechanism))) {
            return false;
        }
        initial.position(mechanism.length + Integer.BYTES); // the length of the rest
        Scram.Exchange exchange;
        String last;
        try {
            exchange = relay.scram()
            .new Exchange(StandardCharsets.UTF_8.decode(initial).toString());
            authentication(out, SASL_CONTINUE, exchange.serverFirst());
            last = exchange.serverFinal(new String(passwordMessage(in), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return false;
        }
        if (last == null) {
            return false;
        }
        authentication(out, SASL_FINAL, last);
        return true;
    }

    private static byte[] passwordMessage(DataInputStream in) throws IOException {
        int type = in.readUnsignedByte();
        int length = in.readInt();
        if (type != PASSWORD || length < Integer.BYTES || length > LONGEST_MESSAGE) {
            throw new IOException("not an answer of a PostgreSQL client");
        }
        byte[] body = new byte[length - Integer.BYTES];
        in.readFully(body);
        return body;
    }

    private static void authentication(DataOutputStream out, int kind, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer message = ByteBuffer.allocate(1 + 2 * Integer.BYTES + bytes.length);
        message.put((byte) AUTHENTICATION)
                .putInt(2 * Integer.BYTES + bytes.length)
                .putInt(kind)
                .put(bytes);
        out.write(message.array());
        out.flush();
    }

    private static void refuse(DataOutputStream out, String sqlState, String text) throws IOException {
        byte[] fields = ("SFATAL\0VFATAL\0C" + sqlState + "\0M" + text + "\0\0").getBytes(StandardCharsets.UTF_8);
        out.write('E');
        out.writeInt(Integer.BYTES + fields.length);
        out.write(fields);
        out.flush();
    }

    private void serve(Startup startup, InputStream in, DataOutputStream out) throws IOException {
        Socket opened;
        try {
            opened = relay.openServer();
        } catch (IOException e) {
            refuse(out, CONNECTION_FAILURE, "the restored database can no longer be reached");
            return;
        }
        server = opened;
        Relay.Tap tap = relay.newTap();
        opened.getOutputStream().write(startup.packet());
        opened.getOutputStream().flush();
        Thread back = Relay.thread(() -> toClient(opened, out, tap));
        back.start();
        boolean ended = false;
        try {
            ended = toServer(in, opened.getOutputStream(), tap);
        } finally {
            finish(ended);
        }
    }

    /** Forwards what the client sends. Returns whether the client's last message was Terminate. */
    private static boolean toServer(InputStream in, OutputStream out, Relay.@Nullable Tap tap) throws IOException {
        byte[] buffer = new byte[BUFFER];
        byte[] last = {};
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            if (tap != null) {
                tap.fromClient(buffer, 0, read);
            }
            out.write(buffer, 0, read);
            out.flush();
            int kept = Math.min(read, TERMINATE.length);
            byte[] both = Arrays.copyOf(last, last.length + kept);
            System.arraycopy(buffer, read - kept, both, last.length, kept);
            last = Arrays.copyOfRange(both, Math.max(0, both.length - TERMINATE.length), both.length);
        }
        return Arrays.equals(last, TERMINATE);
    }

    private void toClient(Socket opened, DataOutputStream out, Relay.@Nullable Tap tap) {
        try {
            DataInputStream in = new DataInputStream(opened.getInputStream());
            firstMessages(in, out, tap);
            byte[] buffer = new byte[BUFFER];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (tap != null) {
                    tap.fromServer(buffer, 0, read);
                }
                out.write(buffer, 0, read);
                out.flush();
            }
            serverEnded = true;
        } catch (IOException e) {
            // One side is gone, so end the other one.
        } finally {
            closeQuietly(client);
        }
    }

    /** Forwards messages up to the first ReadyForQuery, or to the end of a session that the server refused. */
    private void firstMessages(DataInputStream in, DataOutputStream out, Relay.@Nullable Tap tap) throws IOException {
        int type = 0;
        while (type != READY) {
            type = in.read();
            if (type < 0) {
                return;
            }
            int length = in.readInt();
            if (length < Integer.BYTES || length > LONGEST_MESSAGE) {
                throw new IOException("not a message of a PostgreSQL server");
            }
            byte[] body = new byte[length - Integer.BYTES];
            in.readFully(body);
            if (type == BACKEND_KEY_DATA) {
                ByteBuffer key = ByteBuffer.wrap(body);
                cancelKey = key;
                relay.began(key);
            }
            byte[] message = ByteBuffer.allocate(1 + length)
                    .put((byte) type)
                    .putInt(length)
                    .put(body)
                    .array();
            if (tap != null) {
                tap.fromServer(message, 0, message.length);
            }
            out.write(message);
        }
        out.flush();
    }

    /**
     * Cancels what the client left running: a backend that works or waits for a lock does not notice that its client is
     * gone.
     */
    private void finish(boolean ended) {
        ByteBuffer key = cancelKey;
        if (key == null) {
            return;
        }
        try {
            if (!ended && !serverEnded && !relay.isClosed()) {
                relay.cancel(key);
            }
        } catch (IOException e) {
            // the server is gone
        } finally {
            relay.forget(key);
        }
    }

    /** Ends both sides. */
    void close() {
        closeQuietly(client);
        Socket opened = server;
        if (opened != null) {
            closeQuietly(opened);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone
        }
    }
}
