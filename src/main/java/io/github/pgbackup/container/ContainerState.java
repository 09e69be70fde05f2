package io.github.pgbackup.container;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A container as the daemon describes it.
 *
 * @param status in Docker's words: {@code created}, {@code running}, {@code exited} and so on
 * @param environment what its image and its creator have set
 * @param volumes names of volumes and directories of the host that are mounted
 * @param networks names of the networks that it is attached to
 * @param ports the ports that are published, as {@code container port -> host port}
 * @param facts what can reach it and what it may do, by name, to show
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

    /** The first digits of the id, by which Docker's own tools list it. */
    public String shortId() {
        return id.substring(0, Math.min(SHORT_ID, id.length()));
    }

    /** Name and short id, as the evidence keeps them: {@code postgres (0123456789ab)}. */
    public String label() {
        return name + " (" + shortId() + ")";
    }

    /** Whether the container of a {@link #label} has that name or id. */
    public static boolean isCalled(String label, String nameOrId) {
        return label.startsWith(nameOrId + " (")
                || nameOrId.length() >= SHORT_ID && label.endsWith("(" + nameOrId.substring(0, SHORT_ID) + ")");
    }

    /** What is another when it was restarted or replaced by another container of the same name. */
    public String incarnation() {
        return "container " + shortId() + (running ? " running since " + startedAt : " " + status);
    }

    /** On a line: which container, and since when it runs. */
    public String describe() {
        return "container " + label() + ", image " + image + ", " + (running ? "running since " + startedAt : status);
    }
}
