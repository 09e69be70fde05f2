package io.github.pgbackup.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.NetworkSettings;
import io.github.pgbackup.postgres.Command;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A container of a {@link Daemon}, identified by its id; a new container with the same name is a different one. */
public final class Container {

    private static final int PIECE = 1 << 18;

    private final DockerClient docker;
    private final DaemonConnections daemon;
    private final String id;

    Container(DockerClient docker, DaemonConnections daemon, String id) {
        this.docker = docker;
        this.daemon = daemon;
        this.id = id;
    }

    public String id() {
        return id;
    }

    /**
     * Inspects the container.
     *
     * @return empty when the container no longer exists
     * @throws io.github.pgbackup.CannotVerifyException when the daemon does not answer
     */
    public Optional<ContainerState> inspect() {
        try {
            return Optional.of(state(docker.inspectContainerCmd(id).exec()));
        } catch (NotFoundException e) {
            return Optional.empty();
        } catch (RuntimeException e) {
            throw Daemon.failed(daemon.address(), e);
        }
    }

    /** A run of a program in the container, searched for in {@code PATH}, as the container's user. */
    public Command command(String program) {
        return Command.by(this::startWithoutForeignVariables, program);
    }

    /** The driver's properties to connect to a server on the container's loopback interface. */
    public Map<String, String> driverProperties(int port) {
        return Map.of(
                "socketFactory", ExecSocketFactory.class.getName(),
                "socketFactoryArg", ExecSocketFactory.argument(this, port));
    }

    /** Connects to a port of the container's loopback interface. */
    public Socket connect(int port) throws IOException {
        ExecSocket socket = new ExecSocket(this, port);
        socket.connect(new InetSocketAddress(0)); // the address is ignored
        return socket;
    }

