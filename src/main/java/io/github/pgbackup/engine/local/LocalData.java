package io.github.pgbackup.engine.local;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.engine.DataDirectory;
import io.github.pgbackup.engine.LogEnd;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.postgres.Installation;
import io.github.pgbackup.postgres.OwnerOnly;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A data directory of the {@link LocalEngine}, in a run directory of its own. */
final class LocalData implements DataDirectory {

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

    /** From initdb, which needs the user's name even if it is not the superuser's. */
    private static final Pattern NAMELESS_USER = Pattern.compile("could not look up effective user ID (\\d+)");

    /** Files that a running server leaves behind, and files that would override the request's parameters. */
    private static final Set<String> NOT_COPIED =
            Set.of("postmaster.pid", "postmaster.opts", "postgresql.auto.conf", "pg_hba.conf");

    private final ServerRequest request;
    private final RunDirectory run;
    private final Installation server;
    private final @Nullable Installation client;
    private final Confinement confinement;
    private final Console console;
    private boolean started;

    LocalData(
            ServerRequest request,
            RunDirectory run,
            Installation server,
            @Nullable Installation client,
            Confinement confinement,
            Console console) {
        this.request = request;
        this.run = run;
        this.server = server;
        this.client = client;
        this.confinement = confinement;
        this.console = console;
    }

    /** Runs initdb. */
    void initialize() throws InterruptedException {
        ServerProcess initdb;
        try {
            initdb = ServerProcess.initdb(server, run, confinement, request);
        } catch (IOException e) {
            throw cannotBePrepared(e);
        }
        if (!initdb.await(START_TIMEOUT) || !run.isProvisioned()) {
            initdb.end();
            throw notStarted("ended before it was ready");
        }
    }

    /** Copies a data directory that something else has created. */
    void copy(Path from) {
        try {
            UserPrincipal owner = Files.getOwner(run.data());
            Files.walkFileTree(from, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                        throws IOException {
                    Path copy = run.data().resolve(from.relativize(directory).toString());
                    if (!copy.equals(run.data())) {
                        Files.createDirectory(copy, OwnerOnly.directory());
                        Files.setOwner(copy, owner);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    String name = from.relativize(file).toString();
                    if (!NOT_COPIED.contains(name)) {
                        Files.setOwner(Files.copy(file, run.data().resolve(name)), owner);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
            Path access = run.data().resolve("pg_hba.conf");
            Files.writeString(access, "local all all trust\n");
            Files.setOwner(access, owner);
        } catch (IOException e) {
            throw cannotBePrepared(e);
        }
    }

    private CannotVerifyException cannotBePrepared(IOException e) {
        return new CannotVerifyException(
                "The throw-away server cannot be prepared in " + run.path() + ": " + CannotVerifyException.reason(e)
                        + ".",
                Remedy.CHECK_THE_WORK_DIRECTORY,
                e);
    }

    @Override
    public PostgresServer start() throws InterruptedException {
        started = true;
        try {
            return startServer();
        } catch (RuntimeException | InterruptedException | Error e) {
            discard(run, e);
            throw e;
        }
    }

    private PostgresServer startServer() throws InterruptedException {
        long begun = System.nanoTime();
        ServerProcess process;
        try {
            Files.writeString(run.settings(), ServerSettings.text(run.socketDirectory(), request.parameters()));
            process = ServerProcess.postgres(server, run, confinement, request);
        } catch (IOException e) {
            throw cannotBePrepared(e);
        }
        try {
            ProcessHandle postmaster = awaitReady(process);
            run.keepNetworkOf(postmaster);
            console.debug("PostgreSQL " + server + " was ready in " + run.path() + " after "
                    + Duration.ofNanos(System.nanoTime() - begun).toMillis() + " ms.");
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

    @Override
    public void close() {
        if (!started) {
            started = true;
            try (run) {
                run.remove();
            } catch (IOException e) {
                console.debug(run.path() + " was not removed: " + e + ".");
            }
        }
    }

    /**
     * The server writes to line 8 of postmaster.pid when it accepts connections; probing by connections would fill its
     * log.
     */
    private ProcessHandle awaitReady(ServerProcess process) throws IOException, InterruptedException {
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
                throw notStarted("ended before it was ready");
            }
            if (System.nanoTime() > deadline) {
                throw notStarted("was not ready within " + START_TIMEOUT.toSeconds() + " s");
            }
            Thread.sleep(5);
        }
    }

    private CannotVerifyException notStarted(String what) {
        Path log = request.serverLog();
        String end = LogEnd.of(log);
        if (end.contains("No space left on device")) {
            return new CannotVerifyException(
                    "The disk is full: the throw-away server could not start.", Remedy.MAKE_ROOM_FOR_THE_COPY);
        }
        Matcher nameless = NAMELESS_USER.matcher(end);
        if (nameless.find()) {
            return new CannotVerifyException(
                    "initdb cannot run as user " + nameless.group(1) + ", who has no entry in /etc/passwd.",
                    Remedy.RUN_AS_A_USER_WITH_A_NAME);
        }
        return new CannotVerifyException(
                "The throw-away server (PostgreSQL " + server + ") " + what + ". The end of its log: " + end,
                Remedy.useOtherServerPrograms(log.toString()));
    }

    static void discard(RunDirectory run, Throwable reason) {
        try (run) {
            run.remove();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }
}
