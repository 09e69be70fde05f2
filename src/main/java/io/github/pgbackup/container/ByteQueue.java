package io.github.pgbackup.container;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one thread reads from the daemon, for another to read in its own time. It holds a bounded number of bytes: a writer
 * waits for a slow reader, and so does whoever writes at the other end.
 */
final class ByteQueue extends InputStream {

    private static final int MOST_BYTES = 1 << 20;

    private final Deque<byte[]> chunks = new ArrayDeque<>();
    private int position;
    private int bytes;
    private int timeoutMillis;
    private boolean ended;
    private boolean closed;
    private @Nullable IOException failure;

    /** Adds bytes, which become the queue's; drops them when nobody will read them any more. */
    synchronized void put(byte[] chunk) throws InterruptedException {
        while (bytes > MOST_BYTES && !closed) {
            wait();
        }
        if (!closed && chunk.length > 0) {
            chunks.add(chunk);
            bytes += chunk.length;
            notifyAll();
        }
    }

    /** Nothing more comes; after what is there a reader meets the failure, or the end where there is none. */
    synchronized void end(@Nullable IOException why) {
        ended = true;
        failure = why;
        notifyAll();
    }

    /** How long a read waits before it is a {@link SocketTimeoutException}; 0 is for ever. */
    synchronized void setTimeout(int millis) {
        timeoutMillis = millis;
    }

    @Override
    public synchronized int available() {
        return bytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public synchronized int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        await();
        byte[] chunk = chunks.peek();
        if (chunk == null) {
            if (failure != null) {
                throw new IOException(failure.getMessage(), failure);
            }
            return -1;
        }
        int taken = Math.min(length, chunk.length - position);
        System.arraycopy(chunk, position, target, offset, taken);
        position += taken;
        bytes -= taken;
        if (position == chunk.length) {
            chunks.remove();
            position = 0;
        }
        notifyAll();
        return taken;
    }

    private synchronized void await() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (chunks.isEmpty() && !ended) {
            if (closed) {
                throw new IOException("Stream closed");
            }
            try {
                if (timeoutMillis == 0) {
                    wait();
                } else {
                    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime() + 999_999);
                    if (left <= 0) {
                        throw new SocketTimeoutException("Read timed out");
                    }
                    wait(left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for output of a container");
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        chunks.clear();
        bytes = 0;
        notifyAll();
    }
}
