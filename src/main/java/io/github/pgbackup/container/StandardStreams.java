package io.github.pgbackup.container;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/**
 * Standard input, output and error of a process in a container, over one connection to the daemon. Output and error
 * come in frames: one byte for the stream, three zero bytes, four bytes for the length, then the data (Docker Engine
 * API, "Stream format"). Unlike docker-java, this class can close standard input separately and write more than a
 * kilobyte at a time.
 */
final class StandardStreams implements AutoCloseable {

    private static final int ERROR = 2;
    private static final int LARGEST_CHUNK = 1 << 16;

    private final DaemonConnections connections;
    private final Socket socket;
    private final ByteQueue output = new ByteQueue();
    private final ByteQueue error = new ByteQueue();
    private final OutputStream input = new Input();

    /** Called when the process's output has ended. */
    interface End {
        /** Returns why the stream ended too early; null if it did not. */
        @Nullable IOException reached(@Nullable IOException failure);
    }

    private StandardStreams(DaemonConnections connections, Socket socket) {
        this.connections = connections;
        this.socket = socket;
    }

    /**
     * Starts an exec, or attaches to a container.
     *
     * @param path of the request that turns the connection into a stream
     * @param end is called once, in another thread
     */
    static StandardStreams open(DaemonConnections daemon, String path, String json, End end) throws IOException {
        Socket socket = daemon.open();
        try {
            InputStream frames = daemon.address().upgrade(socket, path, json);
            StandardStreams streams = new StandardStreams(daemon, socket);
            Thread pump = new Thread(() -> streams.pump(new DataInputStream(frames), end), "pgbackup container");
            pump.setDaemon(true);
            pump.start();
            return streams;
        } catch (IOException e) {
            daemon.close(socket);
            throw daemon.explained(e);
        }
    }

    private void pump(DataInputStream frames, End end) {
        IOException failure = null;
        try {
            while (true) {
                int stream = frames.read();
                if (stream < 0) {
                    break;
                }
                frames.skipNBytes(3);
                int left = frames.readInt();
                while (left > 0) {
                    byte[] chunk = new byte[Math.min(left, LARGEST_CHUNK)];
                    frames.readFully(chunk);
                    left -= chunk.length;
                    (stream == ERROR ? error : output).put(chunk);
                }
            }
        } catch (EOFException e) {
            failure = new IOException("the connection to the Docker daemon was lost", e);
        } catch (IOException e) {
            failure = e;
        } catch (InterruptedException e) {
            failure = new IOException("interrupted", e); // the JVM is shutting down
        }
        failure = end.reached(failure == null ? null : connections.explained(failure));
        output.end(failure);
        error.end(failure);
        disconnect(); // no reader has to close it
    }

    ByteQueue output() {
        return output;
    }

    ByteQueue error() {
        return error;
    }

    /** Closing it ends only the process's standard input. */
    OutputStream input() {
        return input;
    }

    @Override
    public void close() {
        output.close();
        error.close();
        disconnect();
    }

    private void disconnect() {
        connections.close(socket);
    }

    private final class Input extends OutputStream {

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            socket.getOutputStream().write(bytes, offset, length);
        }

        @Override
        public void flush() {} // a socket has nothing to flush, and it may be closed: the process has ended

        @Override
        public void close() throws IOException {
            try {
                socket.shutdownOutput();
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw e;
                }
            }
        }
    }
}
