package io.github.pgbackup.engine.local;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.engine.Engine;
import io.github.pgbackup.engine.LogEnd;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.Installation;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Runs a server of the source's major version on this machine: behind a Unix socket in a private directory; on Linux, in its own
 * network namespace if that is permitted; and as another user if the build runs as root.
 */
public final class LocalEngine implements Engine {

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

    private final Installations installations;
    private final ServerPrograms programs;
    private final Path workDirectory;
    private final Console console;

    /**
     * Creates the engine; nothing is inspected before {@link #start}.
     *
     * @param workDirectory where to create the server's directory, usually {@code java.io.tmpdir}
     */
    public LocalEngine(Installations installations, BinaryResolver resolver, Path workDirectory, Console console) {
        this.installations = installations;
        this.programs = new ServerPrograms(installations, resolver, console);
        this.workDirectory = workDirectory;
        this.console = console;
    }

    @Override
    public String name() {
        return "local";
    }

    @Override
    public ClientPrograms dumpPrograms(PostgresVersion source, String host) {
        return installations.requireClient(source);
    }

    @Override
    public Optional<Path> dataDirectory() throws InterruptedException {
        return Optional.of(
                RunDirectory.parent(workDirectory, Confinement.probe().user()));
    }

    @Override
    public PostgresServer start(ServerRequest request) throws InterruptedException {
        if (File.separatorChar == '\\') {
            throw new CannotVerifyException(
                    "The local engine runs on Linux and macOS, not on Windows.", Remedy.USE_ANOTHER_OPERATING_SYSTEM);
        }
        Confinement confinement = Confinement.probe();
        RunDirectory run = RunDirectory.create(workDirectory, confinement.user());
        try {
            run.sweepOthers(console);
            Installation server = programs.of(request.source(), run.programs());
            return start(request, run, server, confinement);
        } catch (RuntimeException | InterruptedException | Error e) {
            discard(run, e);
            throw e;
        }
    }

    private PostgresServer start(ServerRequest request, RunDirectory run, Installation server, Confinement confinement)
            throws InterruptedException {
        long started = System.nanoTime();
        ServerProcess process;
        try {
            Files.writeString(run.settings(), ServerSettings.text(run.socketDirectory(), request.parameters()));
            process = ServerProcess.start(server, run, confinement, request);
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The throw-away server cannot be prepared in " + run.path() + ": " + CannotVerifyException.reason(e)
                            + ".",
                    Remedy.CHECK_THE_WORK_DIRECTORY,
                    e);
        }
        try {
            ProcessHandle postmaster = awaitReady(process, run, server, request.serverLog());
            run.keepNetworkOf(postmaster);
            console.debug("PostgreSQL " + server + " was ready in " + run.path() + " after "
                    + Duration.ofNanos(System.nanoTime() - started).toMillis() + " ms.");
            Installation client = installations.client(request.source()).orElse(null);
            return new LocalServer(server.version(), client, request, run, confinement, process, postmaster);
        } catch (IOException e) {
            process.end();
            throw new CannotVerifyException(
                    "Cannot tell whether the throw-away server is ready: " + CannotVerifyException.reason(e) + ".",
                    Remedy.leaveItsFilesAlone(run.path().toString()),
                    e);
        } catch (RuntimeException | InterruptedException | Error e) {
            process.end();
            throw e;
        }
    }

    /** The server writes to line 8 of postmaster.pid when it accepts connections; probing by connections would fill its log. */
    private static ProcessHandle awaitReady(ServerProcess process, RunDirectory run, Installation server, Path log)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (true) {
            List<String> lines = run.postmasterFile();
            if (lines.size() >= 8 && lines.get(7).strip().equals("ready")) {
                Optional<ProcessHandle> postmaster =
                        ProcessHandle.of(Long.parseLong(lines.get(0).strip()));
                if (postmaster.isPresent()) {
                    return postmaster.get();
                }
            }
            if (!process.isAlive()) {
                throw notStarted(server, "ended before it was ready", log);
            }
            if (System.nanoTime() > deadline) {
                throw notStarted(server, "was not ready within " + START_TIMEOUT.toSeconds() + " s", log);
            }
            Thread.sleep(5);
        }
    }

    private static CannotVerifyException notStarted(Installation server, String what, Path log) {
        String end = LogEnd.of(log);
        if (end.contains("No space left on device")) {
            return new CannotVerifyException(
                    "The disk is full: the throw-away server could not start.", Remedy.MAKE_ROOM_FOR_THE_COPY);
        }
        return new CannotVerifyException(
                "The throw-away server (PostgreSQL " + server + ") " + what + ". The end of its log: " + end,
                Remedy.useOtherServerPrograms(log.toString()));
    }

    private static void discard(RunDirectory run, Throwable reason) {
        try (run) {
            run.remove();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }
}
