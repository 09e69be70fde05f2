package io.github.pgbackup.rehearsal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One statement that runs again and again, on a connection of its own (manual, chapter "Frontend/Backend Protocol").
 * Its messages are built once, and a result that equals the one before is not parsed again. This takes the JVM a third
 * of the work that the driver would need, and this work is most of the cost of an observer.
 */
final class RepeatedQuery implements AutoCloseable {

    private static final int PROTOCOL = 3 << 16;
    private static final int HEADER = 5;
    private static final int LONGEST_MESSAGE = 1 << 24;
    private static final String CONNECTION_FAILURE = "08006";
    private static final String NAME = "q\0";

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] execute;
    private byte[] result = {};
    private byte[] previous = {};
    private int length;
    private int previousLength;

    private RepeatedQuery(Socket socket) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
        this.execute = concatenated(
                // no parameters; every column as text
                message('B', "\0" + NAME, new byte[6]), message('E', "\0", new byte[4]), message('S', "", new byte[0]));
    }

    /**
     * Connects and prepares the statement.
     *
     * @param socket to a server that trusts every connection
     * @param sql without parameters
     */
    static RepeatedQuery prepare(Socket socket, String user, String database, String sql) throws SQLException {
        boolean prepared = false;
        try {
            RepeatedQuery query = new RepeatedQuery(socket);
            byte[] startup = utf8("user\0" + user + "\0database\0" + database + "\0application_name\0pgbackup\0\0");
            query.send(ByteBuffer.allocate(2 * Integer.BYTES + startup.length)
                    .putInt(2 * Integer.BYTES + startup.length)
                    .putInt(PROTOCOL)
                    .put(startup)
                    .array());
            query.receive();
            query.send(concatenated(message('P', NAME + sql + "\0", new byte[2]), message('S', "", new byte[0])));
            query.receive();
            prepared = true;
            return query;
        } catch (IOException e) {
            throw lost(e);
        } finally {
            if (!prepared) {
                close(socket);
            }
        }
    }

    /**
     * Executes the statement.
     *
     * @return whether the result differs from that of the execution before
     */
    boolean execute() throws SQLException {
        byte[] before = result;
        result = previous;
        previous = before;
        previousLength = length;
        try {
            send(execute);
            receive();
        } catch (IOException e) {
            throw lost(e);
        }
        return !Arrays.equals(result, 0, length, previous, 0, previousLength);
    }

    /** The rows of the last execution; no column may be null. */
    List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        ByteBuffer messages = ByteBuffer.wrap(result, 0, length);
        while (messages.hasRemaining()) {
            char type = (char) messages.get();
            int end = messages.position() + messages.getInt();
            if (type == 'D') {
                List<String> row = new ArrayList<>();
                int columns = messages.getShort();
                for (int i = 0; i < columns; i++) {
                    byte[] value = new byte[messages.getInt()];
                    messages.get(value);
                    row.add(new String(value, StandardCharsets.UTF_8));
                }
                rows.add(row);
            }
            messages.position(end);
        }
        return rows;
    }

    private void send(byte[] messages) throws IOException {
        out.write(messages);
        out.flush();
    }

    /** Reads everything up to ReadyForQuery, usually with one read. */
    private void receive() throws IOException, SQLException {
        length = 0;
        int at = 0;
        while (true) {
            while (length - at < HEADER) {
                read();
            }
            int size = 1 + ByteBuffer.wrap(result).getInt(at + 1);
            if (size < HEADER || size > LONGEST_MESSAGE) {
                throw new IOException("not a message of a PostgreSQL server");
            }
            while (length - at < size) {
                read();
            }
            switch (result[at]) {
                case 'E' -> throw error(ByteBuffer.wrap(result, at + HEADER, size - HEADER));
                case 'Z' -> {
                    return;
                }
                default -> at += size;
            }
        }
    }

    private void read() throws IOException {
        if (length == result.length) {
            result = Arrays.copyOf(result, Math.max(1 << 13, 2 * result.length));
        }
        int read = in.read(result, length, result.length - length);
        if (read < 0) {
            throw new IOException("the server ended the connection");
        }
        length += read;
    }

    private static SQLException error(ByteBuffer fields) {
        String state = "";
        while (fields.hasRemaining()) {
            char field = (char) fields.get();
            StringBuilder value = new StringBuilder();
            for (byte next = field == 0 ? 0 : fields.get(); next != 0; next = fields.get()) {
                value.append((char) next);
            }
            state = field == 'C' ? value.toString() : state;
        }
        return new SQLException("The server refused a statement.", state);
    }

    private static SQLException lost(IOException e) {
        return new SQLException("The connection was lost.", CONNECTION_FAILURE, e);
    }

    private static byte[] message(char type, String text, byte[] rest) {
        byte[] bytes = utf8(text);
        return ByteBuffer.allocate(HEADER + bytes.length + rest.length)
                .put((byte) type)
                .putInt(Integer.BYTES + bytes.length + rest.length)
                .put(bytes)
                .put(rest)
                .array();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] concatenated(byte[]... messages) {
        ByteBuffer all = ByteBuffer.allocate(
                Arrays.stream(messages).mapToInt(message -> message.length).sum());
        Arrays.stream(messages).forEach(all::put);
        return all.array();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone
        }
    }

    /** Ends the connection; an execution that is running fails. */
    @Override
    public void close() {
        close(socket);
    }
}
