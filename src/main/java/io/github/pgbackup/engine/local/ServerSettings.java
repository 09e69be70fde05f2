package io.github.pgbackup.engine.local;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/** The postgresql.conf of a throw-away server: quick to start, quick to load, out of everybody's reach. */
final class ServerSettings {

    private ServerSettings() {}

    /** Writes the settings down; every one of them is known to PostgreSQL 13 to 18. */
    static String text(Path socketDirectory) {
        long memory = megabytesOfMemory();
        return """
                # Reached through its socket alone.
                listen_addresses = ''
                port = 5432
                unix_socket_directories = '%s'
                unix_socket_permissions = 0700

                # Its data is thrown away, so nothing need survive a crash.
                fsync = off
                synchronous_commit = off
                full_page_writes = off
                wal_level = minimal
                max_wal_senders = 0
                checkpoint_timeout = 1h
                max_wal_size = 2GB

                # One restore, then reading.
                autovacuum = off
                jit = off
                max_connections = 40
                max_locks_per_transaction = 1024
                shared_buffers = %dMB
                maintenance_work_mem = %dMB
                huge_pages = off
                # A container's /dev/shm of 64 MB is too small for building indexes in parallel.
                dynamic_shared_memory_type = mmap

                # No value of a row in the log: neither statements nor DETAIL and CONTEXT.
                lc_messages = 'C'
                log_min_messages = log
                log_min_error_statement = panic
                log_error_verbosity = terse
                log_line_prefix = '%%m [%%p] '
                log_timezone = 'UTC'
                timezone = 'UTC'
                cluster_name = 'pgbackup'
                """.formatted(quoted(socketDirectory), within(64, memory / 16, 512), within(64, memory / 16, 1024));
    }

    /** A list element in a string: a comma would end the one, a quote the other. */
    private static String quoted(Path path) {
        return "\""
                + path.toString().replace("\"", "\"\"").replace("\\", "\\\\").replace("'", "''") + "\"";
    }

    private static long within(long least, long value, long most) {
        return Math.max(least, Math.min(value, most));
    }

    /** What the machine has, or the container where there is a limit. */
    private static long megabytesOfMemory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize() >> 20
                : 0;
    }
}
