package io.github.pgbackup.run;

import static io.github.pgbackup.run.VerificationRun.assertPassed;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A sound archive with an object of every kind passes, whichever version took it. */
final class OddGivenArchiveIT {

    @TempDir
    Path directory;

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#clients")
    void one_of_every_kind_of_object_passes_with_and_without_a_file_of_roles(Programs programs) throws Exception {
        try (ProductionServer production = OddDatabase.server(programs)) {
            OddDatabase.create(production, "odd", programs.major());
            Archives archives = new Archives(programs.bin(), production);
            Path archive = archives.dump("odd", directory.resolve("odd.dump"), "-Fc");
            Path globals = archives.globals(directory.resolve("globals.sql"));

            assertPassed(VerificationRun.ofArchive(archive, "odd", directory).run());
            assertPassed(VerificationRun.ofArchive(archive, "odd", directory)
                    .with("archive.roles", globals.toString())
                    .run());
        }
    }

    /** A newer pg_dump wrote the archive, or no server of its version is available. */
    @ParameterizedTest
    @ValueSource(ints = {17, 19})
    void an_archive_of_a_newer_pg_dump_is_restored_into_a_server_that_reads_it(int major) throws Exception {
        Programs newer = Programs.ofMajor(major);
        try (ProductionServer production = OddDatabase.server(Programs.ofMajor(13))) {
            OddDatabase.create(production, "odd", 13);
            Archives archives = new Archives(newer.bin(), production);
            for (String format : List.of("-Fc", "-Fd", "-Ft")) {
                Path archive = archives.dump("odd", directory.resolve("odd" + format), format);

                VerificationReport report =
                        VerificationRun.ofArchive(archive, "odd", directory).run();

                assertPassed(report);
                assertThat(report.restored().target().orElseThrow().serverVersion())
                        .startsWith("17.");
                assertThat(report.outcome().warnings())
                        .anySatisfy(warning -> assertThat(warning)
                                .matches("The archive is of PostgreSQL 13\\.\\d+ and was restored into 17: pg_dump "
                                        + major + ".* wrote it, and an older pg_restore cannot read it\\."));
            }
        }
    }
}
