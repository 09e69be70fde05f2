package io.github.pgbackup.run;

import static io.github.pgbackup.run.VerificationRun.assertPassed;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.Sha256;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Archives of parts of a database that form one backup together. */
final class SeveralFilesIT {

    private static final Programs PROGRAMS = Programs.ofMajor(15);

    @TempDir
    static Path backups;

    @TempDir
    Path directory;

    @BeforeAll
    static void back_up() throws Exception {
        try (ProductionServer production = ProductionServer.start(PROGRAMS.bin())) {
            production.execute("postgres", "create role keeper bypassrls");
            // Foreign keys in a cycle, so that no order of the rows satisfies them.
            production.createDatabase("shop");
            production.execute("shop", """
                    create table orders (id int primary key, line int not null);
                    create table lines (id int primary key, of_order int not null references orders);
                    begin;
                    insert into orders select i, i from generate_series(1, 200) i;
                    insert into lines select i, i from generate_series(1, 200) i;
                    commit;
                    alter table orders add foreign key (line) references lines;
                    alter table orders owner to keeper;
                    create function fail() returns trigger language plpgsql as 'begin raise exception ''fired''; end';
                    create trigger fail before insert on lines for each row execute function fail();
                    create sequence numbers; select setval('numbers', 42);
                    create materialized view counted as select count(*) from orders;
                    create index on lines (of_order);
                    select lo_from_bytea(900, 'large');
                    """);
            Archives archives = new Archives(PROGRAMS.bin(), production);
            for (String format : List.of("c", "d", "t", "p")) {
                archives.dump("shop", backups.resolve("schema." + format), "-F" + format, "--schema-only");
                archives.dump(
                        "shop", backups.resolve("data." + format), "-F" + format, "--data-only", "--disable-triggers");
            }
            for (String section : List.of("pre-data", "data", "post-data")) {
                archives.dump("shop", backups.resolve(section), "-Fc", "--section=" + section);
            }
            archives.dump("shop", backups.resolve("whole"), "-Fc");
            archives.globals(backups.resolve("globals.sql"));
            production.execute("postgres", "create database other template shop");
            archives.dump("other", backups.resolve("data-of-other"), "-Fc", "--data-only");
        }
    }

    private VerificationRun run(String... files) {
        return VerificationRun.ofFiles(Stream.of(files).map(backups::resolve).toList(), "shop", directory)
                .with("identity.database", "shop");
    }

    private static VerificationReport assertAllPassed(VerificationReport report) {
        assertPassed(report);
        assertThat(report.checked().comparison().orElseThrow().tables()).isEqualTo(2);
        assertThat(report.checked().comparison().orElseThrow().rows()).isEqualTo(400);
        return report;
    }

