package io.github.pgbackup.backup.dump;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Machine;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.ArchiveFormat;
import io.github.pgbackup.archive.Compression;
import io.github.pgbackup.archive.PgDump;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.text.Counted;
import java.util.List;
import java.util.Locale;

/**
 * How to take the archive: as configured, and otherwise in the fastest way.
 *
 * @param jobs connections that pg_dump reads tables by; more than one only in the directory format
 * @param why a line for the log
 */
public record DumpChoice(ArchiveFormat format, Compression compression, int jobs, String why) {

    /**
     * The size of a database, in bytes, from which several jobs are worth their cost: connections, and a file for each
     * table.
     */
    private static final long WORTH_SEVERAL_JOBS = 100_000_000;

    /**
     * The page cache has room for the archive and the restored database if the database is at most this part of the
     * memory: without compression, the archive is as large as the tables without their indexes.
     */
    private static final int PART_OF_MEMORY = 3;

    /**
     * pg_dump writes an empty large object as an empty file. pg_restore 19rc1 takes an empty file that lz4 or zstd
     * should have written for a truncated one.
     */
    private static final int FIRST_WITHOUT_EMPTY_MEMBERS = 19;

    /** Maximum number of jobs, because production has other work to do. */
    private static final int MOST_JOBS = 4;

    /**
     * Chooses format, compression and jobs. In the directory format pg_dump writes the files itself, so it has to run
     * on this machine, and its rate cannot be limited.
     *
     * @param bytes of the database, as pg_database_size says
     * @param tables how many there are to dump
     * @param roomForLocks whether several jobs would not fill the server's lock table
     * @param roomForText whether the disks would have room for an archive without compression, too
     * @throws CannotVerifyException when the directory format is asked for and pg_dump is elsewhere
     */
    public static DumpChoice of(
            VerificationPlan.Backup backup,
            ClientPrograms client,
            long bytes,
            int tables,
            boolean roomForLocks,
            boolean roomForText,
            Machine machine)
            throws InterruptedException {
        String size = size(bytes);
        int most = Math.min(Math.min(machine.processors(), MOST_JOBS), tables);
        String whyOne = whyOneJob(backup, client, bytes, tables, roomForLocks, machine);
        ArchiveFormat format = backup.format();
        Integer configured = backup.jobs();
        int jobs = configured != null ? configured : format == ArchiveFormat.CUSTOM || !whyOne.isEmpty() ? 1 : most;
        String why = format != null || configured != null ? "configured" : whyOne.isEmpty() ? size : whyOne;
        if (format == null) {
            format = jobs > 1 ? ArchiveFormat.DIRECTORY : ArchiveFormat.CUSTOM;
        }
        if (format == ArchiveFormat.DIRECTORY && !client.onThisMachine()) {
            throw new CannotVerifyException(
                    "The directory format needs a pg_dump on this machine, but the only suitable one is in "
                            + client.place() + ".",
                    Remedy.DUMP_IN_THE_CUSTOM_FORMAT);
        }
        Compression compression = backup.compression();
        String because = "configured";
        if (compression == null) {
            // A maximum rate counts the archive's bytes.
            boolean mayBeLarge =
                    backup.maximumRate() == null && roomForText && bytes <= machine.memory() / PART_OF_MEMORY;
            compression = compression(client, format, backup.leavesNoArchive(), mayBeLarge);
            because = mayBeLarge ? "fits in memory" : backup.leavesNoArchive() ? "fastest" : "fast and small";
        }
        return new DumpChoice(
                format,
                compression,
                jobs,
                "format " + format + ", " + Counted.of(jobs, "job") + " (" + why + "), "
                        + (compression.method() == Compression.Method.NONE ? "no compression" : compression) + " ("
                        + because + ")");
    }

    private static String size(long bytes) {
        return String.format(Locale.ROOT, "%,d MB", bytes / 1_000_000);
    }

    /** Why one job is best; empty if several are. */
    private static String whyOneJob(
            VerificationPlan.Backup backup,
            ClientPrograms client,
            long bytes,
            int tables,
            boolean roomForLocks,
            Machine machine) {
        if (!client.onThisMachine()) {
            return "pg_dump runs in a container";
        }
        if (backup.maximumRate() != null) {
            return "limited rate";
        }
        if (bytes < WORTH_SEVERAL_JOBS) {
            return size(bytes);
        }
        if (tables < 2 || machine.processors() < 2) {
            return tables < 2 ? Counted.of(tables, "table") : Counted.of(machine.processors(), "processor");
        }
        return roomForLocks ? "" : "not enough locks for " + Counted.of(tables, "table");
    }

    /**
     * Chooses no or little compression for an archive that is deleted after the restore, or that stays in the page
     * cache until it is restored. zstd writes less than gzip in half the time; lz4 writes more than gzip in a third of
     * the time, which is as fast as no compression (docs/performance.md).
     */
    private static Compression compression(
            ClientPrograms client, ArchiveFormat format, boolean leavesNoArchive, boolean mayBeLarge)
            throws InterruptedException {
        List<String> methods = mayBeLarge || leavesNoArchive ? List.of("lz4", "zstd:1") : List.of("zstd:1");
        if (format == ArchiveFormat.DIRECTORY && client.version().major() >= FIRST_WITHOUT_EMPTY_MEMBERS) {
            methods = List.of();
        }
        for (String method : methods) {
            Compression compression = Compression.parse(method);
            if (PgDump.knows(client, compression)) {
                return compression;
            }
        }
        return Compression.parse(mayBeLarge ? "none" : "gzip:1");
    }
}
