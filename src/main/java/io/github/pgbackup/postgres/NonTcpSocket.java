package io.github.pgbackup.postgres;

import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;

/** A {@link Socket} that is not a TCP connection: TCP options of the driver have no effect. */
public abstract class NonTcpSocket extends Socket {

    /** The reported buffer size in bytes; it cannot be set. */
    protected static final int BUFFER = 64 * 1024;

    protected NonTcpSocket() throws SocketException {
        super((SocketImpl) null);
    }

    @Override
    public void bind(SocketAddress ignored) {}

    @Override
    public void setTcpNoDelay(boolean on) {}

    @Override
    public boolean getTcpNoDelay() {
        return true;
    }

    @Override
    public void setKeepAlive(boolean on) {}

    @Override
    public boolean getKeepAlive() {
        return false;
    }

    @Override
    public synchronized void setSendBufferSize(int size) {}

    @Override
    public synchronized int getSendBufferSize() {
        return BUFFER;
    }

    @Override
    public synchronized void setReceiveBufferSize(int size) {}

    @Override
    public synchronized int getReceiveBufferSize() {
        return BUFFER;
    }
}
