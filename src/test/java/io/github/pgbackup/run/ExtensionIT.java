package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.TestAbortedException;

/**
 * Sound backups of databases that use extensions of Debian's packages, with objects and rows of the extension's own: its
 * configuration tables, types, operator classes and privileges.
 */
final class ExtensionIT {

    @TempDir
    private Path directory;

    /**
     * A database of {@code corpus/extensions}.
     *
     * @param major the PostgreSQL that Debian's package is for
     * @param preloaded the required {@code shared_preload_libraries}, or empty
     */
    record Database(String name, int major, String preloaded, List<String> extensions) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Database> databases() {
        return Stream.of(
                new Database("contrib", 15, "", List.of("hstore", "citext", "pg_trgm", "ltree", "uuid-ossp")),
                new Database("postgis", 15, "", List.of("postgis", "postgis_topology", "postgis_raster")),
                new Database("pgvector", 18, "", List.of("vector")),
                new Database("pg_partman", 15, "", List.of("pg_partman")),
                new Database("pgq", 15, "", List.of("pgq")),
                new Database("pg_cron", 15, "pg_cron", List.of("pg_cron")),
                new Database("pgaudit", 15, "pgaudit", List.of("pgaudit")),
                new Database("pglogical", 15, "pglogical", List.of("pglogical")),
                new Database("pgl_ddl_deploy", 15, "pglogical", List.of("pglogical", "pgl_ddl_deploy")));
    }

    @ParameterizedTest
    @MethodSource("databases")
    void a_sound_backup_of_a_database_with_the_extension_passes(Database database) throws Exception {
        Programs programs = Programs.ofMajor(database.major());
        requireExtensions(programs, database.extensions());
        String preload = "shared_preload_libraries=" + database.preloaded();
        try (ProductionServer production = ProductionServer.start(
                programs.bin(),
                "postgres",
                "wal_level=logical",
                preload,
                "cron.database_name=used",
                "cron.launch_active_jobs=off")) {
            production.createDatabase("used");
            production.execute("used", sql(database.name()));

            VerificationReport report = VerificationRun.of(production, "used", directory)
                    .with("comparison", "content")
                    .run();

            BackupVerificationIT.assertPassed(report);
            assertThat(report.checked().comparison().orElseThrow().rows()).isPositive();

            Path archive = new Archives(programs.bin(), production).dump("used", directory.resolve("used.dump"), "-Fc");
            BackupVerificationIT.assertPassed(
                    VerificationRun.ofArchive(archive, "used", directory).run());
        }
    }

    /** {@code .ci/run} installs them; a machine without them skips the test. */
    private static void requireExtensions(Programs programs, List<String> extensions) {
        List<String> missing = extensions.stream()
                .filter(extension -> !isInstalled(programs, extension))
                .toList();
        if (!missing.isEmpty()) {
            String message = programs + " lacks the extensions " + String.join(", ", missing) + "; see .ci/run.";
            throw "true".equals(System.getenv("CI"))
                    ? new IllegalStateException(message)
                    : new TestAbortedException(message);
        }
    }

    private static boolean isInstalled(Programs programs, String extension) {
        // The layout that pg_config --sharedir reports: lib/postgresql/<major>/bin has share/postgresql/<major>.
        Path bin = realPath(programs.bin());
        Path usr = bin.getParent().getParent().getParent().getParent();
        return Files.exists(
                usr.resolve("share/postgresql/" + programs.major() + "/extension/" + extension + ".control"));
    }

    private static Path realPath(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sql(String name) {
        try (InputStream resource =
                ExtensionIT.class.getClassLoader().getResourceAsStream("corpus/extensions/" + name + ".sql")) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
