package io.github.pgbackup.run;

import static io.github.pgbackup.run.VerificationRun.assertPassed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.archive.StoredArchive;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The output of pg_dumpall, of which one database is verified. */
final class ClusterDumpIT {

    private static final Programs PROGRAMS = Programs.ofMajor(15);

    @TempDir
    static Path backups;

    @TempDir
    Path directory;

    @BeforeAll
    static void back_up() throws Exception {
        dump(PROGRAMS, backups.resolve("all.sql"));
    }

    private static void dump(Programs programs, Path target) throws Exception {
        try (ProductionServer production = ProductionServer.start(programs.bin())) {
            production.execute("postgres", "create role app login password 'secret'");
            production.createDatabase("shop");
            production.execute("shop", """
                    create table orders (id int primary key, note text);
                    insert into orders select i, E'\n--\n-- Database "crm" dump\n--\n' from generate_series(1, 50) i;
                    alter table orders owner to app;
                    comment on table orders is E'two\n-- PostgreSQL database cluster dump complete\nlines';
                    """);
            production.execute(
                    "postgres",
                    "create database archive encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'");
            production.execute("archive", "create table \"straße\" as select 'ü' as a");
            production.createDatabase("shop of Zürich");
            production.execute("shop of Zürich", "create table \"straße\" as select 'ü' as a");
            production.execute("postgres", "create table of_operators as select 1 as id");
            new Archives(programs.bin(), production).all(target);
        }
    }

    private VerificationRun run(Path dump) {
        return VerificationRun.ofArchive(dump, "shop", directory);
    }

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#clients")
    void each_database_passes_by_its_name(Programs programs) throws Exception {
        Path all = directory.resolve("all.sql");
        dump(programs, all);

        for (String database : List.of("shop", "archive", "shop of Zürich", "postgres")) {
            VerificationReport report = VerificationRun.ofArchive(all, database, directory)
                    .with("identity.database", database)
                    .run();

            assertPassed(report);
            assertThat(report.checked().comparison().orElseThrow().tables()).isOne();
            assertThat(report.acquired().given().orElseThrow().database()).isEqualTo(database);
            assertThat(report.acquired().given().orElseThrow().form()).isEqualTo("plain (pg_dumpall)");
            assertThat(report.checks()).extracting(Check::name).contains("database");
        }
    }

    @Test
    void the_roles_come_from_the_file_and_the_other_databases_are_named() throws Exception {
        Path packed = Archives.pack(backups.resolve("all.sql"), ".zst", "zstd", "-c");

        VerificationReport report =
                run(packed).with("identity.database", "shop").run();

        assertPassed(report);
        assertThat(report.acquired().given().orElseThrow().form()).isEqualTo("plain (pg_dumpall) in zstd");
        assertThat(report.acquired().doesNotContain())
                .containsExactly("Other databases. These are in the file and were not verified here: archive, postgres,"
                        + " shop of Zürich.");
        assertThat(report.restored().errors()).isEmpty();
    }

    @Test
    void one_of_several_databases_must_be_named() {
        Path all = backups.resolve("all.sql");
        String remedy = "\nName the database to verify: <identity><database>, -Dpgbackup.identity.database. Verify"
                + " each of the others in an execution of its own. See docs/archives.md#pg_dumpall.";

        assertThat(run(all).run().problemText())
                .isEqualTo("The output of pg_dumpall in " + all
                        + " holds the databases template1, archive, postgres, shop, shop of Zürich; no setting says which"
                        + " one to verify." + remedy);
        assertThat(run(all).with("identity.database", "crm").run().problemText())
                .isEqualTo("The output of pg_dumpall in " + all
                        + " holds the databases template1, archive, postgres, shop, shop of Zürich; the database 'crm' is not"
                        + " among them." + remedy);
    }

    @Test
    void roles_alone_are_not_a_backup() throws Exception {
        Path roles = directory.resolve("roles.sql");
        String all = Files.readString(backups.resolve("all.sql"), StandardCharsets.ISO_8859_1);
        Files.writeString(
                roles,
                all.substring(0, all.indexOf("--\n-- Databases"))
                        + "--\n-- PostgreSQL database cluster dump complete\n--\n");

        assertThat(run(roles).run().problemText())
                .startsWith("The file " + roles
                        + " holds no database, only roles and tablespaces from pg_dumpall (--globals-only or"
                        + " --roles-only).\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 30, 50, 70, 90, 99})
    void a_dump_truncated_anywhere_is_damaged(int percent) throws Exception {
        byte[] whole = Files.readAllBytes(backups.resolve("all.sql"));
        Path cut = Files.write(directory.resolve("cut.sql"), Arrays.copyOf(whole, whole.length * percent / 100));

        VerificationReport report = run(cut).with("identity.database", "shop").run();

        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
    }

    @Test
    void a_missing_end_of_a_database_in_the_middle_is_damage() throws Exception {
        String all = Files.readString(backups.resolve("all.sql"), StandardCharsets.ISO_8859_1);
        String marker = "-- PostgreSQL database dump complete\n";
        int second = all.indexOf(marker, all.indexOf(marker) + 1);
        Path dump = Files.writeString(
                directory.resolve("lost.sql"),
                all.substring(0, second) + all.substring(second + marker.length()),
                StandardCharsets.ISO_8859_1);

        VerificationReport report = run(dump).with("identity.database", "shop").run();

        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.problemText()).contains(" is damaged: ");
    }

    /** The database is extracted after the file was hashed. */
    @Test
    void a_file_that_changes_while_a_database_is_extracted_is_noticed() throws Exception {
        Path all = Files.copy(backups.resolve("all.sql"), directory.resolve("all.sql"));
        Path unpacked = Files.createDirectory(directory.resolve("unpacked"));

        assertThatThrownBy(() -> StoredArchive.read(all, unpacked.resolve("archive"), Optional.of("shop"), () -> {
                    if (Files.exists(unpacked.resolve("database.sql"))) {
                        append(all);
                    }
                    return false;
                }))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessageStartingWith("The archive " + all + " changed while it was read. ");
    }

    private static void append(Path file) {
        try {
            Files.writeString(file, "--\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_psql_command_between_the_databases_is_refused() throws Exception {
        String all = Files.readString(backups.resolve("all.sql"), StandardCharsets.ISO_8859_1);
        int at = all.indexOf("--\n-- Database \"shop\" dump");
        Path dump = Files.writeString(
                directory.resolve("hostile.sql"),
                all.substring(0, at) + "\\! touch /tmp/owned\n" + all.substring(at),
                StandardCharsets.ISO_8859_1);

        assertThat(run(dump).with("identity.database", "shop").run().problemText())
                .contains("holds a psql command (a backslash outside of quotes) that pg_dump does not write");
    }
}
