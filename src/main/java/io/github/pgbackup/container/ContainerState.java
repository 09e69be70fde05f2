package io.github.pgbackup.container;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A container as described by the daemon.
 *
 * @param status in Docker's words: {@code created}, {@code running}, {@code exited} and so on
 * @param environment the variables that its image and its creator have set
 * @param volumes names of mounted volumes and host directories
 * @param networks names of the networks that it is attached to
 * @param ports the published ports, as {@code container port -> host port}
 * @param facts what can reach it and what it may do, for display
 */
public record ContainerState(
        String id,
        String name,
        String image,
        String status,
        boolean running,
        Instant startedAt,
        Map<String, String> environment,
        Set<String> volumes,
        String networkMode,
        Set<String> networks,
        List<String> ports,
        Map<String, String> facts) {

    private static final int SHORT_ID = 12;

    public ContainerState {
        environment = Map.copyOf(environment);
        volumes = Set.copyOf(volumes);
        networks = Set.copyOf(networks);
        ports = List.copyOf(ports);
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    /** The first digits of the id, as in the lists of Docker's own tools. */
    public String shortId() {
        return id.substring(0, Math.min(SHORT_ID, id.length()));
    }

    /** Name and short id, as in the evidence: {@code postgres (0123456789ab)}. */
    public String label() {
        return name + " (" + shortId() + ")";
    }

    /** Whether the container with this {@link #label} has that name or id. */
    public static boolean isCalled(String label, String nameOrId) {
        return label.startsWith(nameOrId + " (")
                || nameOrId.length() >= SHORT_ID && label.endsWith("(" + nameOrId.substring(0, SHORT_ID) + ")");
    }

    /** A text that changes when the container is restarted or replaced by another one with the same name. */
    public String incarnation() {
        return "container " + shortId() + (running ? " running since " + startedAt : " " + status);
    }

    /** One line: which container it is, and since when it has been running. */
    public String describe() {
        return "container " + label() + ", image " + image + ", " + (running ? "running since " + startedAt : status);
    }
}
