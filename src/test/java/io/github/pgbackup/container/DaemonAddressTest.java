package io.github.pgbackup.container;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class DaemonAddressTest {

    /** Podman keeps the connection open, so a client that reads up to its end would wait forever. */
    @Test
    void a_refusal_is_read_though_the_daemon_keeps_the_connection_open() throws IOException {
        try (ServerSocket daemon = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            DaemonAddress address = new DaemonAddress(URI.create("tcp://127.0.0.1:" + daemon.getLocalPort()), null);
            try (Socket socket = address.connect();
                    Socket accepted = daemon.accept()) {
                socket.setSoTimeout(5_000);
                accepted.getOutputStream()
                        .write("HTTP/1.1 409 Conflict\r\ncontent-length: 9\r\n\r\nnot now\r\n"
                                .getBytes(StandardCharsets.US_ASCII));

                assertThatThrownBy(() -> address.upgrade(socket, "/containers/x/attach", ""))
                        .isInstanceOf(IOException.class)
                        .hasMessage("the Docker daemon answered HTTP/1.1 409 Conflict not now");
            }
        }
    }
}
