package io.github.pgbackup.run;

import static io.github.pgbackup.run.VerificationRun.assertPassed;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The output of pg_dumpall before PostgreSQL 12, which has no heading for each database. The files are written by hand after
 * the sources of pg_dumpall 9.6, 10 and 11.
 */
final class OldClusterDumpIT {

    private static final String WHOLE = "The file creates the database separately from its dump, so the"
            + " database's owner, locale, settings and privileges were not verified. pg_dumpall of PostgreSQL 11 or newer"
            + " writes them together with the dump.";

    @TempDir
    private Path directory;

    private static String text(String version) throws IOException {
        try (InputStream in = OldClusterDumpIT.class.getResourceAsStream("/archive/pg_dumpall-" + version + ".sql")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private VerificationRun run(String text, String database) throws IOException {
        return VerificationRun.ofArchive(Files.writeString(directory.resolve("all.sql"), text), database, directory)
                .with("identity.database", database);
    }

    @ParameterizedTest
    @CsvSource({
        "9.6,shop,1,3",
        "9.6,postgres,0,0",
        "10,archive,1,1",
        "10,shop of Zürich's,1,2",
        "11,shop,1,3",
        "11,crm,1,1"
    })
    void each_database_passes_by_its_name(String version, String database, int tables, int rows) throws Exception {
        VerificationRun run = run(text(version), database);
        if (tables == 0) {
            run.expect("extension", "plpgsql");
        }

        VerificationReport report = run.run();

        assertPassed(report);
        assertThat(report.checked().comparison().orElseThrow().tables()).isEqualTo(tables);
        assertThat(report.checked().comparison().orElseThrow().rows()).isEqualTo(rows);
        assertThat(report.acquired().given().orElseThrow().database()).isEqualTo(database);
        assertThat(report.acquired().given().orElseThrow().form()).isEqualTo("plain (pg_dumpall)");
        assertThat(report.outcome().warnings().contains(WHOLE)).isEqualTo(!version.equals("11"));
    }

    @Test
    void the_other_databases_are_named() throws Exception {
        assertThat(run(text("9.6"), "shop").run().acquired().doesNotContain())
                .containsExactly("Other databases. These are in the file and were not verified here: postgres.");
        assertThat(run(text("11"), "shop").run().acquired().doesNotContain())
                .containsExactly("Other databases. These are in the file and were not verified here: crm, postgres.");
        assertThat(run(text("10"), "shop").run().problemText())
                .contains(
                        " holds the databases archive, postgres, shop of Zürich's, template1; the database 'shop' is not"
                                + " among them.");
    }

    @Test
    void a_loss_during_the_restore_fails() throws Exception {
        for (String version : List.of("9.6", "11")) {
            assertThat(run(text(version), "shop")
                            .onRestored(session -> session.execute("delete from public.orders where id = 3"))
                            .run()
                            .verdict())
                    .isEqualTo(Verdict.FAIL);
        }
    }

    @Test
    void the_roles_come_from_the_file() throws Exception {
        VerificationReport report = run(text("9.6"), "shop").run();

        assertPassed(report);
        assertThat(report.restored().errors()).isEmpty();
        assertThat(report.acquired().doesNotContain()).noneMatch(each -> each.startsWith("Roles"));
    }
}
