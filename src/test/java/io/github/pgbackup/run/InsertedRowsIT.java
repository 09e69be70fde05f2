package io.github.pgbackup.run;

import static io.github.pgbackup.run.VerificationRun.assertPassed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Archives whose rows are INSERT commands, as pg_dump writes them with --inserts and similar options. */
final class InsertedRowsIT {

    private static final Programs PROGRAMS = Programs.ofMajor(15);

    private static final String SECRET = "canary-5512";

    @TempDir
    static Path backups;

    @TempDir
    Path directory;

    @BeforeAll
    static void back_up() throws Exception {
        try (ProductionServer production = ProductionServer.start(PROGRAMS.bin())) {
            production.createDatabase("shop");
            production.execute("shop", """
                    alter database shop set standard_conforming_strings = off;
                    create table orders (id int generated always as identity primary key, note text, doubled int
                        generated always as (1) stored);
                    insert into orders (note) select E'canary-5512 ''), (\\\\; VALUES (\n-- Data for Name: x; Type: TABLE DATA;'
                        || ' Schema: public; Owner: y' || i || E'\n' from generate_series(1, 2000) i;
                    create table "odd (VALUES" (") VALUES (" bytea, b bit(3), n numeric, nothing text);
                    insert into "odd (VALUES" values ('\\x0027', B'101', 'NaN', null), (null, null, -1.5, E'\\\\'');');
                    create table empty (id int);
                    create table no_columns ();
                    insert into no_columns select from generate_series(1, 5);
                    create table measured (at int) partition by range (at);
                    create table measured_1 partition of measured for values from (0) to (10);
                    create table measured_2 partition of measured for values from (10) to (20);
                    insert into measured select generate_series(0, 19);
                    """);
            production.createDatabase("refused");
            production.execute("refused", """
                    create function allowed(id int) returns boolean language sql as 'select true';
                    create table checked (id int primary key check (public.allowed(id)), note text);
                    insert into checked select i, 'canary-5512 ' || i from generate_series(1, 3) i;
                    create or replace function allowed(id int) returns boolean language sql as 'select id <> 2';
                    """);
            Archives archives = new Archives(PROGRAMS.bin(), production);
            for (String format : List.of("custom", "directory", "tar", "plain")) {
                for (String option : List.of("--inserts", "--column-inserts", "--rows-per-insert=300")) {
                    archives.dump("shop", archive("shop", format, option), "--create", "--format=" + format, option);
                }
                archives.dump(
                        "refused",
                        archive("refused", format, "--inserts"),
                        "--create",
                        "--format=" + format,
                        "--inserts");
            }
            archives.dump(
                    "refused",
                    archive("refused", "custom", "--rows-per-insert=2"),
                    "--format=custom",
                    "--rows-per-insert=2");
        }
    }

    private static Path archive(String database, String format, String option) {
        return backups.resolve(database + "-" + format + option);
    }

    private VerificationRun run(Path archive, String database) {
        return VerificationRun.ofArchive(archive, database, directory).with("identity.database", database);
    }

    @ParameterizedTest
    @CsvSource({
        "custom, --inserts",
        "custom, --rows-per-insert=300",
        "directory, --column-inserts",
        "tar, --rows-per-insert=300",
        "plain, --inserts",
        "plain, --column-inserts",
        "plain, --rows-per-insert=300"
    })
    void the_rows_are_counted_in_the_archive_and_compared(String format, String option) {
        VerificationReport report = run(archive("shop", format, option), "shop").run();

        assertPassed(report);
        assertThat(report.checked().tableRows())
                .extracting(VerificationReport.TableRows::table, VerificationReport.TableRows::source)
                .containsExactlyInAnyOrder(
                        tuple("public.orders", Optional.of(2000L)),
                        tuple("public.odd (VALUES", Optional.of(2L)),
                        tuple("public.empty", Optional.of(0L)),
                        tuple("public.no_columns", Optional.of(5L)),
                        tuple("public.measured_1", Optional.of(10L)),
                        tuple("public.measured_2", Optional.of(10L)));
    }

    @ParameterizedTest
    @CsvSource({"custom, --rows-per-insert=300", "plain, --inserts"})
    void a_lost_row_is_found(String format, String option) {
        VerificationReport report = run(archive("shop", format, option), "shop")
                .onRestored(session -> session.execute("delete from orders where id = 1000"))
                .run();

        assertThat(report.failedChecks())
                .extracting(Check::sentence)
                .containsExactly(
                        "comparison: TABLE DATA public.orders: expected 2000 rows, as in the archive, actual 1999 rows.");
    }

    @ParameterizedTest
    @CsvSource({"custom, --inserts", "custom, --rows-per-insert=2", "tar, --inserts", "plain, --inserts"})
    void a_refused_row_is_a_failure_and_its_values_appear_nowhere(String format, String option) throws Exception {
        VerificationReport report =
                run(archive("refused", format, option), "refused").run();

        assertThat(report.verdict()).as(report.problemText()).isEqualTo(Verdict.FAIL);
        assertThat(report.failedChecks())
                .extracting(Check::sentence)
                .contains("comparison: TABLE DATA public.checked: expected 3 rows, as in the archive, actual "
                        + (option.endsWith("2") ? "1 row." : "2 rows."));
        assertThat(report.restored().errors().toString()).contains("violates check constraint");
        assertThat(FilesWith.text(SECRET, directory)).isEmpty();
    }
}
