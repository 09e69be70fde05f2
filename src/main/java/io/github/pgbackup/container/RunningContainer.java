package io.github.pgbackup.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import io.github.pgbackup.CannotVerifyException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A container of ours. It ends, and its volumes go with it, when this JVM does: its standard input is a connection that
 * nobody else holds, and the first process in it leaves when that ends or falls silent.
 */
public final class RunningContainer implements AutoCloseable {

    /** How long the container waits for a sign of life. */
    static final Duration LONGEST_SILENCE = Duration.ofSeconds(40);

    private static final Duration BEAT = Duration.ofSeconds(4);
    private static final long LOOK_AGAIN_MILLIS = 20;

    private final DockerClient docker;
    private final DaemonConnections daemon;
    private final Container container;
    private final StandardStreams lease;
    private final Set<String> volumes;

    RunningContainer(
            DockerClient docker,
            DaemonConnections daemon,
            Container container,
            StandardStreams lease,
            Set<String> volumes) {
        this.docker = docker;
        this.daemon = daemon;
        this.container = container;
        this.lease = lease;
        this.volumes = Set.copyOf(volumes);
        Thread heart = new Thread(this::beat, "pgbackup container lease");
        heart.setDaemon(true);
        heart.start();
    }

    private void beat() {
        try {
            while (true) {
                lease.input().write('\n');
                Thread.sleep(BEAT.toMillis());
            }
        } catch (IOException e) {
            return; // the container has ended, or its daemon
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // a JVM that comes to its end
        }
    }

    public Container container() {
        return container;
    }

    /** What the first process and its children print, both streams after one another. */
    public InputStream log() {
        return lease.output();
    }

    public InputStream errorLog() {
        return lease.error();
    }

    /**
     * Ends it, whatever state it is in, and looks until it and its volumes are gone.
     *
     * @return what is still there when the time is over, by name; empty: nothing
     */
    public Map<String, String> remove(Duration atMost) {
        ExecSocketFactory.forget(container);
        long deadline = System.nanoTime() + atMost.toNanos();
        Map<String, String> left = new LinkedHashMap<>();
        try {
            try {
                docker.removeContainerCmd(container.id())
                        .withForce(true)
                        .withRemoveVolumes(true)
                        .exec();
            } catch (NotFoundException | ConflictException e) {
                // it is gone, or on its way: it is removed when it ends
            }
            while (true) {
                left.clear();
                container.inspect().ifPresent(state -> left.put("container " + state.name(), state.status()));
                volumes.stream().filter(this::exists).forEach(volume -> left.put("volume " + volume, "is there"));
                if (left.isEmpty() || System.nanoTime() > deadline) {
                    return left;
                }
                sleep();
            }
        } catch (CannotVerifyException e) {
            return Map.of("Docker daemon", endsByItself(e.fact()));
        } catch (RuntimeException e) {
            return Map.of("Docker daemon", endsByItself(Daemon.reason(e) + "."));
        } finally {
            lease.close();
        }
    }

    private String endsByItself(String fact) {
        String silence = daemon.silence();
        return silence == null
                ? fact
                : silence + " The container ends by itself, and its volumes go with it, within "
                        + LONGEST_SILENCE.toSeconds() + " s.";
    }

    /** The names of its volumes. */
    public Set<String> volumes() {
        return volumes;
    }

    private boolean exists(String volume) {
        try {
            docker.inspectVolumeCmd(volume).exec();
            return true;
        } catch (NotFoundException e) {
            return false;
        }
    }

    /** Not interruptible: what would be left behind is a copy of production. */
    private static void sleep() {
        boolean interrupted = Thread.interrupted();
        try {
            Thread.sleep(LOOK_AGAIN_MILLIS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        remove(Duration.ofSeconds(30));
    }
}
