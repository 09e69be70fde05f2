package io.github.pgbackup.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/** A Docker daemon of a test's own, which can die without harm to others. It needs root. */
public final class SecondDaemon implements AutoCloseable {

    private final Path directory;
    private final Process process;

    private SecondDaemon(Path directory) {
        this.directory = directory;
        this.process = launch();
    }

    /** Starts one with an image of the machine's daemon. */
    public static SecondDaemon start(Path directory, String image) {
        if (!System.getProperty("user.name").equals("root")) {
            throw new TestAbortedException("A Docker daemon is started by root alone.");
        }
        SecondDaemon daemon = new SecondDaemon(directory);
        String archive = directory.resolve("image.tar").toString();
        Docker.docker("save", "--output", archive, image);
        daemon.docker("load", "--input", archive);
        return daemon;
    }

    /** For {@code DOCKER_HOST}. */
    public String host() {
        return "unix://" + directory.resolve("sock");
    }

    public String docker(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "--host";
        all[1] = host();
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return Docker.docker(all);
    }

    private Process launch() {
        try {
            Files.deleteIfExists(directory.resolve("pid"));
            Process started = new ProcessBuilder(
                            // In a network of its own: one without a bridge removes the bridge that is there.
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
                            "--ip6tables=false")
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

    /** As a crash or the kernel's out-of-memory killer ends it. */
    public void kill() {
        process.destroyForcibly();
        await();
    }

    /** It answers nobody, and closes nothing. */
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

    /** What runs in its containers, daemon or not. */
    public List<ProcessHandle> containerProcesses() {
        return own().flatMap(ProcessHandle::descendants).toList();
    }

    /** The processes that stand between a daemon and its containers, and outlive it. */
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
        goOn(); // one that is stopped hears nothing
        process.destroy();
        await();
        own().forEach(ProcessHandle::destroyForcibly);
    }
}
