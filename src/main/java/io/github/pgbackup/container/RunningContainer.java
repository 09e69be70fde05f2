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
 * One of our containers. When this JVM ends, the container ends too, and its volumes are removed: its standard input is
 * a connection that only the JVM holds, and its first process exits when that connection ends or falls silent.
 */
public final class RunningContainer implements AutoCloseable {

    /** How long the container waits for a sign of life. */
    static final Duration LONGEST_SILENCE = Duration.ofSeconds(40);

    private static final Duration BEAT = Duration.ofSeconds(4);
    private static final long POLL_MILLIS = 20;

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
            return; // the container or its daemon has ended
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the JVM is shutting down
        }
    }

    public Container container() {
        return container;
    }

    /** The output of the first process and its children: standard output here, standard error in the next method. */
    public InputStream log() {
        return lease.output();
    }

    public InputStream errorLog() {
        return lease.error();
    }

    /**
     * Removes the container, whatever its state, and waits until it and its volumes are gone.
     *
     * @return what still exists after that time, by name; empty if nothing does
     */
    public Map<String, String> remove(Duration atMost) {
        ExecSocketFactory.forget(container);
        long deadline = System.nanoTime() + atMost.toNanos();
        Map<String, String> remaining = new LinkedHashMap<>();
        try {
            try {
                docker.removeContainerCmd(container.id())
                        .withForce(true)
                        .withRemoveVolumes(true)
                        .exec();
            } catch (NotFoundException | ConflictException e) {
                // it is gone or being removed
            }
            while (true) {
                remaining.clear();
                container.inspect().ifPresent(state -> remaining.put("container " + state.name(), state.status()));
                volumes.stream().filter(this::exists).forEach(volume -> remaining.put("volume " + volume, "is there"));
                if (remaining.isEmpty() || System.nanoTime() > deadline) {
                    return remaining;
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
                : silence + " The container ends by itself within " + LONGEST_SILENCE.toSeconds()
                        + " s, and its volumes are removed with it.";
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

    /** Not interruptible: otherwise a copy of production could be left behind. */
    private static void sleep() {
        boolean interrupted = Thread.interrupted();
        try {
            Thread.sleep(POLL_MILLIS);
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
