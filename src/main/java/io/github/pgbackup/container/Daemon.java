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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.testcontainers.shaded.com.github.dockerjava.core.DefaultDockerClientConfig;
import org.testcontainers.shaded.com.github.dockerjava.core.DockerClientConfig;
import org.testcontainers.shaded.com.github.dockerjava.core.DockerClientConfigDelegate;
import org.testcontainers.shaded.com.github.dockerjava.core.DockerClientImpl;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.RegistryAuthLocator;

/**
 * A Docker daemon that answers. Testcontainers provides the user's contexts, certificates and registry credentials, and
 * docker-java, which communicates through {@link DaemonRequests}. We do not use Testcontainers'
 * {@code GenericContainer}: it starts a cleanup container (Ryuk), whose image must come from a registry, and it writes
 * to the user's home.
 */
public final class Daemon implements AutoCloseable {

    /**
     * An arbitrary image name with a registry. For a name without one, Testcontainers asks its own search for a daemon
     * about the default registry, and that search writes to the user's home.
     */
    private static final String NO_IMAGE = "localhost/none";

    private static final String DEFAULT_REGISTRY = "index.docker.io/";

    /** The label of all our containers. */
    private static final String LABEL = "io.github.pgbackup.throw-away";

    /** States of a container in which nothing runs. */
    private static final Set<String> NOT_RUNNING = Set.of("created", "exited", "dead");

    /** In mountinfo, a file that comes from a directory with the container's id as its name (proc_pid_mountinfo(5)). */
    private static final Pattern MOUNTED_FOR_A_CONTAINER =
            Pattern.compile("/([0-9a-f]{64})/\\S+ /etc/(?:hostname|hosts|resolv\\.conf) ");

    private static final Duration FIRST_ANSWER = Duration.ofSeconds(2);

    /** An image pull without progress for this time has failed. */
    private static final Duration STALLED_PULL = Duration.ofSeconds(30);

    /**
     * The first process of our containers. It exits when standard input ends or has been silent for longer than a
     * living JVM would be, whatever the other processes do, and then the kernel ends all of them. The silence matters
     * because standard input does not end when the daemon dies or a machine vanishes. The process is a shell so that it
     * reaps orphans of an exec; PostgreSQL in its place would mistake their end for a crash.
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

    /** Uses credentials of {@code docker login}, including credential helpers. */
    private static final class WithCredentials extends DockerClientConfigDelegate {

        WithCredentials(DockerClientConfig config) {
            super(config);
        }

        @Override
        public AuthConfig effectiveAuthConfig(String image) {
            return RegistryAuthLocator.instance().lookupAuthConfig(DockerImageName.parse(image), new AuthConfig());
        }
    }

    /** The daemon that was found, or the addresses where none answered. */
    public record Search(@Nullable Daemon found, List<String> tried) {

        public Search {
            tried = List.copyOf(tried);
        }
    }

    /**
     * Searches for a daemon that answers within 2 s: at the address in {@code DOCKER_HOST}, or else at that of the
     * Docker context, or else at the usual sockets.
     *
     * @param onSilence receives a sentence, in another thread, when the daemon that was found becomes unresponsive
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
     * Silences the libraries' logs: they are for their developers, and at debug level contain the bodies of requests,
     * with passwords. Maven's logger reads these properties when the first logger of a name is created.
     */
    private static void quieten() {
        for (String library : List.of("org.testcontainers", "tc", "com.github.dockerjava")) {
            System.setProperty("org.slf4j.simpleLogger.log." + library, "off");
            System.setProperty("maven.logger.log." + library, "off");
        }
    }

    /** The address that it listens on. */
    public String place() {
        return connections.address().uri().toString();
    }

    /** The memory of the daemon's machine in bytes; 0 if unknown. */
    public long memory() {
        try {
            Long memory = docker.infoCmd().exec().getMemTotal();
            return memory == null ? 0 : memory;
        } catch (RuntimeException e) {
            throw failed(connections.address(), e);
        }
    }

    /**
     * Whether it limits the memory and the processes of containers. Without root it may be unable to, and accepts limits
     * all the same.
     */
    public boolean limitsContainers() {
        try {
            return !"none".equals(docker.infoCmd().exec().getCGroupDriver());
        } catch (RuntimeException e) {
            throw failed(connections.address(), e);
        }
    }

    /**
     * The directory of the daemon's volumes; empty if it is not on this machine. On macOS, for example, it is in a
     * virtual machine.
     */
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
     * An existing container.
     *
     * @return empty when no container has that name or id
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
     * The container of this daemon in which this JVM runs, or another one with the same network.
     *
     * @throws CannotVerifyException when the daemon does not answer
     */
    public Optional<Container> containerOfThisJvm() {
        String mounts;
        try {
            mounts = Files.readString(Path.of("/proc/self/mountinfo"));
        } catch (IOException e) {
            return Optional.empty(); // not Linux
        }
        Matcher mounted = MOUNTED_FOR_A_CONTAINER.matcher(mounts);
        return mounted.find() ? container(mounted.group(1)) : Optional.empty();
    }

    /**
     * An image, which is pulled if the daemon does not have it.
     *
     * @throws CannotVerifyException if it cannot be pulled; there is no second attempt
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
        // A name without a tag or a digest would pull every existing tag.
        DockerImageName image = DockerImageName.parse(name);
        String repository = image.getRegistry().isEmpty()
                ? DEFAULT_REGISTRY + (name.contains("/") ? "" : "library/") + image.getUnversionedPart()
                : image.getUnversionedPart();
        try (Progress pulling =
                docker.pullImageCmd(repository).withTag(image.getVersionPart()).exec(new Progress())) {
            // awaitCompletion with a time limit would end the pull at that limit.
            while (!pulling.ended.await(1, TimeUnit.SECONDS)) {
                if (pulling.stalled(STALLED_PULL)) {
                    throw notPulled(name, "no progress for " + STALLED_PULL.toSeconds() + " s");
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

        /** An error after the pull has begun is an item like any other. */
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
     * Creates and starts a container.
     *
     * @throws CannotVerifyException if it cannot be created or started; nothing remains of it
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
            // Before the start, so that it can never outlive this JVM.
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
            // it is gone or being removed
        } catch (RuntimeException e) {
            reason.addSuppressed(e);
        }
    }

    /**
     * Removes our containers that never ran, or that ran and were not removed: leftovers of a build that was killed
     * between create and start, or together with its daemon.
     *
     * @param olderThan spares younger containers, which may belong to a build that is starting
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
            return List.of(); // another build removes them
        } catch (RuntimeException e) {
            throw failed(connections.address(), e);
        }
    }

    /** Whether the daemon is unresponsive, so that no more requests are sent. */
    boolean isSilent() {
        return connections.silence() != null;
    }

    static CannotVerifyException failed(DaemonAddress address, Exception e) {
        return new CannotVerifyException(
                "A request to the Docker daemon at " + address.uri() + " failed: " + reason(e) + ".",
                Remedy.LOOK_AT_THE_DAEMON,
                e);
    }

    /** The daemon's own message, without the name of a class. */
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
