package io.github.pgbackup.rehearsal;

import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.postgres.UnixSocket;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** Relays clients to a server of the local engine, and reports what passes to a log of statements. */
final class TestRelay implements AutoCloseable {

    private final ServerSocket listener;
    private final Path socket;
    private final StatementLog log;

    TestRelay(PostgresServer server, StatementLog log) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.socket = Path.of(server.isolation().facts().get("socket directory").split(",", 2)[0], ".s.PGSQL.5432");
        this.log = log;
        thread(() -> {
            while (true) {
                Socket client = listener.accept();
                thread(() -> relay(client));
            }
        });
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Opens a connection through the relay. */
    Connection connect(String database, String user, String... options) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port() + "/" + database + "?user=" + user
                + "&sslmode=disable&gssEncMode=disable" + String.join("", options));
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void thread(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                return; // one side was closed
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void relay(Socket client) throws IOException {
        UnixSocket server = new UnixSocket(socket);
        server.connect(null);
        StatementTap tap = log.open();
        DataInputStream in = new DataInputStream(client.getInputStream());
        OutputStream out = server.getOutputStream();
        int length = in.readInt();
        out.write(ByteBuffer.allocate(length)
                .putInt(length)
                .put(in.readNBytes(length - 4))
                .array());
        thread(() -> {
            try (client;
                    server) {
                pass(server.getInputStream(), client.getOutputStream(), tap::fromServer);
            }
        });
        try (client;
                server) {
            pass(in, out, tap::fromClient);
        }
    }

    private interface Tap {
        void read(byte[] bytes, int offset, int length);
    }

    private static void pass(InputStream in, OutputStream out, Tap tap) throws IOException {
        byte[] bytes = new byte[1 << 13];
        for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
            tap.read(bytes, 0, read);
            out.write(bytes, 0, read);
            out.flush();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
