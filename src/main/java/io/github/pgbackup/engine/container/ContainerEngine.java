package io.github.pgbackup.engine.container;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.Container;
import io.github.pgbackup.container.ContainerClient;
import io.github.pgbackup.container.ContainerRequest;
import io.github.pgbackup.container.ContainerState;
import io.github.pgbackup.container.Daemon;
import io.github.pgbackup.container.Image;
import io.github.pgbackup.container.RunningContainer;
import io.github.pgbackup.engine.Engine;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.ServerParameters;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Runs each server in a separate container: without a network, published ports, capabilities or mounted directories, as the
 * image's user {@code postgres}. The image must keep the contract of the official ones: {@code POSTGRES_USER},
 * {@code POSTGRES_HOST_AUTH_METHOD}, {@code POSTGRES_INITDB_ARGS}, a user {@code postgres}, the programs in {@code PATH},
 * bash and tar.
 */
public final class ContainerEngine implements Engine {

    /** The user that the official images create for the server; its number varies. */
    private static final String USER = "postgres";

    private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration REMOVAL_TIMEOUT = Duration.ofSeconds(30);

    /** By this age, a build has started every container that it has created. */
    private static final Duration LEFTOVER_AGE = Duration.ofSeconds(60);

    /** Enough for a hundred sessions with their relays and workers, and pg_restore's jobs; stops a fork bomb. */
    private static final long PROCESSES = 512;

    /** A parallel index build needs maintenance_work_mem of it; Docker's default is only 64 MiB. */
    private static final long SHARED_MEMORY = 1L << 30;

    private static final long SHARED_MEMORY_OF_A_CLIENT = 64L << 20;
    private static final long PROCESSES_OF_A_CLIENT = 128;

    private final Daemon daemon;
    private final @Nullable String imageName;
    private final Installations installations;
    private final Console console;
    private @Nullable RunningContainer client;

    /**
     * Creates the engine; the daemon is first contacted when it is needed.
     *
     * @param imageName null for {@code postgres:<major version of the source>}
     * @param installations client programs of this machine, which are preferred for dumps
     */
    public ContainerEngine(Daemon daemon, @Nullable String imageName, Installations installations, Console console) {
        this.daemon = daemon;
        this.imageName = imageName;
        this.installations = installations;
        this.console = console;
    }

    @Override
    public String name() {
        return "container";
    }

    private Image image(PostgresVersion source) throws InterruptedException {
        return daemon.image(imageName != null ? imageName : "postgres:" + source.major());
    }

    /**
     * This machine's programs, unless they are missing, too old, or newer than the image's, whose {@code pg_restore} could not read
     * the archive; otherwise the image's, in a separate container.
     */
    @Override
    public ClientPrograms dumpPrograms(PostgresVersion source, String host) throws InterruptedException {
        Image image = image(source);
        Optional<ClientPrograms> here = installations
                .client(source)
                .filter(found -> found.version().major() <= image.major().orElse(source.major()))
                .map(found -> found);
        if (here.isPresent()) {
            return here.get();
        }
        RunningContainer running = daemon.run(new ContainerRequest(
                image,
                newName(),
                USER,
                Map.of(),
                isLoopback(host) ? "host" : "bridge",
                PROCESSES_OF_A_CLIENT,
                SHARED_MEMORY_OF_A_CLIENT,
                0,
                List.of("sleep", "2147483647")));
        client = running;
        ClientPrograms programs = ContainerClient.of(running.container(), "a container of " + image.name());
        if (programs.version().major() < source.major()) {
            throw older(image, programs.version(), source);
        }
        return programs;
    }

    /** A server on this machine's loopback interface is not visible from other networks. */
    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static CannotVerifyException older(Image image, PostgresVersion version, PostgresVersion source) {
        return new CannotVerifyException(
                "The image " + image.name() + " contains PostgreSQL " + version + ", but the source is " + source
                        + "; expected the same major version or a newer one, because a backup cannot be restored into an older one.",
                Remedy.NAME_ANOTHER_IMAGE);
    }

