package io.github.pgbackup.container;

import java.util.List;
import java.util.Map;

/**
 * A container to create: without capabilities, without a way to gain privileges, and without a log on the daemon's
 * disk. It is removed together with its volumes when it ends.
 *
 * @param name unique on the daemon
 * @param user the image's user that everything runs as
 * @param environment variables in addition to the image's own
 * @param networkMode {@code none}, {@code bridge}, {@code host}, or {@code container:<id>} for the network of another container
 * @param processes maximum number of processes and threads
 * @param sharedMemory the size of {@code /dev/shm} in bytes
 * @param memory maximum amount of memory in bytes, including files in memory; 0 for no limit
 * @param watched the command to run; it is ended when the container's standard input ends
 */
public record ContainerRequest(
        Image image,
        String name,
        String user,
        Map<String, String> environment,
        String networkMode,
        long processes,
        long sharedMemory,
        long memory,
        List<String> watched) {

    public ContainerRequest {
        environment = Map.copyOf(environment);
        watched = List.copyOf(watched);
    }
}
