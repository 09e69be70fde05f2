package io.github.pgbackup.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Podman's service, which speaks Docker's API, with containers and images of the test. It needs root. */
public final class Podman implements AutoCloseable {

    private final Path directory;
    private final Process service;

    private Podman(Path directory) throws IOException {
        this.directory = directory;
        // Its default limits are too high for a machine that may not raise its own.
        Files.writeString(
                directory.resolve("containers.conf"),
                "[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=1024:1024\"]\n");
        this.service = start("service", "system", "service", "--time=0", host());
    }

    /**
     * Starts it with an image of the machine's Docker daemon.
     *
     * @throws org.opentest4j.TestAbortedException if there is no Podman: the test is skipped
     * @throws IllegalStateException in the same case under {@code CI=true}
     */
    public static Podman start(Path directory, String image) throws IOException, InterruptedException {
        if (!System.getProperty("user.name").equals("root")) {
            throw Programs.missing("Podman is started by root alone here.");
        }
        Podman podman;
        try {
            podman = new Podman(directory);
        } catch (IOException e) {
            throw Programs.missing("There is no Podman: " + e.getMessage());
        }
        Path archive = directory.resolve("image.tar");
        Docker.docker("save", "--output", archive.toString(), image);
        podman.run("load", "--input", archive.toString());
        Files.delete(archive);
        Await.await(() -> Files.exists(directory.resolve("sock")), Duration.ofSeconds(30));
        return podman;
    }

    /** The value for {@code DOCKER_HOST}. */
    public String host() {
        return "unix://" + directory.resolve("sock");
    }

    /** The names of its containers, running or not. */
    public String containers() throws IOException, InterruptedException {
        return run("ps", "--all", "--format={{.Names}}");
    }

    /** The names of its volumes. */
    public String volumes() throws IOException, InterruptedException {
        return run("volume", "ls", "--quiet");
    }

    private String run(String... arguments) throws IOException, InterruptedException {
        Process process = start("command", arguments);
        int status = process.waitFor();
        String output = Files.readString(directory.resolve("command.log"));
        if (status != 0) {
            throw new IllegalStateException("podman " + String.join(" ", arguments) + ": " + output);
        }
        return output.strip();
    }

    private Process start(String log, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "podman",
                "--root=" + directory.resolve("root"),
                "--runroot=" + directory.resolve("run"),
                "--tmpdir=" + directory.resolve("tmp"),
                "--storage-driver=vfs",
                "--cgroup-manager=cgroupfs", // systemd may be missing
                "--runtime=runc", // crun refuses a machine where version 2 of cgroups has some controllers
                "--events-backend=file"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(log + ".log").toFile());
        builder.environment()
                .put("CONTAINERS_CONF", directory.resolve("containers.conf").toString());
        return builder.start();
    }

    @Override
    public void close() {
        try {
            run("rm", "--all", "--force", "--time=0");
            service.destroy();
            service.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // The process that served an exec waits for five minutes in case someone asks for its exit status.
        ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains("conmon") && line.contains(directory.toString()))
                        .isPresent())
                .forEach(ProcessHandle::destroyForcibly);
    }
}
