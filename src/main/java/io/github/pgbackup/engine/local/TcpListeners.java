package io.github.pgbackup.engine.local;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The TCP ports that a process listens on, from Linux's /proc (proc_pid_net(5)). */
final class TcpListeners {

    private static final String LISTEN = "0A";

    private TcpListeners() {}

    static boolean canBeSeen() {
        return Files.isReadable(Path.of("/proc/self/net/tcp"));
    }

    /**
     * Lists the listening sockets of a process.
     *
     * @return address and port in the hexadecimal form of /proc; empty if there are none
     * @throws IOException if the process or its sockets cannot be inspected
     */
    static List<String> of(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        Set<String> sockets = sockets(process);
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

    private static Set<String> sockets(Path process) throws IOException {
        Set<String> inodes = new HashSet<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                try {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    if (target.startsWith("socket:[")) {
                        inodes.add(target.substring("socket:[".length(), target.length() - 1));
                    }
                } catch (NoSuchFileException e) {
                    // closed in the meantime, so not listening
                }
            }
        }
        if (inodes.isEmpty()) {
            throw new IOException(
                    "cannot see any socket of process " + process.getFileName() + ", not even its Unix socket");
        }
        return inodes;
    }
}
