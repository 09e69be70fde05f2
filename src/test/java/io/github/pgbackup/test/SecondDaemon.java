package io.github.pgbackup.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/** A test's own Docker daemon, which can die without harm to others. The test needs root to start it. */
public final class SecondDaemon implements AutoCloseable {

    /** The address on which a daemon with TLS listens. */
    public static final String TLS_ADDRESS = "10.213.77.2";

    /** Another address of the same daemon. */
    public static final String OTHER_ADDRESS = "10.213.77.3";

    private static final int TLS_PORT = 2376;

    /** Words to put before a command to run it as a user without any rights. */
    public static final List<String> AS_NOBODY =
            List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups");

    /** Where Debian and Docker's own packages put it. */
    private static final List<Path> ROOTLESS = List.of(
            Path.of("/usr/share/docker.io/contrib/dockerd-rootless.sh"), Path.of("/usr/bin/dockerd-rootless.sh"));

    /** What an administrator does once for a user ($1/ids: user IDs to use), and what udev does, for one command alone. */
    private static final String PREPARED = """
            mount --bind "$1/ids" /etc/subuid
            mount --bind "$1/ids" /etc/subgid
            mkdir -p /dev/net
            mount -t tmpfs tmpfs /dev/net
            mknod -m 666 /dev/net/tun c 10 200
            shift
            exec "$@"
            """;

    private final Path directory;
    private final Process process;

    private SecondDaemon(Path directory, ProcessBuilder command, List<String> options) {
        this.directory = directory;
        this.process = launch(command, options);
    }

    /** Starts a daemon with an image of the machine's daemon. */
    public static SecondDaemon start(Path directory, String image) {
        return start(directory, image, List.of());
    }

    /**
     * Starts a daemon that also listens at {@link #TLS_ADDRESS}, where it requires a certificate of that authority.
     *
     * @param name of its own certificate
     */
    public static SecondDaemon startWithTls(Path directory, String image, Certificates authority, String name) {
        SecondDaemon daemon = start(
                directory,
                image,
                List.of(
                        "--tlsverify",
                        "--tlscacert=" + authority.authority(),
                        "--tlscert=" + authority.certificate(name),
                        "--tlskey=" + authority.key(name),
                        "--host=tcp://0.0.0.0:" + TLS_PORT));
        daemon.connectNetworks();
        return daemon;
    }

    private static SecondDaemon start(Path directory, String image, List<String> options) {
        if (!System.getProperty("user.name").equals("root")) {
            throw Programs.missing("Only root can start a Docker daemon.");
        }
        // In a network of its own: a daemon without a bridge removes the existing one.
        ProcessBuilder command = new ProcessBuilder("unshare", "--net", "dockerd");
        List<String> all = new ArrayList<>(List.of("--bridge=none", "--iptables=false", "--ip6tables=false"));
        all.addAll(options);
        return new SecondDaemon(directory, command, all).load(image);
    }

    /**
     * Continues only if this user may become {@link #nobody}.
     *
     * @throws TestAbortedException otherwise: the test is skipped
     * @throws IllegalStateException otherwise, under {@code CI=true}
     */
    public static void requireRoot() {
        if (!System.getProperty("user.name").equals("root")) {
            throw Programs.missing("Only root can run a program as another user.");
        }
    }

    /** The user of {@link #AS_NOBODY}. */
    public static UserPrincipal nobody() throws IOException {
        return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    }