    static Stream<List<String>> formats() {
        return Stream.of(
                List.of("schema.c", "data.c"),
                List.of("schema.d", "data.t"),
                List.of("schema.p", "data.p"),
                List.of("schema.p", "data.c"),
                List.of("pre-data", "data", "post-data"),
                List.of("globals.sql", "schema.t", "data.d"));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void definitions_and_rows_make_a_backup_together(List<String> files) {
        VerificationReport report =
                assertAllPassed(run(files.toArray(String[]::new)).run());

        assertThat(report.restored().errors()).isEmpty();
        assertThat(report.acquired().given().orElseThrow().found())
                .isEqualTo(files.stream().map(file -> "found by its name").collect(Collectors.joining("; ")));
    }

    @Test
    void the_report_describes_the_files() throws Exception {
        VerificationReport report =
                assertAllPassed(run("globals.sql", "schema.c", "data.c").run());

        assertThat(report.acquired().archive().orElseThrow().path())
                .isEqualTo(backups.resolve("schema.c").toString());
        assertThat(report.acquired().given().orElseThrow().files())
                .extracting(VerificationReport.GivenFile::path, VerificationReport.GivenFile::form)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                backups.resolve("schema.c").toString(), "custom"),
                        org.assertj.core.groups.Tuple.tuple(
                                backups.resolve("data.c").toString(), "custom"));
        assertThat(report.acquired().archive().orElseThrow().bytes())
                .isEqualTo(Files.size(backups.resolve("schema.c")) + Files.size(backups.resolve("data.c")));
    }

    @Test
    void one_part_alone_is_not_a_backup() {
        assertThat(run("schema.c").run().problemText())
                .contains("holds only definitions, without any rows (pg_dump --schema-only).");
        assertThat(run("data.c").run().problemText()).contains("holds only rows, without the definitions");
        assertThat(run("globals.sql", "data.c").run().problemText())
                .contains("holds only rows, without the definitions");
        assertThat(run("globals.sql", "globals.sql").run().problemText()).contains(" contain only roles, no database.");
    }

    @Test
    void archives_that_do_not_belong_together_are_refused() {
        assertThat(run("schema.c", "data-of-other").run().problemText())
                .isEqualTo("The archives do not belong together: " + backups.resolve("schema.c")
                        + " is of the database shop, " + backups.resolve("data-of-other")
                        + " is of the database other.\nName archives of one database that complete each other, for example"
                        + " one with --schema-only and one with --data-only, in the order in which they are restored:"
                        + " <archive><file>, -Dpgbackup.archive.file. See docs/archives.md#several-files.");
        assertThat(run("whole", "data.c").run().problemText())
                .startsWith("The archives do not belong together: BLOB 900 is both in " + backups.resolve("whole")
                        + " and in " + backups.resolve("data.c") + ".");
    }

    @Test
    void an_error_in_one_of_them_is_tied_to_its_entry() throws Exception {
        Path schema = directory.resolve("schema.sql");
        Files.writeString(
                schema,
                Files.readString(backups.resolve("schema.p")).replace("line integer NOT NULL", "line missing.type"));

        VerificationReport report = VerificationRun.ofFiles(
                        List.of(schema, backups.resolve("data.c")), "shop", directory)
                .with("identity.database", "shop")
                .run();

        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(report.restored().errors())
                .filteredOn(error -> !error.harmless())
                .extracting(error -> error.entry() + ": " + error.message())
                .contains("TABLE public.orders: schema \"missing\" does not exist at character 64")
                .anyMatch(error -> error.startsWith("TABLE DATA public.orders: "));
    }

    @Test
    void each_file_is_pinned_by_its_own_hash() throws Exception {
        Path cut = Files.write(
                directory.resolve("cut"), Arrays.copyOf(Files.readAllBytes(backups.resolve("data.c")), 2_000));
        Path data = Files.copy(backups.resolve("data.c"), directory.resolve("data.c"));
        Files.writeString(directory.resolve("data.c.sha256"), "0".repeat(64));

        assertThat(VerificationRun.ofFiles(List.of(backups.resolve("schema.c"), cut), "shop", directory)
                        .run()
                        .verdict())
                .isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(VerificationRun.ofFiles(List.of(backups.resolve("schema.c"), data), "shop", directory)
                        .run()
                        .problemText())
                .startsWith("The archive " + data + " does not have the SHA-256 in ");
        Path globals = Files.copy(backups.resolve("globals.sql"), directory.resolve("globals.sql"));
        Files.writeString(directory.resolve("globals.sql.sha256"), "0".repeat(64));
        assertThat(VerificationRun.ofFiles(
                                List.of(globals, backups.resolve("schema.c"), backups.resolve("data.c")),
                                "shop",
                                directory)
                        .run()
                        .problemText())
                .startsWith("The archive " + globals + " does not have the SHA-256 in ");
    }

    @Test
    void each_file_may_have_its_hash_in_the_configuration() throws Exception {
        List<String> names = List.of("globals.sql", "schema.c", "data.t");
        List<String> hashes = new ArrayList<>();
        for (String name : names) {
            hashes.add(Sha256.of(backups.resolve(name)));
        }
        VerificationReport report = assertAllPassed(run(names.toArray(String[]::new))
                .with("archive.sha256", String.join(",", hashes))
                .run());
        assertThat(report.checks())
                .extracting(Check::name)
                .contains("SHA-256 of globals.sql", "SHA-256 of schema.c", "SHA-256 of data.t");
        assertThat(report.outcome().warnings()).noneMatch(warning -> warning.contains("would not be noticed"));

        for (int i = 0; i < hashes.size(); i++) {
            List<String> wrong = new ArrayList<>(hashes);
            wrong.set(i, "0".repeat(64));
            assertThat(run(names.toArray(String[]::new))
                            .with("archive.sha256", String.join(",", wrong))
                            .run()
                            .problemText())
                    .startsWith("The archive " + backups.resolve(names.get(i))
                            + " does not have the SHA-256 in <archive><sha256>: expected " + "0".repeat(64) + ", ");
        }
    }

    @Test
    void a_file_that_changes_while_it_is_restored_is_noticed() throws Exception {
        Path data = Files.copy(backups.resolve("data.c"), directory.resolve("data.c"));

        VerificationReport report = VerificationRun.ofFiles(
                        List.of(backups.resolve("schema.c"), data), "shop", directory)
                .at("restore", () -> append(data))
                .run();

        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.problemText()).startsWith("The archive " + data + " is not what pg_dump wrote");
    }

    private static void append(Path file) {
        try {
            Files.write(file, new byte[1], java.nio.file.StandardOpenOption.APPEND);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
