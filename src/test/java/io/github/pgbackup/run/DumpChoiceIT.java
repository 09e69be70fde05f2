package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Machine;
import io.github.pgbackup.archive.ArchiveFormat;
import io.github.pgbackup.archive.Compression;
import io.github.pgbackup.archive.Rate;
import io.github.pgbackup.backup.dump.DumpChoice;
import io.github.pgbackup.plan.KeepArchive;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.Installation;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queries the capabilities of real programs. */
final class DumpChoiceIT {

    private static final long SMALL = 12_000_000;
    private static final long LARGE = 1_400_000_000;
    private static final Machine MACHINE = new Machine(2, 3 * LARGE);

    @TempDir
    Path directory;

    @Test
    void a_large_database_is_dumped_with_several_jobs() throws Exception {
        assertThat(choose(15, backup(null, null, null), LARGE, 4, 2).why())
                .isEqualTo("format directory, 2 jobs (1,400 MB), gzip:1 (fast and small)");
    }

    @Test
    void a_small_database_is_dumped_with_one_job() throws Exception {
        assertThat(choose(15, backup(null, null, null), SMALL, 4, 2).why())
                .isEqualTo("format custom, 1 job (12 MB), gzip:1 (fast and small)");
    }

    @Test
    void no_more_jobs_than_tables_processors_and_four() throws Exception {
        assertThat(choose(15, backup(null, null, null), LARGE, 1, 8).jobs()).isEqualTo(1);
        assertThat(choose(15, backup(null, null, null), LARGE, 3, 8).jobs()).isEqualTo(3);
        assertThat(choose(15, backup(null, null, null), LARGE, 9, 1).jobs()).isEqualTo(1);
        assertThat(choose(15, backup(null, null, null), LARGE, 9, 64).jobs()).isEqualTo(4);
    }

    @Test
    void the_reason_for_one_job_is_named() throws Exception {
        assertThat(choose(15, backup(null, null, null), LARGE, 1, 8).why())
                .isEqualTo("format custom, 1 job (1 table), gzip:1 (fast and small)");
        assertThat(choose(15, backup(null, null, null), LARGE, 9, 1).why())
                .isEqualTo("format custom, 1 job (1 processor), gzip:1 (fast and small)");
    }

    @Test
    void several_jobs_do_not_fill_the_lock_table() throws Exception {
        assertThat(DumpChoice.of(backup(null, null, null), installation(15), LARGE, 5000, false, false, MACHINE)
                        .why())
                .isEqualTo("format custom, 1 job (not enough locks for 5000 tables), gzip:1 (fast and small)");
    }

    @Test
    void the_configuration_takes_precedence() throws Exception {
        assertThat(choose(15, backup(ArchiveFormat.CUSTOM, "gzip:9", null), LARGE, 4, 2)
                        .why())
                .isEqualTo("format custom, 1 job (configured), gzip:9 (configured)");
        assertThat(choose(15, backup(ArchiveFormat.DIRECTORY, null, null), SMALL, 4, 2)
                        .why())
                .isEqualTo("format directory, 1 job (configured), gzip:1 (fast and small)");
        assertThat(choose(15, backup(null, null, 3), SMALL, 4, 2).why())
                .isEqualTo("format directory, 3 jobs (configured), gzip:1 (fast and small)");
    }

    @Test
    void an_empty_large_object_is_restored_with_the_chosen_format() throws Exception {
        try (ProductionServer production =
                ProductionServer.start(Programs.ofMajor(19).bin())) {
            production.createDatabase("shop");
            production.execute("shop", "create table orders as select 1 as id; select lo_create(900)");

            BackupVerificationIT.assertPassed(VerificationRun.of(production, "shop", directory)
                    .with("backup.format", "directory")
                    .run());
        }
    }

    @Test
    void a_newer_pg_dump_compresses_better() throws Exception {
        assumeTrue(Programs.ofMajor(17).hasClient());

        assertThat(choose(17, backup(null, null, null), SMALL, 4, 2).why())
                .isEqualTo("format custom, 1 job (12 MB), zstd:1 (fast and small)");
    }

