package io.github.pgbackup.engine.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The TCP ports that a process listens on, from Linux's /proc (proc_pid_net(5)). */
final class TcpListeners {

    private static final String LISTEN = "0A";
    private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");

    private TcpListeners() {}

    static boolean canBeSeen() {
        return Files.isReadable(Path.of("/proc/self/net/tcp"));
    }

    /**
     * Lists the listening sockets of a process.
     *
     * @param asItsUser words to put before a command to run it as the process's user; empty if that is ours. In a container,
     *     not even root can see the open files of other users (CAP_SYS_PTRACE).
     * @return address and port in the hexadecimal form of /proc; empty if there are none
     * @throws IOException if the process or its sockets cannot be inspected
     */
    static List<String> of(long pid, List<String> asItsUser) throws IOException, InterruptedException {
        Path process = Path.of("/proc", Long.toString(pid));
        Set<String> sockets = sockets(pid, asItsUser);
        List<String> listeners = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            Path file = process.resolve("net").resolve(table);
            if (Files.exists(file)) { // tcp6 does not exist if IPv6 is disabled
                listeners.addAll(listening(Files.readAllLines(file), sockets));
            }
        }
        return listeners;
    }

    /** The local addresses of those of these sockets, identified by inode, that are in state LISTEN in the table. */
    static List<String> listening(List<String> table, Set<String> sockets) {
        return table.stream()
                .map(line -> line.strip().split("\\s+"))
                .filter(columns -> columns.length > 9 && columns[3].equals(LISTEN) && sockets.contains(columns[9]))
                .map(columns -> columns[1])
                .toList();
    }

    /** Their inodes. */
    private static Set<String> sockets(long pid, List<String> asItsUser) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(asItsUser);
        line.addAll(List.of("ls", "-l", "/proc/" + pid + "/fd"));
        ByteArrayOutputStream files = new ByteArrayOutputStream();
        Confinement.onPath(line).run(standardOutput -> standardOutput.transferTo(files));
        Set<String> inodes = SOCKET.matcher(files.toString(StandardCharsets.UTF_8))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
        if (inodes.isEmpty()) {
            throw new IOException("cannot see any socket of process " + pid + ", not even its Unix socket");
        }
        return inodes;
    }
}
