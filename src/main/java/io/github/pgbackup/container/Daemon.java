package io.github.pgbackup.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ContainerConfig;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.PullResponseItem;
import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.testcontainers.shaded.com.github.dockerjava.core.DefaultDockerClientConfig;
import org.testcontainers.shaded.com.github.dockerjava.core.DockerClientConfig;
import org.testcontainers.shaded.com.github.dockerjava.core.DockerClientConfigDelegate;
import org.testcontainers.shaded.com.github.dockerjava.core.DockerClientImpl;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.RegistryAuthLocator;

/**
 * A Docker daemon that answers. Testcontainers finds it, with the user's contexts, certificates and registry
 * credentials, and brings docker-java, which speaks to it by {@link DaemonRequests}. Its {@code GenericContainer} is not
 * used, since that starts a container of its own to clean up (Ryuk), which an image registry has to provide, and writes
 * to the user's home.
 */
public final class Daemon implements AutoCloseable {

    /**
     * A name of a registry's image, whatever it is. Of any other name Testcontainers asks its own search for a daemon which
     * registry is the default one, and that search writes to the user's home.
     */
    private static final String NO_IMAGE = "localhost/none";

    private static final String DEFAULT_REGISTRY = "index.docker.io/";

    /** On every container of ours. */
    private static final String LABEL = "io.github.pgbackup.throw-away";

    /** States of a container that holds nothing that runs. */
    private static final Set<String> NOT_RUNNING = Set.of("created", "exited", "dead");

    private static final Duration FIRST_ANSWER = Duration.ofSeconds(2);

    /** An image that does not come on in this time will not come. */
    private static final Duration STALLED_PULL = Duration.ofSeconds(30);

    /**
     * The first process of a container of ours: it leaves when standard input ends, or says nothing for longer than a
     * living JVM would be silent, whatever the rest does, and with it the kernel ends the rest. A daemon that dies, or a
     * machine that vanishes, does not end standard input. It is a shell so that it reaps what an exec leaves behind;
     * PostgreSQL in its place would take a stranger's death for a crash of its own.
     */
    private static final String WATCH =
            """
            exec 3<&0 </dev/null
            trap 'exit 90' USR1
            trap 'kill -INT "$child" 2>/dev/null' INT TERM
            "$@" 3<&- & child=$!
            { while read -r -t SILENCE beat <&3; do :; done; kill -USR1 1; } &
            exec 3<&-
            while :; do
                wait "$child"; status=$?
                kill -0 "$child" 2>/dev/null || exit "$status"
            done
            """.replace("SILENCE", Long.toString(RunningContainer.LONGEST_SILENCE.toSeconds()));

    private final DaemonConnections connections;
    private final DockerClient docker;

    private Daemon(DaemonAddress address, Consumer<String> onSilence) {
        this.connections = new DaemonConnections(address, onSilence);
        this.docker = DockerClientImpl.getInstance(
                new WithCredentials(DefaultDockerClientConfig.createDefaultConfigBuilder()
                        .withDockerHost(address.uri().toString())
                        .build()),
                new DaemonRequests(connections));
    }

    /** What {@code docker login} keeps, credential helpers included. */
    private static final class WithCredentials extends DockerClientConfigDelegate {

        WithCredentials(DockerClientConfig config) {
            super(config);
        }

        @Override
        public AuthConfig effectiveAuthConfig(String image) {
            return RegistryAuthLocator.instance().lookupAuthConfig(DockerImageName.parse(image), new AuthConfig());
        }
    }

    /** What was found, or what was tried in vain. */
    public record Search(@Nullable Daemon found, List<String> tried) {

        public Search {
            tried = List.copyOf(tried);
        }
    }

    /**
     * Looks for a daemon that answers within 2 seconds: the one that {@code DOCKER_HOST} names, else the one of the Docker
     * context, else one at the usual sockets.
     *
     * @param onSilence is told a sentence, in another thread, when the one that was found answers nobody any more
     */
    static Search search(Map<String, String> environment, Consumer<String> onSilence) {
        quieten();
        List<String> tried = new ArrayList<>();
        try {
            for (DaemonAddress address : DaemonAddress.candidates(environment)) {
                String why = address.whySilent(FIRST_ANSWER);
                if (why == null) {
                    return new Search(new Daemon(address, onSilence), tried);
                }
                tried.add(why);
            }
        } catch (RuntimeException e) {
            tried.add(reason(e));
        }
        return new Search(null, tried);
    }

    /**
     * What the libraries log is for their developers, and at debug level the bodies of requests, with passwords in them.
     * Maven's logger reads these when the first logger of a name is made.
     */
    private static void quieten() {
        for (String library : List.of("org.testcontainers", "tc", "com.github.dockerjava")) {
            System.setProperty("org.slf4j.simpleLogger.log." + library, "off");
            System.setProperty("maven.logger.log." + library, "off");
        }
    }