    /**
     * Starts a daemon in rootless mode, as Docker calls it, as the user of {@link #AS_NOBODY}.
     *
     * @param directory every user must be able to enter it; it becomes that user's {@code XDG_RUNTIME_DIR}
     * @throws TestAbortedException if a program is missing that this mode needs: the test is skipped
     * @throws IllegalStateException in the same case under {@code CI=true}
     */
    public static SecondDaemon startRootless(Path directory, String image) throws IOException {
        requireRoot();
        Path script = ROOTLESS.stream()
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() ->
                        Programs.missing("The script for rootless mode was not found; looked for " + ROOTLESS + "."));
        for (String program : List.of("rootlesskit", "slirp4netns", "newuidmap")) {
            if (!Programs.isOnPath(program)) {
                throw Programs.missing("The program " + program + " was not found in PATH.");
            }
        }
        Files.writeString(directory.resolve("ids"), "nobody:100000:65536\n");
        Files.setOwner(directory, nobody());
        ProcessBuilder command = new ProcessBuilder("unshare", "--mount", "sh", "-ec", PREPARED, "sh", directory + "");
        command.command().addAll(AS_NOBODY);
        command.command().add(script.toString());
        command.environment().keySet().retainAll(List.of("PATH"));
        for (String variable : List.of("HOME", "TMPDIR", "XDG_RUNTIME_DIR")) {
            command.environment().put(variable, directory.toString());
        }
        // The only driver that works on every file system, also in a container.
        return new SecondDaemon(directory, command, List.of("--storage-driver=vfs")).load(image);
    }

    private SecondDaemon load(String image) {
        String archive = directory.resolve("image.tar").toString();
        Docker.docker("save", "--output", archive, image);
        docker("load", "--input", archive);
        return this;
    }

    /** The value for {@code DOCKER_HOST}. */
    public String host() {
        return "unix://" + directory.resolve("docker.sock");
    }

    /** The value for {@code DOCKER_HOST} with TLS. */
    public String tlsHost() {
        return "tcp://" + TLS_ADDRESS + ":" + TLS_PORT;
    }

    public String docker(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "--host";
        all[1] = host();
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return Docker.docker(all);
    }

    /** A link between this machine and the daemon's network; it ends with that network. */
    private void connectNetworks() {
        String device = "pgb" + process.pid();
        String[] inside = {"nsenter", "--net=/proc/" + process.pid() + "/ns/net"};
        run("ip", "link", "add", device, "type", "veth", "peer", "name", "cable", "netns", "" + process.pid());
        run("ip", "address", "add", "10.213.77.1/29", "dev", device);
        run("ip", "link", "set", device, "up");
        for (String address : List.of(TLS_ADDRESS, OTHER_ADDRESS)) {
            run(inside[0], inside[1], "ip", "address", "add", address + "/29", "dev", "cable");
        }
        run(inside[0], inside[1], "ip", "link", "set", "cable", "up");
    }

    private static void run(String... command) {
        try {
            Process run = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (run.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + output);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(String.join(" ", command), e);
        }
    }

    private Process launch(ProcessBuilder command, List<String> options) {
        try {
            Files.deleteIfExists(directory.resolve("pid"));
            command.command()
                    .addAll(List.of(
                            "--data-root",
                            directory.resolve("data").toString(),
                            "--exec-root",
                            directory.resolve("exec").toString(),
                            "--pidfile",
                            directory.resolve("pid").toString(),
                            "--host",
                            host()));
            command.command().addAll(options);
            Process started = command.redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile())
                    .start();
            Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
            String[] ping = {"--host", host(), "version"};
            while (Docker.run("", ping).status() != 0) {
                if (Instant.now().isAfter(deadline)) {
                    throw new IllegalStateException(
                            "dockerd did not start: " + Files.readString(directory.resolve("log")));
                }
            }
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it as a crash or the kernel's out-of-memory killer would. */
    public void kill() {
        process.destroyForcibly();
        await();
    }

    /** Makes it unresponsive; it closes nothing. */
    public void freeze() {
        signal("STOP");
    }

    public void goOn() {
        signal("CONT");
    }

    private void signal(String signal) {
        try {
            // unshare has become dockerd, or else rootlesskit
            new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The processes in its containers, whether or not the daemon runs. */
    public List<ProcessHandle> containerProcesses() {
        return own().flatMap(ProcessHandle::descendants).toList();
    }

    /** The processes between a daemon and its containers, which outlive the daemon. */
    private Stream<ProcessHandle> own() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains("containerd") && line.contains(directory.toString()))
                        .isPresent())
                .filter(process -> process.pid() != this.process.pid());
    }

    private void await() {
        try {
            process.waitFor(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        goOn(); // a stopped process does not handle a signal
        process.destroy();
        await();
        own().forEach(ProcessHandle::destroyForcibly);
    }
}
