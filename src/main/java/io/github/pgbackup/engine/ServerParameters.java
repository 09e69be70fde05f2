package io.github.pgbackup.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The configuration parameters of a throw-away server: quick to start, quick to load, silent about values. */
public final class ServerParameters {

    /**
     * Those that a rehearsal of migrations changes while the server runs. What stands on the command line of a server cannot be
     * changed any more, so an engine does not write them there.
     */
    public static final Set<String> CHANGED_LATER = Set.of("fsync", "synchronous_commit");

    private ServerParameters() {}

    /**
     * Name and value of each, without quotes; every one of them is known to PostgreSQL 13 to 19.
     *
     * @param memory what the machine of the server has, in megabytes; 0 if that is not known
     */
    public static Map<String, String> of(long memory) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("port", "5432");

        // Its data is thrown away, so nothing need survive a crash.
        parameters.put("fsync", "off");
        parameters.put("synchronous_commit", "off");
        parameters.put("full_page_writes", "off");
        parameters.put("wal_level", "minimal");
        parameters.put("max_wal_senders", "0");
        parameters.put("checkpoint_timeout", "1h");
        parameters.put("max_wal_size", "2GB");

        // A server that began anew after a crash could have lost anything, and would be taken for the backup.
        parameters.put("restart_after_crash", "off");

        // One restore, then reading.
        parameters.put("autovacuum", "off");
        parameters.put("jit", "off");
        // Our own are fewer than forty; to whoever it is handed over fifty are promised.
        parameters.put("max_connections", "100");
        parameters.put("max_locks_per_transaction", "1024");
        parameters.put("shared_buffers", within(64, memory / 16, 512) + "MB");
        parameters.put("huge_pages", "off");
        // A container's /dev/shm of 64 MB is too small for building indexes in parallel.
        parameters.put("dynamic_shared_memory_type", "mmap");

        // No value of a row in the log: neither statements nor DETAIL and CONTEXT.
        parameters.put("lc_messages", "C");
        parameters.put("log_min_messages", "log");
        parameters.put("log_min_error_statement", "panic");
        parameters.put("log_error_verbosity", "terse");
        parameters.put("log_line_prefix", "%m [%p] ");
        parameters.put("log_timezone", "UTC");
        parameters.put("timezone", "UTC");
        parameters.put("cluster_name", "pgbackup");
        return parameters;
    }

    private static long within(long least, long value, long most) {
        return Math.max(least, Math.min(value, most));
    }
}
