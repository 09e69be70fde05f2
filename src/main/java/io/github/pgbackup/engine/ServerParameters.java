package io.github.pgbackup.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The configuration parameters of a throw-away server: fast to start, fast to load, and no values in its log. */
public final class ServerParameters {

    /**
     * Parameters that a rehearsal of migrations changes while the server runs. Settings on a server's command line
     * cannot be changed, so engines set these in another way.
     */
    public static final Set<String> CHANGED_LATER = Set.of("fsync", "synchronous_commit");

    private ServerParameters() {}

    /**
     * The name and unquoted value of each parameter; PostgreSQL 13 to 19 know all of them.
     *
     * @param memory memory of the server's machine in MiB; 0 if unknown
     */
    public static Map<String, String> of(long memory) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("port", "5432");

        // Its data is thrown away, so it need not survive a crash.
        parameters.put("fsync", "off");
        parameters.put("synchronous_commit", "off");
        parameters.put("full_page_writes", "off");
        parameters.put("wal_level", "minimal");
        parameters.put("max_wal_senders", "0");
        parameters.put("checkpoint_timeout", "1h");
        parameters.put("max_wal_size", "2GB");

        // If a server restarted after a crash, the rows that it lost would look like rows that the backup lacks.
        parameters.put("restart_after_crash", "off");

        // There is one restore, then only reads.
        parameters.put("autovacuum", "off");
        parameters.put("jit", "off");
        // We need fewer than forty; after a hand-over, users are promised fifty.
        parameters.put("max_connections", "100");
        parameters.put("max_locks_per_transaction", "1024");
        parameters.put("shared_buffers", within(64, memory / 16, 512) + "MB");
        parameters.put("huge_pages", "off");
        // A container's default /dev/shm of 64 MiB is too small for parallel index builds.
        parameters.put("dynamic_shared_memory_type", "mmap");

        // Keeps values of rows out of the log: no statements, no DETAIL, no CONTEXT.
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

    private static long within(long minimum, long value, long maximum) {
        return Math.max(minimum, Math.min(value, maximum));
    }
}
