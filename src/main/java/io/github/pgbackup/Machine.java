package io.github.pgbackup;

import java.lang.management.ManagementFactory;

/**
 * What this JVM may use of the machine that it runs on.
 *
 * @param processors at least 1
 * @param memory bytes of it, those of the container where there is a limit; 0 where that is not known
 */
public record Machine(int processors, long memory) {

    /** Asks the JVM, which knows of containers. */
    public static Machine here() {
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                        ? system.getTotalMemorySize()
                        : 0);
    }
}
