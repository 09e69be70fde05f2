package io.github.pgbackup.engine.local;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.engine.Isolation;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.Removal;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.engine.SuperuserSession;
import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.Installation;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.postgres.UnixSocket;
import io.github.pgbackup.postgres.UnixSocketFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A server of the {@link LocalEngine}. */
final class LocalServer implements PostgresServer {

    private final PostgresVersion version;
    private final @Nullable Installation client;
    private final ServerRequest request;
    private final RunDirectory run;
    private final Confinement confinement;
    private final ServerProcess process;
    private final ProcessHandle postmaster;
    private @Nullable Removal removal;

    LocalServer(
            PostgresVersion version,
            @Nullable Installation client,
            ServerRequest request,
            RunDirectory run,
            Confinement confinement,
            ServerProcess process,
            ProcessHandle postmaster) {
        this.version = version;
        this.client = client;
        this.request = request;
        this.run = run;
        this.confinement = confinement;
        this.process = process;
        this.postmaster = postmaster;
    }

    @Override
    public PostgresVersion version() {
        return version;
    }

    @Override
    public Session connect(String database) throws SQLException {
        return SuperuserSession.open(
                Map.of(
                        "socketFactory", UnixSocketFactory.class.getName(),
                        "socketFactoryArg", run.socket().toString()),
                request.superuser(),
                database);
    }

    @Override
    public Socket open() throws IOException {
        UnixSocket socket = new UnixSocket(run.socket());
        socket.connect(new InetSocketAddress(0)); // the address is ignored
        return socket;
    }

    @Override
    public Command command(String program) {
        if (client == null) {
            throw new CannotVerifyException(
                    "Found no " + program + " for PostgreSQL " + request.source() + " on this machine.",
                    Remedy.NAME_THE_DIRECTORY_OF_THE_CLIENT);
        }
        return connecting(Command.of(client.program(program)));
    }

    /** The build's user opens the script, because the server's user may not be allowed to. */
    @Override
    public Command psql(Path script, List<String> arguments) {
        if (client == null || !Files.isExecutable(client.program("psql"))) {
            throw new CannotVerifyException(
                    "Found no psql for PostgreSQL " + request.source() + " on this machine.",
                    Remedy.NAME_THE_DIRECTORY_OF_THE_CLIENT);
        }
        return connecting(Command.of(Path.of("/bin/sh"))
                .arguments("-c", PostgresServer.WITH_INPUT, "sh", script.toString())
                .arguments(confinement.prefix())
                .arguments(client.program("psql").toString())
                .arguments(arguments));
    }

    private Command connecting(Command command) {
        return command.environment("PGHOST", run.socketDirectory().toString())
                .environment("PGPORT", "5432")
                .environment("PGUSER", request.superuser())
                .environment("PGDATABASE", "postgres")
                .environment("PGSSLMODE", "disable")
                .environment("PGAPPNAME", "pgbackup");
    }

    @Override
    public String pathFor(Path archive) {
        return archive.toString();
    }

    @Override
    public Isolation isolation() {
        Map<String, String> facts = new LinkedHashMap<>();
        boolean silent = findListeners(facts);
        facts.put("socket directory", describe(run.socketDirectory()));
        facts.put("operating system user", postmaster.info().user().orElse("unknown"));
        facts.put("network namespace", networkNamespace());
        facts.put("data directory", describe(run.data()));
        facts.put("process limit", processLimit());
        return new Isolation(silent, facts);
    }

    private boolean findListeners(Map<String, String> facts) {
        boolean none;
        try (Session session = connect("postgres")) {
            String addresses = session.text("SHOW listen_addresses");
            none = "".equals(addresses);
            facts.put("listen_addresses", "'" + addresses + "'");
        } catch (SQLException e) {
            none = false;
            facts.put("listen_addresses", "unknown: " + e.getMessage());
        }
        if (!TcpListeners.canBeSeen()) {
            facts.put(
                    "TCP listeners",
                    none ? "none, according to listen_addresses (this system has no /proc)" : "unknown");
            return none;
        }
        try {
            List<String> listeners = TcpListeners.of(postmaster.pid(), confinement.asUser());
            facts.put("TCP listeners", listeners.isEmpty() ? "none" : String.join(", ", listeners));
            return none && listeners.isEmpty();
        } catch (IOException | InterruptedException e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            facts.put("TCP listeners", "unknown: " + e);
            return false;
        }
    }

    private String networkNamespace() {
        try {
            Path ours = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
            Path its = Files.readSymbolicLink(Path.of("/proc", Long.toString(postmaster.pid()), "ns", "net"));
            return its.equals(ours) ? its + ", shared with this build" : its + ", its own (this build: " + ours + ")";
        } catch (IOException e) {
            return confinement.ownNetwork() ? "its own, not visible: " + e : "shared with this build";
        }
    }

    /**
     * The limit in the kernel's words: {@code Max processes 512 512 processes}. Only a limit of the server's own
     * counts, because other limits also count processes that are not the server's.
     */
    private String processLimit() {
        if (!confinement.limitsProcesses()) {
            return "none of its own";
        }
        try (Stream<String> limits = Files.lines(Path.of("/proc", Long.toString(postmaster.pid()), "limits"))) {
            return limits.filter(limit -> limit.startsWith("Max processes"))
                    .map(limit -> limit.split("\\s+", -1)[3])
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException | UncheckedIOException e) {
            return "unknown: " + e;
        }
    }

    @Override
    public Optional<Path> disk() {
        return Optional.of(run.path().resolveSibling(""));
    }

    private static String describe(Path directory) {
        try {
            return directory + ", mode " + PosixFilePermissions.toString(Files.getPosixFilePermissions(directory))
                    + ", owner " + Files.getOwner(directory);
        } catch (IOException e) {
            return directory + ", unreadable: " + e;
        }
    }

    /** Not interruptible: otherwise a copy of production could be left behind. */
    @Override
    public synchronized Removal stop() {
        Removal known = removal;
        if (known != null) {
            return known;
        }
        Map<String, String> facts = new LinkedHashMap<>();
        process.end();
        try (run) {
            run.remove(); // what the shell could not remove if it was killed
        } catch (IOException e) {
            facts.put("removal", "failed: " + e);
        }
        boolean ended = !postmaster.isAlive();
        boolean deleted = !Files.exists(run.path(), LinkOption.NOFOLLOW_LINKS);
        facts.put("server process", postmaster.pid() + (ended ? " has ended" : " still runs"));
        facts.put("server directory", run.path() + (deleted ? " is gone" : " is still there"));
        removal = new Removal(ended && deleted, facts);
        return removal;
    }
}
