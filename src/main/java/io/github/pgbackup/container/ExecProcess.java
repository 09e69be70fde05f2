package io.github.pgbackup.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectExecResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A program in a container ({@code docker exec}), presented as a child process of this JVM. */
final class ExecProcess extends Process {

    /** The {@link #exitValue} of a program whose end was not seen because the daemon or the container is gone. */
    private static final int UNKNOWN = 255;

    private static final long EXIT_SECONDS = 5;

    private final DockerClient docker;
    private final String id;
    private final CompletableFuture<Integer> status = new CompletableFuture<>();
    private final StandardStreams streams;

    private ExecProcess(DockerClient docker, DaemonConnections daemon, String id) throws IOException {
        this.docker = docker;
        this.id = id;
        this.streams =
                StandardStreams.open(daemon, "/exec/" + id + "/start", "{\"Detach\":false,\"Tty\":false}", this::ended);
    }

    /**
     * Starts a program.
     *
     * @param environment variables as {@code NAME=value}
     */
    static ExecProcess start(
            DockerClient docker,
            DaemonConnections daemon,
            String container,
            List<String> argv,
            List<String> environment)
            throws IOException {
        String id;
        try {
            id = docker.execCreateCmd(container)
                    .withCmd(argv.toArray(String[]::new))
                    .withEnv(environment)
                    .withAttachStdin(true)
                    .withAttachStdout(true)
                    .withAttachStderr(true)
                    .exec()
                    .getId();
        } catch (RuntimeException e) {
            throw new IOException("it cannot be started in the container: " + Daemon.reason(e), e);
        }
        return new ExecProcess(docker, daemon, id);
    }

    private @Nullable IOException ended(@Nullable IOException failure) {
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(EXIT_SECONDS);
            InspectExecResponse exec = docker.inspectExecCmd(id).exec();
            while (failure == null && Boolean.TRUE.equals(exec.isRunning()) && System.nanoTime() < deadline) {
                Thread.sleep(5); // its output ends shortly before the program
                exec = docker.inspectExecCmd(id).exec();
            }
            Long code = exec.getExitCodeLong();
            if (failure == null && code != null) {
                status.complete(code.intValue());
                return null;
            }
        } catch (RuntimeException e) {
            // reported below
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        status.complete(UNKNOWN);
        return failure != null ? failure : new IOException("the container or its Docker daemon is gone");
    }

    ByteQueue output() {
        return streams.output();
    }

    @Override
    public OutputStream getOutputStream() {
        return streams.input();
    }

    @Override
    public InputStream getInputStream() {
        return streams.output();
    }

    @Override
    public InputStream getErrorStream() {
        return streams.error();
    }

    @Override
    public int waitFor() throws InterruptedException {
        try {
            return status.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
        try {
            status.get(timeout, unit);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean isAlive() {
        return !status.isDone();
    }

    @Override
    public int exitValue() {
        if (isAlive()) {
            throw new IllegalThreadStateException("The program is still running.");
        }
        return status.join();
    }

    /** Closes the connection. A program that does not end with its standard input continues in the container. */
    @Override
    public void destroy() {
        streams.close();
    }
}