    /**
     * Copies a file or directory into a directory of the container, as one stream, in constant memory.
     *
     * @param directory is created with access for the container's user only
     * @throws IOException if the container's disk is full, or if the daemon or the container is gone
     */
    public void copy(Path source, String directory) throws IOException, InterruptedException {
        ExecProcess tar = start(
                List.of("sh", "-c", "umask 077 && mkdir -p \"$1\" && exec tar -x -f - -C \"$1\"", "sh", directory),
                Map.of());
        IOException broken = null;
        try (OutputStream input = tar.getOutputStream()) {
            write(source, input);
        } catch (IOException e) {
            broken = e; // tar's message explains it
        }
        try {
            String words = new String(tar.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            // tar may exit before it has read the padding; if it misses part of a file, its exit status shows that.
            int status = tar.waitFor();
            if (status != 0) {
                String why =
                        !words.isEmpty() ? words : broken != null ? "" + broken : "tar exited with status " + status;
                throw new IOException(
                        "%s cannot be copied into the container: %s".formatted(source.getFileName(), why), broken);
            }
        } finally {
            tar.destroy();
        }
    }

    /** Writes a file or directory as a tar stream. */
    static void write(Path source, OutputStream stream) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(source)) {
            files = walk.sorted().toList();
        }
        Path parent = source.toAbsolutePath().getParent();
        BufferedOutputStream pieces = new BufferedOutputStream(stream, PIECE);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(pieces, StandardCharsets.UTF_8.name());
        // The tar of busybox, in Alpine's images, ignores the extended headers of POSIX: a file of 8 GiB would become
        // empty. It reads GNU's extensions, as GNU's own tar does.
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        for (Path file : files) {
            String name = String.valueOf(parent == null ? file : parent.relativize(file.toAbsolutePath()));
            boolean directory = Files.isDirectory(file);
            TarArchiveEntry entry = new TarArchiveEntry(directory ? name + "/" : name);
            entry.setMode(directory ? 0700 : 0600);
            entry.setSize(directory ? 0 : Files.size(file));
            tar.putArchiveEntry(entry);
            if (!directory) {
                Files.copy(file, tar);
            }
            tar.closeArchiveEntry();
        }
        tar.finish();
        pieces.flush();
    }

    /** Starts a program with the container's environment plus these variables. */
    ExecProcess start(List<String> argv, Map<String, String> environment) throws IOException {
        List<String> variables = new ArrayList<>();
        environment.forEach((name, value) -> variables.add(name + "=" + value));
        return ExecProcess.start(docker, daemon, id, argv, variables);
    }

    /** Removes PG* variables of the image or of its user, which would redirect a client. */
    private ExecProcess startWithoutForeignVariables(List<String> argv, Map<String, String> environment)
            throws IOException {
        List<String> without = new ArrayList<>(List.of("env"));
        inspect().map(ContainerState::environment).orElse(Map.of()).keySet().stream()
                .filter(name -> name.startsWith("PG") && !environment.containsKey(name))
                .forEach(name -> without.addAll(List.of("-u", name)));
        without.addAll(argv);
        return start(without, environment);
    }

    private static ContainerState state(InspectContainerResponse seen) {
        InspectContainerResponse.ContainerState state = seen.getState();
        Map<String, String> environment = new TreeMap<>();
        for (String variable : orEmpty(seen.getConfig().getEnv())) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                environment.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        Set<String> volumes = new LinkedHashSet<>();
        if (seen.getMounts() != null) {
            seen.getMounts()
                    .forEach(mount ->
                            volumes.add(mount.getName() != null ? mount.getName() : String.valueOf(mount.getSource())));
        }
        NetworkSettings network = seen.getNetworkSettings();
        Set<String> networks = network == null || network.getNetworks() == null
                ? Set.of()
                : new TreeSet<>(network.getNetworks().keySet());
        List<String> ports = new ArrayList<>();
        if (network != null && network.getPorts() != null) {
            network.getPorts().getBindings().forEach((port, bindings) -> {
                if (bindings != null) {
                    Arrays.stream(bindings).forEach(binding -> ports.add(port + " -> " + binding));
                }
            });
        }
        String networkMode = String.valueOf(seen.getHostConfig().getNetworkMode());
        return new ContainerState(
                seen.getId(),
                String.valueOf(seen.getName()).replaceFirst("^/", ""),
                String.valueOf(seen.getConfig().getImage()),
                String.valueOf(state.getStatus()),
                Boolean.TRUE.equals(state.getRunning()),
                instant(state.getStartedAt()),
                environment,
                volumes,
                networkMode,
                networks,
                ports,
                facts(seen, networkMode, networks, ports));
    }

    private static Instant instant(String time) {
        return time == null || time.isEmpty() ? Instant.EPOCH : Instant.parse(time);
    }

    private static Map<String, String> facts(
            InspectContainerResponse seen, String networkMode, Set<String> networks, List<String> ports) {
        HostConfig host = seen.getHostConfig();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("container", String.valueOf(seen.getName()).replaceFirst("^/", "") + ", id " + seen.getId());
        facts.put("image", seen.getConfig().getImage() + ", id " + seen.getImageId());
        facts.put("network mode", networkMode);
        facts.put("networks", networks.isEmpty() ? "none" : String.join(", ", networks));
        facts.put("published ports", ports.isEmpty() ? "none" : String.join(", ", ports));
        facts.put("mounts", mounts(seen));
        facts.put("user", String.valueOf(seen.getConfig().getUser()));
        facts.put("privileged", String.valueOf(host.getPrivileged()));
        facts.put("capabilities dropped", capabilities(host.getCapDrop()));
        facts.put("capabilities added", capabilities(host.getCapAdd()));
        List<String> security = host.getSecurityOpts();
        facts.put("security options", security == null ? "none" : String.join(", ", security));
        // Podman without root reports 0 if it cannot set a limit.
        Long processes = host.getPidsLimit();
        facts.put("process limit", processes == null || processes <= 0 ? "none" : processes.toString());
        facts.put(
                "memory limit",
                host.getMemory() == null || host.getMemory() == 0 ? "none" : host.getMemory() + " bytes");
        facts.put("shared memory", host.getShmSize() + " bytes");
        facts.put("removed when it ends", String.valueOf(host.getAutoRemove()));
        return facts;
    }

    private static String mounts(InspectContainerResponse seen) {
        return seen.getMounts() == null || seen.getMounts().isEmpty()
                ? "none"
                : seen.getMounts().stream()
                        .map(mount -> (mount.getName() != null ? "volume " + mount.getName() : mount.getSource())
                                + " at " + mount.getDestination())
                        .collect(Collectors.joining(", "));
    }

    private static String capabilities(Capability[] capabilities) {
        return capabilities == null || capabilities.length == 0
                ? "none"
                : Arrays.stream(capabilities).map(Enum::name).collect(Collectors.joining(", "));
    }

    private static String[] orEmpty(String[] strings) {
        return strings == null ? new String[0] : strings;
    }

    @Override
    public String toString() {
        return "container " + id;
    }
}
