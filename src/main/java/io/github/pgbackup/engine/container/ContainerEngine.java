package io.github.pgbackup.engine.container;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.ContainerClient;
import io.github.pgbackup.container.ContainerRequest;
import io.github.pgbackup.container.Daemon;
import io.github.pgbackup.container.Image;
import io.github.pgbackup.container.RunningContainer;
import io.github.pgbackup.engine.DataDirectory;
import io.github.pgbackup.engine.Engine;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.ServerParameters;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Runs each server in a separate container: without a network, published ports, capabilities or mounted directories, as
 * the image's user {@code postgres}. The image must keep the contract of the official ones: {@code POSTGRES_USER},
 * {@code POSTGRES_HOST_AUTH_METHOD}, {@code POSTGRES_INITDB_ARGS}, a user {@code postgres}, the programs in
 * {@code PATH}, bash, dd and tar.
 */
public final class ContainerEngine implements Engine {

    /** The user that the official images create for the server; its number varies. */
    private static final String USER = "postgres";

    static final Duration REMOVAL_TIMEOUT = Duration.ofSeconds(30);

    /** An unstarted container of this age is left over: a build starts what it has created much sooner. */
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
     * This machine's programs, unless they are missing, too old, or newer than the image's, whose {@code pg_restore}
     * could not read the archive; otherwise the image's, in a separate container.
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
                networkThatReaches(host),
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

    /** If this build runs in a container, only its own network is sure to reach what the build reaches. */
    private String networkThatReaches(String host) {
        return daemon.containerOfThisJvm()
                .map(container -> "container:" + container.id())
                .orElse(isLoopback(host) ? "host" : "bridge");
    }

    /** A server on this machine's loopback interface is not visible from other networks. */
    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    static CannotVerifyException older(Image image, PostgresVersion version, PostgresVersion source) {
        return new CannotVerifyException(
                "The image " + image.name() + " contains PostgreSQL " + version + ", but the source is " + source
                        + "; expected the same major version or a newer one, because a backup cannot be restored into an older one.",
                Remedy.NAME_ANOTHER_IMAGE);
    }

    @Override
    public DataDirectory provision(ServerRequest request) throws InterruptedException {
        return prepare(request, ContainerData.MADE_BY_THE_IMAGE, ContainerData::awaitProvisioned);
    }

    @Override
    public DataDirectory adopt(ServerRequest request, Path directory) throws InterruptedException {
        return prepare(request, ContainerData.COPIED, data -> data.copy(directory));
    }

    /** Does not wait for the data directory first: the start of the server waits for it. */
    @Override
    public PostgresServer start(ServerRequest request) throws InterruptedException {
        return prepare(request, ContainerData.MADE_BY_THE_IMAGE, data -> {}).start();
    }

    /** Fills a data directory. */
    private interface Filling {
        void fill(ContainerData data) throws InterruptedException;
    }

    private DataDirectory prepare(ServerRequest request, String how, Filling filling) throws InterruptedException {
        daemon.sweep(LEFTOVER_AGE)
                .forEach(name ->
                        console.warn("Removed the container " + name + ", which an earlier build had left behind."));
        Image image = image(request.source());
        Map<String, String> parameters = parameters(request.parameters());
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
                ContainerData.waiting(how, server(image, parameters))));
        boolean filled = false;
        try {
            ServerLog log = ServerLog.of(running, request.serverLog());
            ContainerData data = new ContainerData(daemon, running, image, request, parameters, log);
            filling.fill(data);
            filled = true;
            return data;
        } finally {
            if (!filled) {
                running.remove(REMOVAL_TIMEOUT);
            }
        }
    }

    private Map<String, String> parameters(Map<String, String> more) {
        Map<String, String> parameters = new LinkedHashMap<>(ServerParameters.of(daemon.memory() >> 20));
        parameters.putAll(more);
        return parameters;
    }

    private static List<String> server(Image image, Map<String, String> all) {
        Map<String, String> parameters = new LinkedHashMap<>(all);
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
