package io.github.pgbackup.handover;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The first packet of a connection (manual, "Message Formats"): its length, a number that says what kind it is, and the
 * rest.
 */
final class Startup {

    private static final int CANCEL = 80_877_102;
    private static final int TLS = 80_877_103;
    private static final int GSS = 80_877_104;

    private static final int SHORTEST = 8;

    /** The server's own limit. */
    private static final int LONGEST = 10_000;

    /** A client may request both kinds of encryption, one after the other. */
    private static final int MOST_REQUESTS = 2;

    private final byte[] packet;

    private Startup(byte[] packet) {
        this.packet = packet;
    }

    /** Reads the packet. Refuses encryption first: a connection within one machine does not need it. */
    static Startup read(DataInputStream in, OutputStream out) throws IOException {
        for (int request = 0; request <= MOST_REQUESTS; request++) {
            int length = in.readInt();
            if (length < SHORTEST || length > LONGEST) {
                throw new IOException("not a PostgreSQL client");
            }
            byte[] rest = in.readNBytes(length - Integer.BYTES);
            if (rest.length < length - Integer.BYTES) {
                throw new EOFException();
            }
            Startup startup = new Startup(
                    ByteBuffer.allocate(length).putInt(length).put(rest).array());
            if (startup.code() != TLS && startup.code() != GSS) {
                return startup;
            }
            out.write('N');
            out.flush();
        }
        throw new IOException("not a PostgreSQL client");
    }

    /** The whole packet. */
    byte[] packet() {
        return packet;
    }

    private int code() {
        return ByteBuffer.wrap(packet).getInt(Integer.BYTES);
    }

    boolean isCancel() {
        return code() == CANCEL;
    }

    /** The key in a request to cancel, as {@link #cancel} takes it. */
    ByteBuffer cancelKey() {
        return ByteBuffer.wrap(packet, SHORTEST, packet.length - SHORTEST).slice();
    }

    /**
     * A request to cancel what a backend is doing.
     *
     * @param key process ID and secret of the backend, as it sent them to its client
     */
    static byte[] cancel(ByteBuffer key) {
        int length = SHORTEST + key.remaining();
        return ByteBuffer.allocate(length)
                .putInt(length)
                .putInt(CANCEL)
                .put(key.duplicate())
                .array();
    }

    /** {@code user}, {@code database} and the other parameters of a startup message of protocol 3. */
    Map<String, String> parameters() throws IOException {
        if (code() >> 16 != 3) {
            throw new IOException("not a PostgreSQL client");
        }
        String text = new String(packet, SHORTEST, packet.length - SHORTEST, StandardCharsets.UTF_8);
        String[] words = text.split("\0", -1);
        Map<String, String> parameters = new HashMap<>();
        for (int i = 0; i + 1 < words.length && !words[i].isEmpty(); i += 2) {
            parameters.put(words[i], words[i + 1]);
        }
        return parameters;
    }
}
