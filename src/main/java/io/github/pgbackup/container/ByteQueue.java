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
 * A queue from a thread that reads from the daemon to a thread that reads at its own pace. It holds a limited number of
 * bytes: a slow reader makes the writing thread wait, and with it the program at the other end.
 */
final class ByteQueue extends InputStream {

    private static final int MAX_BYTES = 1 << 20;

    private final Deque<byte[]> chunks = new ArrayDeque<>();
    private int position;
    private int bytes;
    private int timeoutMillis;
    private boolean ended;
    private boolean closed;
    private @Nullable IOException failure;

    /** Adds bytes, which then belong to the queue; drops them if nobody will read them. */
    synchronized void put(byte[] chunk) throws InterruptedException {
        while (bytes > MAX_BYTES && !closed) {
            wait();
        }
        if (!closed && chunk.length > 0) {
            chunks.add(chunk);
            bytes += chunk.length;
            notifyAll();
        }
    }

    /** Marks the end: after the remaining bytes, readers get the failure, or the end of the stream if there is none. */
    synchronized void end(@Nullable IOException why) {
        ended = true;
        failure = why;
        notifyAll();
    }

    /** How long a read waits before it throws {@link SocketTimeoutException}; 0 for no limit. */
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
