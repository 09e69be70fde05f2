package io.github.pgbackup.container;

import java.util.List;
import java.util.Map;

/**
 * A container to make: without capabilities, without a way to gain privileges, without a log on the daemon's disk, gone with
 * its volumes when it ends.
 *
 * @param name unique on the daemon
 * @param user the user in the image that everything runs as
 * @param environment what is set besides the image's own
 * @param networkMode {@code none}, {@code bridge} or {@code host}
 * @param processes the most processes and threads it may have
 * @param sharedMemory the size of {@code /dev/shm}, in bytes
 * @param memory the most memory that it may have, files in memory included, in bytes; 0: no limit
 * @param watched what runs until the container's standard input ends, or until it ends by itself
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
