package io.github.pgbackup.backup;

import io.github.pgbackup.Machine;
import io.github.pgbackup.source.ParallelRestore;
import io.github.pgbackup.text.Counted;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The number of connections for restoring the archive and reading the restored database: the configured number, else the
 * fastest.
 *
 * @param jobs the jobs of pg_restore
 * @param readers the number of concurrent sessions that count the restored rows
 * @param why a line for the log
 */
public record RestoreChoice(int jobs, int readers, String why) {

    /**
     * Average size of a table in bytes. With several jobs, pg_restore creates the files of every table twice, to write its
     * rows without WAL (TRUNCATE in the transaction of the COPY). Up to this size, that costs more time than it saves
     * (docs/performance.md).
     */
    private static final long SMALL_TABLE = 200_000;

    private static final int MOST = 8;

    /**
     * Chooses two jobs for each processor, so that no processor is idle while the last large index is built.
     *
     * @param configured the configured jobs; null to choose
     * @param bytes the size of the source database, from pg_database_size
     * @param tables the number of tables
     * @param parallel whether several jobs restore soundly; if not, one job is used, whatever is configured
     */
    public static RestoreChoice of(
            @Nullable Integer configured, long bytes, int tables, Machine machine, ParallelRestore parallel) {
        RestoreChoice quickest = of(configured, bytes, tables, machine);
        return quickest.jobs == 1 || parallel.isSound()
                ? quickest
                : choice(1, quickest.readers, "several could change or lose data: " + parallel.why());
    }

    /**
     * Chooses for an archive whose source cannot be queried for objects that several jobs do not restore soundly.
     *
     * @param configured the configured jobs; null for one
     */
    public static RestoreChoice ofStored(@Nullable Integer configured, Machine machine) {
        int readers = Math.min(MOST, machine.processors());
        return configured == null
                ? choice(1, readers, "unknown whether several would lose or change data")
                : choice(configured, readers, "configured");
    }

    /** For a plain dump, which psql restores over one connection. */
    public static RestoreChoice ofPlainDump(Machine machine) {
        return choice(1, Math.min(MOST, machine.processors()), "psql restores a plain dump over one connection");
    }

    private static RestoreChoice of(@Nullable Integer configured, long bytes, int tables, Machine machine) {
        if (configured != null) {
            return choice(configured, configured, "configured");
        }
        int readers = Math.min(MOST, machine.processors());
        if (tables > 1 && bytes / tables < SMALL_TABLE) {
            return choice(
                    1,
                    readers,
                    String.format(Locale.ROOT, "for %,d tables of %,d kB on average", tables, bytes / tables / 1000));
        }
        return choice(
                Math.min(MOST, 2 * machine.processors()),
                readers,
                "for " + Counted.of(machine.processors(), "processor"));
    }

    private static RestoreChoice choice(int jobs, int readers, String because) {
        return new RestoreChoice(jobs, readers, Counted.of(jobs, "job") + " (" + because + ")");
    }
}
