package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Problems with an existing archive, or with its configuration, are reported with a remedy. */
final class GivenArchiveErrorsIT {

    private static final Programs PROGRAMS = Programs.ofMajor(15);

    private static final String NAME_AN_ARCHIVE =
            "\nName a file or folder that pg_dump wrote: <archive><file>, -Dpgbackup.archive.file. See docs/archives.md#what-is-read.";

    private static final String LOOK_FOR_IT =
            "\nCheck whether the backup was taken, or correct <archive><file>, -Dpgbackup.archive.file.";

    private static final String WHOLE = "\nTake a backup of the whole database, without options that leave parts of it"
            + " out, and name it by <archive><file>, -Dpgbackup.archive.file. See docs/archives.md#what-is-read.";

    @TempDir
    static Path backups;

    @TempDir
    Path directory;

    @BeforeAll
    static void back_up() throws Exception {
        try (ProductionServer production = ProductionServer.start(PROGRAMS.bin())) {
            production.createDatabase("shop");
            production.execute("shop", """
                    create role clerk;
                    create role boss;
                    create schema app;
                    create table app.orders (id int generated always as identity primary key, note text default 'new');
                    insert into app.orders (note) select md5(i::text) from generate_series(1, 100) i;
                    create table app.lines (id int references app.orders, amount int check (amount > 0));
                    insert into app.lines select i, i from generate_series(1, 50) i;
                    create index lines_amount on app.lines (amount);
                    create materialized view app.sums as select sum(amount) from app.lines;
                    create function app.twice(int) returns int language sql as 'select $1 * 2';
                    create sequence app.numbers;
                    select setval('app.numbers', 42);
                    alter table app.orders enable row level security;
                    create policy own on app.orders to clerk using (note = current_user);
                    grant select on app.orders to clerk;
                    alter table app.lines owner to boss;
                    grant usage on schema app to boss;
                    select lo_from_bytea(900, 'large');
                    """);
            Archives archives = new Archives(PROGRAMS.bin(), production);
            archives.dump("shop", backups.resolve("shop.dump"), "-Fc");
            archives.dump("shop", backups.resolve("data.dump"), "-Fc", "--data-only");
            archives.dump("shop", backups.resolve("schema.dump"), "-Fc", "--schema-only");
            archives.dump("shop", backups.resolve("section.dump"), "-Fc", "--section=post-data");
            archives.dump("shop", backups.resolve("table.dump"), "-Fc", "--table=app.orders");
            archives.dump("shop", backups.resolve("without.dump"), "-Fc", "--exclude-table-data=app.lines");
            archives.globals(backups.resolve("globals.sql"));
        }
    }

    private VerificationRun run(Object archive) {
        return VerificationRun.ofArchive(archive, "shop", directory);
    }

    private static String failures(VerificationReport report) {
        return report.problemText()
                + report.failedChecks().stream().map(Check::sentence).collect(Collectors.joining("\n"));
    }

    @Test
    void a_missing_file_is_reported() {
        Path nowhere = backups.resolve("nowhere.dump");
        assertThat(run(nowhere).run().problemText())
                .isEqualTo("The archive " + nowhere + " does not exist." + LOOK_FOR_IT);
        assertThat(run(backups + "/*.nowhere").run().problemText())
                .isEqualTo("No file matches the pattern " + backups + "/*.nowhere." + LOOK_FOR_IT);
    }

    @Test
    void a_file_that_is_not_an_archive_is_described() throws Exception {
        Path text = Files.writeString(directory.resolve("text"), "Dear DBA");
        Path folder = Files.createDirectory(directory.resolve("folder"));

        assertThat(run(text).run().problemText())
                .isEqualTo("The file " + text + " is not a pg_dump archive: it begins with 44 65 61 72 20 44 42 41"
                        + " (hexadecimal). Expected the custom, directory, tar or plain format, uncompressed or compressed with gzip,"
                        + " xz, bzip2, zstd or lz4." + NAME_AN_ARCHIVE);
        assertThat(run(Files.writeString(directory.resolve("empty"), "")).run().problemText())
                .startsWith("The archive " + directory.resolve("empty") + " is empty.\n");
        assertThat(run(folder).run().problemText())
                .isEqualTo("The folder " + folder + " contains no archive of pg_dump, and is not one itself."
                        + NAME_AN_ARCHIVE);
    }