    @Override
    public PostgresServer start(ServerRequest request) throws InterruptedException {
        daemon.sweep(LEFTOVER_AGE)
                .forEach(name ->
                        console.warn("Removed the container " + name + ", which an earlier build had left behind."));
        Image image = image(request.source());
        RunningContainer running = daemon.run(new ContainerRequest(
                image,
                newName(),
                USER,
                Map.of(
                        "POSTGRES_USER", request.superuser(),
                        "POSTGRES_DB", "postgres",
                        "POSTGRES_HOST_AUTH_METHOD", "trust",
                        "POSTGRES_INITDB_ARGS", "--encoding=UTF8 --locale=C --no-sync"),
                "none",
                PROCESSES,
                SHARED_MEMORY,
                daemon.memory() / 4 * 3,
                server(image, request.parameters())));
        boolean ready = false;
        try {
            ServerLog log = ServerLog.of(running, request.serverLog());
            awaitReady(running.container(), image, log);
            ContainerClient programs = ContainerClient.of(running.container(), "a container of " + image.name());
            if (programs.version().major() < request.source().major()) {
                throw older(image, programs.version(), request.source());
            }
            PostgresServer server = new ContainerServer(daemon, running, image, programs, request.superuser());
            setChangedLater(server, request.parameters());
            ready = true;
            return server;
        } finally {
            if (!ready) {
                running.remove(REMOVAL_TIMEOUT);
            }
        }
    }

    private Map<String, String> parameters(Map<String, String> more) {
        Map<String, String> parameters = new LinkedHashMap<>(ServerParameters.of(daemon.memory() >> 20));
        parameters.putAll(more);
        return parameters;
    }

    /** Sets the parameters that the command line omits. */
    private void setChangedLater(PostgresServer server, Map<String, String> more) {
        Map<String, String> parameters = parameters(more);
        try (Session session = server.connect("postgres")) {
            for (String name : ServerParameters.CHANGED_LATER) {
                session.execute("alter system set " + name + " = '"
                        + String.valueOf(parameters.get(name)).replace("'", "''") + "'");
            }
            session.text("select pg_catalog.pg_reload_conf()::text");
        } catch (SQLException e) {
            throw new CannotVerifyException(
                    "The throw-away server rejected its parameters: " + e.getMessage() + ".",
                    Remedy.KEEP_THE_CONTRACT_OF_THE_OFFICIAL_IMAGES,
                    e);
        }
    }

    private List<String> server(Image image, Map<String, String> more) {
        Map<String, String> parameters = parameters(more);
        parameters.keySet().removeAll(ServerParameters.CHANGED_LATER);
        // The container's own loopback interface: its network contains nothing else, and the images' set-up server has
        // none.
        parameters.put("listen_addresses", "127.0.0.1");
        parameters.put("dynamic_shared_memory_type", "posix");
        List<String> command = new ArrayList<>(image.entrypoint());
        command.add("postgres");
        parameters.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        return command;
    }

    /** The images' set-up server only listens on its socket, so it does not answer here. */
    private static void awaitReady(Container container, Image image, ServerLog log) throws InterruptedException {
        try {
            int status = container
                    .command("sh")
                    .arguments("-c", "until pg_isready --quiet --host=127.0.0.1 --port=5432; do sleep 0.05; done")
                    .timeLimit(START_TIMEOUT)
                    .run();
            if (status == 0) {
                return;
            }
        } catch (IOException e) {
            // timed out, or the container is gone: reported below
        }
        String why = container.inspect().map(ContainerState::running).orElse(false)
                ? "was not ready within " + START_TIMEOUT.toSeconds() + " s"
                : "ended before it was ready";
        throw new CannotVerifyException(
                "The throw-away server in a container of " + image.name() + " " + why + ". The end of its log: "
                        + log.end(),
                Remedy.KEEP_THE_CONTRACT_OF_THE_OFFICIAL_IMAGES);
    }

    private static String newName() {
        return "pgbackup-" + UUID.randomUUID().toString().replace("-", "").substring(0, 12);
    }

    @Override
    public void close() {
        RunningContainer running = client;
        if (running != null) {
            running.remove(REMOVAL_TIMEOUT)
                    .forEach((what, state) -> console.warn("After pg_dump, " + what + " still exists: " + state + "."));
        }
    }
}
