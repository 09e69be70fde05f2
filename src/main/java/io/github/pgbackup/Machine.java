package io.github.pgbackup;

import java.lang.management.ManagementFactory;

/**
 * The resources of the machine that this JVM may use.
 *
 * @param processors at least 1
 * @param memory in bytes, subject to a container's limit; 0 if unknown
 */
public record Machine(int processors, long memory) {

    /** Asks the JVM, which respects the limits of containers. */
    public static Machine here() {
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                        ? system.getTotalMemorySize()
                        : 0);
    }
}
