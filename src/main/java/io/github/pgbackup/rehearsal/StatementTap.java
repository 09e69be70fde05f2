package io.github.pgbackup.rehearsal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the traffic of one connection: which statements run, for how long, and how many rows each of them writes or
 * returns (manual, chapter "Frontend/Backend Protocol"). It changes nothing and keeps no value of a row: it skips
 * messages with rows. One thread feeds each direction.
 */
public final class StatementTap {

    /** A longer message is not read. Only generated statements are that long, and their text is left out. */
    private static final int LONGEST = 1 << 20;

    private static final int HEADER = 5;
    private static final String TOO_LONG = "a statement that is too long to be shown";

    private final StatementLog log;
    private final int connection;
    private final Messages client = new Messages("QPBECSF");
    private final Messages server = new Messages("CEZI1s");

    private final Map<String, String> prepared = new HashMap<>();
    private final Map<String, String> portals = new HashMap<>();
    private final Deque<Sent> sent = new ArrayDeque<>();
    private char transaction = 'I';
    private boolean busy = true;
    private long lastEnd;

    private enum Kind {
        PARSE,
        EXECUTE,
        QUERY,
        SYNC
    }

    /** A message that the server has not answered yet. */
    private static final class Sent {
        private final Kind kind;
        private final List<String> statements;
        private final long at;
        private int next;

        Sent(Kind kind, List<String> statements, long at) {
            this.kind = kind;
            this.statements = statements;
            this.at = at;
        }

        String current() {
            return statements.isEmpty() ? "" : statements.get(Math.min(next, statements.size() - 1));
        }
    }

    StatementTap(StatementLog log, int connection) {
        this.log = log;
        this.connection = connection;
    }

    /**
     * Receives what the client sends after authentication: messages that begin with their type, in pieces of any size.
     */
    public void fromClient(byte[] bytes, int offset, int length) {
        client.read(bytes, offset, length, this::sent);
    }

    /** Receives what the server sends after authentication, before it is forwarded. */
    public void fromServer(byte[] bytes, int offset, int length) {
        server.read(bytes, offset, length, this::answered);
    }

    private interface Message {
        void read(char type, ByteBuffer body, boolean whole);
    }

    private synchronized void sent(char type, ByteBuffer body, boolean whole) {
        long now = System.nanoTime();
        busy(true);
        switch (type) {
            case 'Q' -> sent.add(new Sent(Kind.QUERY, whole ? SqlText.statements(text(body)) : List.of(TOO_LONG), now));
            case 'P' -> {
                String name = text(body);
                String sql = whole ? text(body) : TOO_LONG;
                prepared.put(name, sql);
                sent.add(new Sent(Kind.PARSE, List.of(sql), now));
            }
            case 'B' -> {
                String portal = text(body);
                portals.put(portal, prepared.getOrDefault(text(body), ""));
            }
            case 'E' -> sent.add(new Sent(Kind.EXECUTE, List.of(portals.getOrDefault(text(body), "")), now));
            case 'S', 'F' -> sent.add(new Sent(Kind.SYNC, List.of(), now));
            default -> close(body);
        }
    }

    private void close(ByteBuffer body) {
        boolean statement = body.hasRemaining() && body.get() == 'S';
        (statement ? prepared : portals).remove(text(body));
    }

    private synchronized void answered(char type, ByteBuffer body, boolean whole) {
        switch (type) {
            case '1' -> {
                Sent first = sent.peek();
                if (first != null && first.kind == Kind.PARSE) {
                    sent.remove();
                }
            }
            case 'C' -> completed(text(body));
            case 'I', 's' -> {
                Sent first = sent.peek();
                if (first != null && first.kind == Kind.EXECUTE) {
                    ended(first, type == 's' ? "FETCH" : "", 0, null);
                    sent.remove();
                }
            }
            case 'E' -> failed(body);
            case 'Z' -> ready((char) body.get());
            default -> throw new IllegalStateException("unexpected message type " + type);
        }
    }

    /** {@code INSERT 0 5}, {@code UPDATE 5}, {@code ALTER TABLE}. */
    private void completed(String tag) {
        Sent first = sent.peek();
        if (first == null || first.kind == Kind.SYNC) {
            return;
        }
        String command = tag.replaceAll("[ 0-9]+$", "");
        String number = tag.substring(tag.lastIndexOf(' ') + 1);
        long rows = !number.isEmpty() && number.chars().allMatch(Character::isDigit) ? Long.parseLong(number) : 0;
        ended(first, command, rows, null);
        if (first.kind == Kind.QUERY) {
            first.next++;
        } else {
            sent.remove();
        }
    }

