package io.github.pgbackup.backup;

import io.github.pgbackup.Machine;
import io.github.pgbackup.source.ParallelRestore;
import io.github.pgbackup.text.Counted;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * By how many connections the archive is restored and the copy is read: what the user says, else what is quickest.
 *
 * @param jobs of pg_restore
 * @param readers sessions that count the restored rows at the same time
 * @param why a line for the log
 */
public record RestoreChoice(int jobs, int readers, String why) {

    /**
     * Of the database's size for each table. With several jobs pg_restore makes the files of every table a second time, to
     * write its rows without a log (TRUNCATE in the transaction of the COPY); up to this size that takes longer than what
     * is gained (docs/performance.md).
     */
    private static final long SMALL_TABLE = 200_000;

    private static final int MOST = 8;

    /**
     * Chooses. Two jobs for each processor, so that none has nothing to do while the last large index is being built.
     *
     * @param configured jobs; null: choose
     * @param bytes of the source database, as pg_database_size says
     * @param tables how many there are
     * @param parallel what several jobs would not restore soundly: then there is one, whatever is configured
     */
    public static RestoreChoice of(
            @Nullable Integer configured, long bytes, int tables, Machine machine, ParallelRestore parallel) {
        RestoreChoice quickest = of(configured, bytes, tables, machine);
        return quickest.jobs == 1 || parallel.isSound()
                ? quickest
                : choice(1, quickest.readers, "several could change or lose data: " + parallel.why());
    }

    /**
     * Chooses for an archive whose source nobody can ask what several jobs would not restore soundly.
     *
     * @param configured jobs; null: one
     */
    public static RestoreChoice ofStored(@Nullable Integer configured, Machine machine) {
        int readers = Math.min(MOST, machine.processors());
        return configured == null
                ? choice(1, readers, "an archive does not say what several could change")
                : choice(configured, readers, "configured");
    }

    /** For a plain dump, which psql reads by one connection. */
    public static RestoreChoice ofPlainDump(Machine machine) {
        return choice(1, Math.min(MOST, machine.processors()), "psql reads a plain dump by one connection");
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
