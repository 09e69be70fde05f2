package io.github.pgbackup.engine.container;

import io.github.pgbackup.container.Container;
import io.github.pgbackup.container.ContainerClient;
import io.github.pgbackup.container.ContainerState;
import io.github.pgbackup.container.Daemon;
import io.github.pgbackup.container.Image;
import io.github.pgbackup.container.RunningContainer;
import io.github.pgbackup.engine.Isolation;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.Removal;
import io.github.pgbackup.engine.SuperuserSession;
import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A server of the {@link ContainerEngine}. */
final class ContainerServer implements PostgresServer {

    private static final int PORT = 5432;
    private static final Duration REMOVAL_TIMEOUT = Duration.ofSeconds(60);

    /** The state LISTEN in /proc/net/tcp (proc_pid_net(5)). */
    private static final String LISTEN = "0A";

    private final Daemon daemon;
    private final RunningContainer running;
    private final Image image;
    private final PostgresVersion version;
    private final String superuser;
    private final ContainerClient client;
    private @Nullable Removal removal;

    ContainerServer(Daemon daemon, RunningContainer running, Image image, ContainerClient client, String superuser) {
        this.daemon = daemon;
        this.running = running;
        this.image = image;
        this.version = client.version();
        this.superuser = superuser;
        this.client = client;
    }

    @Override
    public PostgresVersion version() {
        return version;
    }

    @Override
    public Optional<Container> container() {
        return Optional.of(running.container());
    }

    @Override
    public Session connect(String database) throws SQLException {
        return SuperuserSession.open(running.container().driverProperties(PORT), superuser, database);
    }

    @Override
    public Socket open() throws IOException {
        return running.container().connect(PORT);
    }

    @Override
    public Command command(String program) {
        return connecting(client.command(program));
    }

    @Override
    public Command psql(Path script, List<String> arguments) throws IOException, InterruptedException {
        return connecting(client.command("sh")
                .arguments("-c", PostgresServer.WITH_INPUT, "sh", client.pathFor(script), "psql")
                .arguments(arguments));
    }

    private Command connecting(Command command) {
        return command.environment("PGHOST", "127.0.0.1")
                .environment("PGPORT", "" + PORT)
                .environment("PGUSER", superuser)
                .environment("PGDATABASE", "postgres")
                .environment("PGSSLMODE", "disable")
                .environment("PGAPPNAME", "pgbackup");
    }

    @Override
    public String pathFor(Path file) throws IOException, InterruptedException {
        return client.pathFor(file);
    }

    /** Uses {@code df}, because the volume with the data belongs to the daemon. */
    @Override
    public OptionalLong freeSpace() throws InterruptedException {
        try (Session session = connect("postgres")) {
            String directory = session.text("show data_directory");
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            client.command("df").arguments("-P", "-k", directory + "/base").run(stdout -> stdout.transferTo(text));
            String[] columns = text.toString(StandardCharsets.UTF_8).strip().split("\\s+", -1);
            // The last line ends with: blocks, used, available, capacity, mount point.
            return OptionalLong.of(Long.parseLong(columns[columns.length - 3]) << 10);
        } catch (SQLException | IOException | RuntimeException e) {
            return OptionalLong.empty(); // this image has no df, or an incompatible one
        }
    }

    @Override
    public Optional<Path> disk() {
        return daemon.disk();
    }

    /** Returns what the daemon and the kernel report, not what was requested. */
    @Override
    public Isolation isolation() {
        Map<String, String> facts = new LinkedHashMap<>();
        Optional<ContainerState> seen = running.container().inspect();
        seen.ifPresent(state -> facts.putAll(state.facts()));
        if (!daemon.limitsContainers()) {
            facts.put("process limit", "none");
            facts.put("memory limit", "none");
        }
        facts.put("image", image.name() + ", digest " + image.digest());
        boolean alone = seen.isPresent()
                && seen.get().networkMode().equals("none")
                && List.of("none").containsAll(seen.get().networks())
                && seen.get().ports().isEmpty();
        return new Isolation(isAloneInside(facts) && alone, facts);
    }

    private boolean isAloneInside(Map<String, String> facts) {
        try {
            List<String> interfaces = lines("/proc/net/dev").stream()
                    .filter(line -> line.contains(":"))
                    .map(line -> line.substring(0, line.indexOf(':')).strip())
                    .toList();
            facts.put("network interfaces", String.join(", ", interfaces));
            List<String> listeners = new ArrayList<>();
            for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
                for (String line : lines(table)) {
                    String[] columns = line.strip().split("\\s+", -1);
                    if (columns.length > 3 && columns[3].equals(LISTEN)) {
                        listeners.add(columns[1]);
                    }
                }
            }
            facts.put(
                    "TCP listeners in the container",
                    String.join(
                            ", ",
                            listeners.stream().map(ContainerServer::address).toList()));
            return interfaces.equals(List.of("lo"));
        } catch (IOException | InterruptedException e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            facts.put("network interfaces", "unknown: " + e.getMessage());
            return false;
        }
    }

    private List<String> lines(String file) throws IOException, InterruptedException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int status = client.command("cat").arguments(file).run(stdout -> stdout.transferTo(text));
        if (status != 0 && !file.endsWith("6")) { // tcp6 does not exist if IPv6 is disabled
            throw new IOException("cat " + file + " exited with status " + status);
        }
        return text.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /** Converts {@code 0100007F:1538}, in the machine's byte order, to {@code 127.0.0.1:5432}. */
    private static String address(String hexadecimal) {
        String[] parts = hexadecimal.split(":", -1);
        int port = Integer.parseInt(parts[1], 16);
        if (parts[0].length() != 8) {
            return "[" + parts[0] + "]:" + port;
        }
        byte[] bytes = HexFormat.of().parseHex(parts[0]);
        return (bytes[3] & 255) + "." + (bytes[2] & 255) + "." + (bytes[1] & 255) + "." + (bytes[0] & 255) + ":" + port;
    }

    /** Not interruptible: otherwise a copy of production could be left behind. */
    @Override
    public synchronized Removal stop() {
        Removal known = removal;
        if (known != null) {
            return known;
        }
        Map<String, String> left = running.remove(REMOVAL_TIMEOUT);
        Map<String, String> facts = new LinkedHashMap<>(left);
        if (left.isEmpty()) {
            facts.put("container", running.container().id() + " is gone");
            running.volumes().forEach(volume -> facts.put("volume " + volume, "is gone"));
        }
        removal = new Removal(left.isEmpty(), facts);
        return removal;
    }
}