    /** Where it listens. */
    public String place() {
        return connections.address().uri().toString();
    }

    /** The memory of the daemon's machine, in bytes; 0 if it does not say. */
    public long memory() {
        try {
            Long memory = docker.infoCmd().exec().getMemTotal();
            return memory == null ? 0 : memory;
        } catch (RuntimeException e) {
            throw failed(connections.address(), e);
        }
    }

    /** Where it keeps its volumes, as long as that is on this machine: on macOS, for one, it is in a virtual machine. */
    public Optional<Path> disk() {
        try {
            String root = docker.infoCmd().exec().getDockerRootDir();
            return root != null
                            && connections.address().uri().getScheme().equals("unix")
                            && Files.isDirectory(Path.of(root))
                    ? Optional.of(Path.of(root))
                    : Optional.empty();
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    /**
     * A container that is there already.
     *
     * @return empty when there is none of that name or id
     * @throws CannotVerifyException when the daemon does not answer
     */
    public Optional<Container> container(String nameOrId) {
        try {
            return Optional.of(new Container(
                    docker,
                    connections,
                    docker.inspectContainerCmd(nameOrId).exec().getId()));
        } catch (NotFoundException e) {
            return Optional.empty();
        } catch (RuntimeException e) {
            throw failed(connections.address(), e);
        }
    }

    /**
     * An image, pulled if the daemon does not have it.
     *
     * @throws CannotVerifyException if it cannot be pulled; nothing is tried twice
     */
    public Image image(String name) throws InterruptedException {
        try {
            return image(name, docker.inspectImageCmd(name).exec());
        } catch (NotFoundException e) {
            pull(name);
        } catch (RuntimeException e) {
            throw failed(connections.address(), e);
        }
        try {
            return image(name, docker.inspectImageCmd(name).exec());
        } catch (RuntimeException e) {
            throw notPulled(name, reason(e));
        }
    }

    private static Image image(String name, InspectImageResponse seen) {
        ContainerConfig config = seen.getConfig();
        String[] entrypoint = config == null ? null : config.getEntrypoint();
        String[] environment = config == null ? null : config.getEnv();
        return new Image(
                name,
                String.valueOf(seen.getId()),
                seen.getRepoDigests() == null ? List.of() : seen.getRepoDigests(),
                entrypoint == null ? List.of() : Arrays.asList(entrypoint),
                Arrays.stream(environment == null ? new String[0] : environment)
                        .filter(variable -> variable.matches("PG_MAJOR=\\d+"))
                        .mapToInt(variable -> Integer.parseInt(variable.substring("PG_MAJOR=".length())))
                        .findFirst());
    }

    private void pull(String name) throws InterruptedException {
        // A name without a tag or a digest would pull every tag that there is.
        DockerImageName image = DockerImageName.parse(name);
        String repository = image.getRegistry().isEmpty()
                ? DEFAULT_REGISTRY + (name.contains("/") ? "" : "library/") + image.getUnversionedPart()
                : image.getUnversionedPart();
        try (Progress pulling =
                docker.pullImageCmd(repository).withTag(image.getVersionPart()).exec(new Progress())) {
            // awaitCompletion with a time would end the pull when that is over.
            while (!pulling.ended.await(1, TimeUnit.SECONDS)) {
                if (pulling.stalled(STALLED_PULL)) {
                    throw notPulled(name, "nothing came for " + STALLED_PULL.toSeconds() + " s");
                }
            }
            pulling.awaitCompletion();
            String error = pulling.error;
            if (error != null) {
                throw notPulled(name, error);
            }
        } catch (IOException | RuntimeException e) {
            throw e instanceof CannotVerifyException known ? known : notPulled(name, reason(e));
        }
    }

    private static final class Progress extends ResultCallback.Adapter<PullResponseItem> {

        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile long last = System.nanoTime();
        private volatile @Nullable String error;

        @Override
        public void close() throws IOException {
            super.close();
            ended.countDown();
        }

        /** What goes wrong once the pull has begun is an item like any other. */
        @Override
        public void onNext(PullResponseItem item) {
            last = System.nanoTime();
            if (item.getErrorDetail() != null) {
                error = item.getErrorDetail().getMessage();
            }
        }

        boolean stalled(Duration atMost) {
            return System.nanoTime() - last > atMost.toNanos();
        }
    }

    private CannotVerifyException notPulled(String name, String why) {
        return new CannotVerifyException(
                "The image " + name + " is not on the Docker daemon at " + place() + " and cannot be pulled: " + why
                        + ".",
                Remedy.GET_THE_IMAGE);
    }

    /**
     * Makes a container and starts it.
     *
     * @throws CannotVerifyException if it cannot be made or started; nothing is left of it then
     */
    public RunningContainer run(ContainerRequest request) {
        List<String> watched = new ArrayList<>(List.of("-c", WATCH, "pgbackup"));
        watched.addAll(request.watched());
        String id;
        try {
            id = docker.createContainerCmd(NO_IMAGE)
                    .withImage(request.image().id())
                    .withName(request.name())
                    .withLabels(Map.of(LABEL, "true"))
                    .withUser(request.user())
                    .withEnv(request.environment().entrySet().stream()
                            .map(variable -> variable.getKey() + "=" + variable.getValue())
                            .toList())
                    .withEntrypoint("bash")
                    .withCmd(watched)
                    .withStdinOpen(true)
                    .withStdInOnce(true)
                    .withAttachStdin(true)
                    .withHostConfig(new HostConfig()
                            .withNetworkMode(request.networkMode())
                            .withAutoRemove(true)
                            .withCapDrop(Capability.ALL)
                            .withSecurityOpts(List.of("no-new-privileges"))
                            .withPidsLimit(request.processes())
                            .withShmSize(request.sharedMemory())
                            .withMemory(request.memory())
                            .withMemorySwap(request.memory())
                            .withLogConfig(new LogConfig(LogConfig.LoggingType.NONE)))
                    .exec()
                    .getId();
        } catch (RuntimeException e) {
            throw failed(connections.address(), e);
        }
        Container container = new Container(docker, connections, id);
        try {
            // Before it starts, so that there is no moment in which it would outlive this JVM.
            StandardStreams lease = StandardStreams.open(
                    connections,
                    "/containers/" + id + "/attach?stream=1&stdin=1&stdout=1&stderr=1",
                    "",
                    failure -> null);
            docker.startContainerCmd(id).exec();
            Set<String> volumes =
                    container.inspect().map(ContainerState::volumes).orElse(Set.of());
            return new RunningContainer(docker, connections, container, lease, volumes);
        } catch (IOException | RuntimeException e) {
            discard(id, e);
            throw e instanceof CannotVerifyException known ? known : failed(connections.address(), e);
        }
    }

    private void discard(String id, Exception reason) {
        try {
            docker.removeContainerCmd(id)
                    .withForce(true)
                    .withRemoveVolumes(true)
                    .exec();
        } catch (NotFoundException | ConflictException e) {
            // it is gone, or on its way
        } catch (RuntimeException e) {
            reason.addSuppressed(e);
        }
    }

    /**
     * Removes containers of ours that never ran, or ran and were not removed: what is left of a build that was killed between
     * create and start, or with its daemon.
     *
     * @param olderThan younger ones may belong to a build that is starting
     * @return their names
     */
    public List<String> sweep(Duration olderThan) {
        try {
            List<String> swept = new ArrayList<>();
            Instant youngest = Instant.now().minus(olderThan);
            for (var found : docker.listContainersCmd()
                    .withShowAll(true)
                    .withLabelFilter(List.of(LABEL))
                    .exec()) {
                // Not by the daemon's filter: Podman refuses a state that it does not know.
                if (NOT_RUNNING.contains(found.getState())
                        && Instant.ofEpochSecond(found.getCreated()).isBefore(youngest)) {
                    docker.removeContainerCmd(found.getId())
                            .withForce(true)
                            .withRemoveVolumes(true)
                            .exec();
                    swept.add(found.getNames()[0].replaceFirst("^/", ""));
                }
            }
            return swept;
        } catch (NotFoundException | ConflictException e) {
            return List.of(); // somebody else sweeps
        } catch (RuntimeException e) {
            throw failed(connections.address(), e);
        }
    }

    /** Whether it answers nobody any more; nothing is asked of it then. */
    boolean isSilent() {
        return connections.silence() != null;
    }

    static CannotVerifyException failed(DaemonAddress address, Exception e) {
        return new CannotVerifyException(
                "The Docker daemon at " + address.uri() + " did not do what it was asked: " + reason(e) + ".",
                Remedy.LOOK_AT_THE_DAEMON,
                e);
    }

    /** The daemon's own words, without the name of a class. */
    static String reason(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(e instanceof DockerException ? e.getMessage() : root.getMessage());
        return message.replaceFirst("(?s)^Status \\d+: \\{\"message\":\"(.*)\"}\\s*$", "$1")
                .replace("\\\"", "\"")
                .replaceFirst("\\.?\\s*$", "");
    }

    @Override
    public void close() {
        connections.close();
    }
}