    @Test
    void an_archive_that_is_not_kept_need_not_be_small() throws Exception {
        assumeTrue(Programs.ofMajor(17).hasClient());

        assertThat(choose(17, new VerificationPlan.Backup(null, null, null, KeepArchive.NEVER, null, null), SMALL, 4, 2)
                        .why())
                .isEqualTo("format custom, 1 job (12 MB), lz4 (fastest)");
    }

    @Test
    void an_archive_that_fits_in_memory_is_not_compressed_by_gzip() throws Exception {
        assertThat(choose(15, LARGE, true, KeepArchive.ALWAYS, null))
                .isEqualTo("format directory, 2 jobs (1,400 MB), no compression (fits in memory)");
        assertThat(choose(15, LARGE + 1, true, KeepArchive.ALWAYS, null))
                .isEqualTo("format directory, 2 jobs (1,400 MB), gzip:1 (fast and small)");
        assertThat(choose(15, LARGE, true, KeepArchive.NEVER, Rate.parse("20 MB/s")))
                .isEqualTo("format custom, 1 job (limited rate), gzip:1 (fastest)");
    }

    @Test
    void an_archive_that_fits_in_memory_is_compressed_by_a_fast_method() throws Exception {
        assumeTrue(Programs.ofMajor(17).hasClient());

        assertThat(choose(17, LARGE, true, KeepArchive.ALWAYS, null))
                .isEqualTo("format directory, 2 jobs (1,400 MB), lz4 (fits in memory)");
    }

    @Test
    void a_throttled_dump_uses_one_stream() throws Exception {
        VerificationPlan.Backup throttled =
                new VerificationPlan.Backup(null, null, null, KeepArchive.ALWAYS, Rate.parse("20 MB/s"), null);

        assertThat(choose(15, throttled, LARGE, 4, 2).why())
                .isEqualTo("format custom, 1 job (limited rate), gzip:1 (fast and small)");
    }

    @Test
    void programs_elsewhere_cannot_write_files_here() throws Exception {
        ClientPrograms elsewhere = new Elsewhere(installation(15));

        assertThat(DumpChoice.of(backup(null, null, null), elsewhere, LARGE, 4, true, false, MACHINE)
                        .why())
                .isEqualTo("format custom, 1 job (pg_dump runs in a container), gzip:1 (fast and small)");
        assertThatThrownBy(() -> DumpChoice.of(backup(null, null, 2), elsewhere, LARGE, 4, true, false, MACHINE))
                .isInstanceOfSatisfying(
                        CannotVerifyException.class,
                        e -> assertThat(e.fact())
                                .isEqualTo(
                                        "The directory format needs a pg_dump on this machine, but the only suitable one is in"
                                                + " a container."));
    }

    private static VerificationPlan.Backup backup(
            @Nullable ArchiveFormat format, @Nullable String compression, @Nullable Integer jobs) {
        return new VerificationPlan.Backup(
                format,
                compression == null ? null : Compression.parse(compression),
                jobs,
                KeepArchive.ALWAYS,
                null,
                null);
    }

    private static DumpChoice choose(int major, VerificationPlan.Backup backup, long bytes, int tables, int processors)
            throws InterruptedException {
        return DumpChoice.of(
                backup, installation(major), bytes, tables, true, false, new Machine(processors, 4 * LARGE));
    }

    private static String choose(int major, long bytes, boolean roomForText, KeepArchive keep, @Nullable Rate rate)
            throws InterruptedException {
        return DumpChoice.of(
                        new VerificationPlan.Backup(null, null, null, keep, rate, null),
                        installation(major),
                        bytes,
                        4,
                        true,
                        roomForText,
                        MACHINE)
                .why();
    }

    private static Installation installation(int major) {
        return new Installation(Programs.ofMajor(major).bin(), PostgresVersion.parse(major + ".0"));
    }

    /** The real programs, presented like those of a container. */
    private record Elsewhere(ClientPrograms here) implements ClientPrograms {

        @Override
        public PostgresVersion version() {
            return here.version();
        }

        @Override
        public String place() {
            return "a container";
        }

        @Override
        public boolean onThisMachine() {
            return false;
        }

        @Override
        public Command command(String program) {
            return here.command(program);
        }

        @Override
        public String pathFor(Path file) {
            return file.toString();
        }
    }
}