    private void failed(ByteBuffer body) {
        String state = "";
        String message = "";
        String hint = "";
        boolean nested = false;
        while (body.hasRemaining()) {
            byte field = body.get();
            if (field == 0) {
                break;
            }
            String value = text(body);
            switch (field) {
                case 'C' -> state = value;
                case 'M' -> message = value;
                case 'H' -> hint = value;
                case 'W' -> nested = true;
                default -> {
                    // Details can quote values of rows.
                }
            }
        }
        Sent first = sent.peek();
        if (first == null || first.kind == Kind.SYNC) {
            return;
        }
        ended(first, "", 0, new Failure(state, message, hint, nested));
        // The server skips messages until the next Sync.
        while (sent.peek() != null && sent.peek().kind != Kind.SYNC && sent.peek().kind != Kind.QUERY) {
            sent.remove();
        }
        if (first.kind == Kind.QUERY) {
            first.next = first.statements.size();
        }
    }

    private void ended(Sent statement, String command, long rows, @Nullable Failure failure) {
        long now = System.nanoTime();
        long from = Math.max(statement.at, lastEnd);
        lastEnd = now;
        boolean commits =
                command.equals("COMMIT") || transaction == 'I' && statement.next + 1 >= statement.statements.size();
        log.add(connection, statement.current(), from, now, command, rows, failure, commits);
    }

    private void ready(char status) {
        transaction = status;
        boolean answered = false;
        while (sent.peek() != null && !answered) {
            Kind kind = sent.remove().kind;
            answered = kind == Kind.SYNC || kind == Kind.QUERY;
        }
        busy(transaction != 'I' || !sent.isEmpty());
    }

    private void busy(boolean now) {
        if (busy != now) {
            busy = now;
            log.busy(now);
        }
    }

    /** Up to the next zero byte. */
    private static String text(ByteBuffer body) {
        int start = body.position();
        int end = start;
        while (end < body.limit() && body.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - start];
        body.get(bytes);
        body.position(Math.min(body.limit(), end + 1));
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Splits a stream into messages: a type, a length, and a body, which is read only for some types. */
    private static final class Messages {

        private final String types;
        private final byte[] header = new byte[HEADER];
        private int inHeader;
        private byte[] body = new byte[0];
        private int inBody;
        private long left;

        Messages(String types) {
            this.types = types;
        }

        void read(byte[] bytes, int offset, int length, Message message) {
            int at = offset;
            int end = offset + length;
            while (at < end) {
                at += rows(bytes, at, end);
                if (at == end) {
                    return;
                }
                if (inHeader < HEADER) {
                    header[inHeader++] = bytes[at++];
                    if (inHeader == HEADER) {
                        begin();
                    }
                } else {
                    int some = (int) Math.min(left, end - at);
                    int kept = Math.min(some, body.length - inBody);
                    System.arraycopy(bytes, at, body, inBody, kept);
                    inBody += kept;
                    at += some;
                    left -= some;
                }
                if (inHeader == HEADER && left == 0) {
                    inHeader = 0;
                    char type = (char) header[0];
                    if (types.indexOf(type) >= 0) {
                        message.read(type, ByteBuffer.wrap(body, 0, inBody), body.length < LONGEST);
                    }
                }
            }
        }

        /**
         * The length of the complete messages here that are not read, such as those with rows: there can be millions.
         */
        private int rows(byte[] bytes, int offset, int end) {
            int at = offset;
            while (inHeader == 0 && end - at >= HEADER && types.indexOf((char) bytes[at]) < 0) {
                long size = 1
                        + Math.max(
                                Integer.BYTES,
                                Integer.toUnsignedLong(ByteBuffer.wrap(bytes, at + 1, Integer.BYTES)
                                        .getInt()));
                if (size > end - at) {
                    break;
                }
                at += (int) size;
            }
            return at - offset;
        }

        private void begin() {
            left = Math.max(0, Integer.toUnsignedLong(ByteBuffer.wrap(header).getInt(1)) - Integer.BYTES);
            boolean read = types.indexOf((char) header[0]) >= 0;
            body = read ? new byte[(int) Math.min(left, LONGEST)] : new byte[0];
            inBody = 0;
        }
    }
}
