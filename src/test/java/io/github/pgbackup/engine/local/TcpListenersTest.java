package io.github.pgbackup.engine.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class TcpListenersTest {

    private static final List<String> TABLE = List.of(
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
            "   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 11111 1 0 100 0",
            "   1: 0100007F:1538 0100007F:C000 01 00000000:00000000 00:00000000 00000000   101        0 22222 1 0 20 4",
            "   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 33333 1 0 100 0");

    @Test
    void only_listening_sockets_of_the_process_count() {
        assertThat(TcpListeners.listening(TABLE, Set.of("11111", "22222"))).containsExactly("0100007F:1538");
        assertThat(TcpListeners.listening(TABLE, Set.of("22222"))).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_port_that_this_process_listens_to_is_seen() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(TcpListeners.of(ProcessHandle.current().pid(), List.of()))
                    .anyMatch(
                            listener -> listener.endsWith(String.format(Locale.ROOT, ":%04X", socket.getLocalPort())));
        }
    }
}