    @Test
    void a_partial_dump_is_not_a_backup() {
        assertThat(run(backups.resolve("data.dump")).run().problemText())
                .isEqualTo(
                        "The archive " + backups.resolve("data.dump") + " holds only rows, without the definitions of"
                                + " their tables (pg_dump --data-only)." + WHOLE);
        assertThat(run(backups.resolve("schema.dump")).run().problemText())
                .isEqualTo("The archive " + backups.resolve("schema.dump")
                        + " holds only definitions, without any rows (pg_dump --schema-only)." + WHOLE);
        assertThat(run(backups.resolve("section.dump")).run().problemText())
                .isEqualTo("The archive " + backups.resolve("section.dump")
                        + " holds only a part of a database (pg_dump --section)." + WHOLE);
    }

    @Test
    void a_table_without_its_schema_fails() {
        VerificationReport report = run(backups.resolve("table.dump")).run();

        assertThat(report.verdict()).as(report.problemText()).isEqualTo(Verdict.FAIL);
        assertThat(failures(report)).contains("comparison: TABLE app.orders: ", "comparison: TABLE DATA app.orders: ");
    }

    @Test
    void a_wrong_hash_is_reported_wherever_it_is_configured() throws Exception {
        Path archive = Files.copy(backups.resolve("shop.dump"), directory.resolve("copy.dump"));
        String zeros = "0".repeat(64);

        VerificationReport report = run(archive).with("archive.sha256", zeros).run();
        assertThat(report.problemText())
                .startsWith("The archive " + archive + " does not have the SHA-256 in <archive><sha256>: expected "
                        + zeros + ", actual "
                        + report.acquired().archive().orElseThrow().sha256() + ".\n");

        Path beside = Files.writeString(directory.resolve("copy.dump.sha256"), zeros + "  copy.dump\n");
        assertThat(run(archive).run().problemText())
                .startsWith("The archive " + archive + " does not have the SHA-256 in " + beside + ": ");
        Files.writeString(beside, "no hash\n");
        assertThat(run(archive).run().problemText())
                .startsWith("The file " + beside + " does not begin with a SHA-256, as sha256sum writes it.\n");
    }

    @Test
    void another_database_and_another_version_are_reported() {
        VerificationReport report = run(backups.resolve("shop.dump"))
                .with("identity.database", "directus")
                .with("identity.serverVersion", "[17,)")
                .run();

        assertThat(report.problemText())
                .startsWith("The archive " + backups.resolve("shop.dump") + " is not a backup of the expected database:"
                        + " identity: database is `shop`, expected `directus`; identity: server version is `15.");
    }

    @Test
    void an_archive_that_is_too_old_fails() throws Exception {
        byte[] bytes = Files.readAllBytes(backups.resolve("shop.dump"));
        // The year minus 1900 is the sixth integer (a sign and four bytes) after those of the compression.
        int year = 11 + 5 + 5 * 5 + 1;
        assertThat(bytes[year]).isGreaterThan((byte) 125);
        bytes[year]--;
        Path old = Files.write(directory.resolve("old.dump"), bytes);

        VerificationReport report = run(old).with("archive.maximumAge", "P1D").run();

        assertThat(report.verdict()).as(report.problemText()).isEqualTo(Verdict.FAIL);
        assertThat(failures(report))
                .startsWith("archive: age, by the archive's header: expected at most 1 d, actual 365 d")
                .doesNotContain("\n");
        assertThat(failures(run(backups.resolve("shop.dump"))
                        .with("archive.maximumAge", "P1D")
                        .run()))
                .isEmpty();
    }

    @Test
    void a_file_without_roles_is_reported_and_a_missing_role_fails() throws Exception {
        Path none = Files.writeString(directory.resolve("none.sql"), "-- nothing\n");
        assertThat(run(backups.resolve("shop.dump"))
                        .with("archive.roles", none.toString())
                        .run()
                        .problemText())
                .startsWith("The file " + none + " creates no role.\n");

        Path some = Files.writeString(directory.resolve("some.sql"), "CREATE ROLE clerk;\n");
        VerificationReport report = run(backups.resolve("shop.dump"))
                .with("archive.roles", some.toString())
                .run();
        assertThat(report.verdict()).as(report.problemText()).isEqualTo(Verdict.FAIL);
        assertThat(failures(report)).contains("TABLE app.lines").contains("role \"boss\" does not exist");

        assertThat(failures(run(backups.resolve("shop.dump"))
                        .with("archive.roles", backups.resolve("globals.sql").toString())
                        .run()))
                .isEmpty();
    }

