package io.github.pgbackup.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/** A test's own Docker daemon, which can die without harm to others. It needs root. */
public final class SecondDaemon implements AutoCloseable {

    /** The address on which a daemon with TLS listens. */
    public static final String TLS_ADDRESS = "10.213.77.2";

    /** Another address of the same daemon. */
    public static final String OTHER_ADDRESS = "10.213.77.3";

    private static final int TLS_PORT = 2376;

    private final Path directory;
    private final Process process;

    private SecondDaemon(Path directory, List<String> options) {
        this.directory = directory;
        this.process = launch(options);
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
            throw new TestAbortedException("A Docker daemon is started by root alone.");
        }
        SecondDaemon daemon = new SecondDaemon(directory, options);
        String archive = directory.resolve("image.tar").toString();
        Docker.docker("save", "--output", archive, image);
        daemon.docker("load", "--input", archive);
        return daemon;
    }

    /** The value for {@code DOCKER_HOST}. */
    public String host() {
        return "unix://" + directory.resolve("sock");
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

    private Process launch(List<String> options) {
        try {
            Files.deleteIfExists(directory.resolve("pid"));
            List<String> command = new ArrayList<>(List.of(
                    // In a network of its own: a daemon without a bridge removes the existing one.
                    "unshare",
                    "--net",
                    "dockerd",
                    "--data-root",
                    directory.resolve("data").toString(),
                    "--exec-root",
                    directory.resolve("exec").toString(),
                    "--pidfile",
                    directory.resolve("pid").toString(),
                    "--host",
                    host(),
                    "--bridge=none",
                    "--iptables=false",
                    "--ip6tables=false"));
            command.addAll(options);
            Process started = new ProcessBuilder(command)
                    .redirectErrorStream(true)
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
            // unshare has become dockerd
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