    @Test
    void the_newest_of_several_matches_is_verified() throws Exception {
        Path old = Files.copy(backups.resolve("shop.dump"), directory.resolve("shop-1.dump"));
        Path newest = Files.copy(backups.resolve("shop.dump"), directory.resolve("shop-0.dump"));
        Files.setLastModifiedTime(old, FileTime.fromMillis(1_000_000_000_000L));
        Files.createSymbolicLink(directory.resolve("shop-latest.dump"), old);
        Files.writeString(directory.resolve("notes.txt"), "no archive");

        VerificationReport report = run(directory + "/shop-*.dump").run();
        assertThat(failures(report)).isEmpty();
        assertThat(report.acquired().archive().orElseThrow().path())
                .isEqualTo(newest.toRealPath().toString());
        assertThat(report.acquired().given().orElseThrow().found())
                .isEqualTo("the newest of 2 that match " + directory + "/shop-*.dump");

        Files.delete(old);
        assertThat(run(directory + "/shop-*[0-9].dump")
                        .run()
                        .acquired()
                        .given()
                        .orElseThrow()
                        .found())
                .isEqualTo("the only match of " + directory + "/shop-*[0-9].dump");
        assertThat(run(directory).run().acquired().given().orElseThrow().found())
                .isEqualTo("the only archive in " + directory);
    }

    @Test
    void rows_that_were_left_out_are_reported_and_do_not_fail() {
        VerificationReport report = run(backups.resolve("without.dump")).run();

        assertThat(failures(report)).isEmpty();
        assertThat(report.checked().comparison().orElseThrow().notes())
                .contains("The archive holds no rows of app.lines: it was taken without their rows.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "drop table app.lines cascade | TABLE app.lines",
                "delete from app.orders where id > 90; | TABLE DATA app.orders",
                "insert into app.lines values (60, 1) | TABLE DATA app.lines",
                "drop policy own on app.orders | POLICY app.orders own",
                "alter table app.orders disable row level security | ROW SECURITY app.orders",
                "drop index app.lines_amount | INDEX app.lines_amount",
                "drop function app.twice | FUNCTION app.twice(integer)",
                "alter table app.lines drop constraint lines_id_fkey | FK CONSTRAINT app.lines lines_id_fkey",
                "select setval('app.numbers', 41) | SEQUENCE SET app.numbers",
                "refresh materialized view app.sums with no data | MATERIALIZED VIEW DATA app.sums",
                "select lo_unlink(900) | LARGE OBJECTS",
            })
    void a_loss_during_the_restore_fails(String loss, String object) throws IOException {
        VerificationReport report = run(backups.resolve("shop.dump"))
                .with("restore.jobs", "1")
                .onRestored(session -> session.execute(loss))
                .run();

        assertThat(report.verdict()).as(report.problemText()).isEqualTo(Verdict.FAIL);
        assertThat(report.failedChecks()).extracting(Check::name).contains(object);
    }

    @Test
    void the_archive_is_not_changed() throws Exception {
        Path archive = Files.copy(backups.resolve("shop.dump"), directory.resolve("mine.dump"));
        Path packed = Archives.pack(archive, ".gz", "gzip", "-c");
        List<Path> mine = List.of(archive, packed);
        List<byte[]> before = List.of(Files.readAllBytes(archive), Files.readAllBytes(packed));
        FileTime modified = FileTime.fromMillis(1_700_000_000_000L);
        for (Path each : mine) {
            Files.setLastModifiedTime(each, modified);
            assertThat(failures(run(each).run())).isEmpty();
        }
        for (int i = 0; i < mine.size(); i++) {
            assertThat(mine.get(i)).hasBinaryContent(before.get(i));
            assertThat(Files.getLastModifiedTime(mine.get(i))).isEqualTo(modified);
        }
    }
}
