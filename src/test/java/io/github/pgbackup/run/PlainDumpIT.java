package io.github.pgbackup.run;

import static io.github.pgbackup.run.VerificationRun.assertPassed;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plain dumps: scripts for psql, with everything that a script can do. */
final class PlainDumpIT {

    private static final Programs PROGRAMS = Programs.ofMajor(15);

    private static final String SECRET = "canary-7731";

    @TempDir
    static Path backups;

    @TempDir
    Path directory;

    @BeforeAll
    static void back_up() throws Exception {
        try (ProductionServer production = ProductionServer.start(PROGRAMS.bin())) {
            production.createDatabase("shop");
            production.execute("shop", """
                    create table orders (id int primary key, note text not null);
                    insert into orders select i, 'canary-7731 \\ ' || i || E'\\n;\\t--' from generate_series(1, 2000) i;
                    create function greet() returns text language sql as $_$select '\\! no command; $$ /* '::text$_$;
                    create view noted as select id, E'it''s \\\\ "' || note as note from orders;
                    comment on view noted is E'-- Name: x; Type: TABLE; Schema: public; Owner: y\\n\\\\! of two lines';
                    create sequence numbers; select setval('numbers', 42);
                    select lo_from_bytea(900, 'large');
                    """);
            Archives archives = new Archives(PROGRAMS.bin(), production);
            archives.dump("shop", backups.resolve("shop.sql"));
            archives.dump("shop", backups.resolve("created.sql"), "--create", "--verbose");
            archives.dump("shop", backups.resolve("data.sql"), "--data-only");
            archives.all(backups.resolve("all.sql"));
        }
    }

    private VerificationRun run(Path dump) {
        return VerificationRun.ofArchive(dump, "shop", directory).with("identity.database", "shop");
    }

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#clients")
    void one_of_every_kind_of_object_passes(Programs programs) throws Exception {
        try (ProductionServer production = OddDatabase.server(programs)) {
            OddDatabase.create(production, "odd", programs.major());
            Archives archives = new Archives(programs.bin(), production);
            Path created = archives.dump("odd", directory.resolve("created.sql"), "--create");
            Path globals = archives.globals(directory.resolve("globals.sql"));

            assertPassed(VerificationRun.ofArchive(created, "odd", directory)
                    .with("archive.roles", globals.toString())
                    .with("identity.database", "odd")
                    .run());
        }
    }

    @Test
    void the_report_describes_the_dump_and_its_restore() {
        VerificationReport report = run(backups.resolve("created.sql")).run();

        assertPassed(report);
        assertThat(report.acquired().given().orElseThrow().form()).isEqualTo("plain");
        assertThat(report.restored().command()).startsWith("psql");
        assertThat(report.checked().comparison().orElseThrow().rows()).isEqualTo(2000);
        assertThat(report.outcome().warnings())
                .filteredOn(warning -> !warning.contains("lack security fixes"))
                .containsExactly(
                        "A changed value in this archive would not be noticed: rows that are not compressed have"
                                + " no checksums, and no SHA-256 was given. Write one when you take the backup (sha256sum FILE >"
                                + " FILE.sha256); the plugin finds it next to the archive.");
    }

    @Test
    void a_dump_without_create_is_restored_into_a_database_with_the_expected_name() throws Exception {
        VerificationReport report = run(Archives.pack(backups.resolve("shop.sql"), ".gz", "gzip", "-c"))
                .run();

        assertPassed(report);
        assertThat(report.acquired().given().orElseThrow().form()).isEqualTo("plain in gzip");
        assertThat(report.checks()).extracting(Check::group).doesNotContain("identity");
        assertThat(report.outcome().warnings())
                .filteredOn(warning -> !warning.contains("lack security fixes"))
                .containsExactly("The dump does not contain the name, owner, locale, settings and privileges of its"
                        + " database; pg_dump --create writes them.");
    }

    @Test
    void the_age_comes_from_the_dump_or_else_from_its_file() throws Exception {
        FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(3)));
        Path copy = Files.copy(backups.resolve("shop.sql"), directory.resolve("old.sql"));
        Files.setLastModifiedTime(copy, old);
        Path dated = Files.copy(backups.resolve("created.sql"), directory.resolve("dated.sql"));
        Files.setLastModifiedTime(dated, old);

        assertThat(run(copy).with("archive.maximumAge", "P1D").run().failedChecks())
                .extracting(Check::name)
                .containsExactly("age, by the time of the file");
        assertPassed(run(dated).with("archive.maximumAge", "P1D").run());
    }

    @Test
    void an_object_that_is_not_restored_is_a_difference() {
        assertThat(run(backups.resolve("shop.sql"))
                        .onRestored(session -> session.execute(
                                "delete from public.orders where id = 7; drop view public.noted; select lo_unlink(900);"
                                        + " select setval('public.numbers', 1)"))
                        .run()
                        .failedChecks())
                .extracting(Check::sentence)
                .containsExactlyInAnyOrder(
                        "comparison: VIEW public.noted: expected in archive and restored database, actual in the archive only.",
                        "comparison: TABLE DATA public.orders: expected 2000 rows, as in the archive, actual 1999 rows.",
                        "comparison: SEQUENCE SET public.numbers: expected at 42, actual at 1.",
                        "comparison: LARGE OBJECTS: expected 1 large object, as in the archive, actual 0 large objects.");
    }

    /** If pg_dump's closing line is missing, psql reports no error. */
    @ParameterizedTest
    @ValueSource(ints = {1, 10, 50, 90, 99})
    void a_truncated_dump_never_passes(int percent) throws Exception {
        byte[] whole = Files.readAllBytes(backups.resolve("shop.sql"));
        Path cut = Files.write(
                directory.resolve("cut.sql"), Arrays.copyOf(whole, Math.max(400, whole.length * percent / 100)));

        assertThat(run(cut).run().problemText())
                .startsWith("The archive " + cut + " is damaged: it is truncated")
                .endsWith("\nTake the backup again; the archive is not complete.");
    }

    @Test
    void a_dump_without_its_last_line_or_the_end_of_its_rows_is_truncated() throws Exception {
        String whole = Files.readString(backups.resolve("shop.sql"));
        Path noEnd = Files.writeString(
                directory.resolve("no-end.sql"),
                whole.substring(0, whole.indexOf("-- PostgreSQL database dump complete")));
        Path inRows = Files.writeString(directory.resolve("in-rows.sql"), whole.substring(0, whole.indexOf("\n\\.\n")));
        int rows = whole.substring(0, whole.indexOf("FROM stdin;\n")).split("\n", -1).length + 1;

        assertThat(run(noEnd).run().problemText())
                .startsWith(
                        "The archive " + noEnd + " is damaged: it is truncated: its closing line is missing (PostgreSQL"
                                + " database dump complete); its last line is line ");
        assertThat(run(inRows).run().problemText())
                .startsWith("The archive " + inRows + " is damaged: it is truncated within the rows that begin in line "
                        + rows + ".\n");
    }

    static Stream<String> commands_of_psql() {
        return Stream.of(
                "\\! touch MARKER\n",
                "\\i MARKER\n",
                "\\copy orders from program 'touch MARKER'\n",
                "select 1 \\! touch MARKER\n",
                "select 1 \\g | touch MARKER\n",
                "\\connect \"host=elsewhere\"\n",
                "\\connect - - elsewhere\n",
                "\\o | touch MARKER\n",
                "COPY public.orders (id, note) FROM stdin;\n\\! touch MARKER\n\\.\n",
                "COPY public.orders (id, note) FROM stdin;\n9000\tx\\! touch MARKER\n\\.\n",
                "COPY public.orders (id, note) FROM stdin;\n\\. \\! touch MARKER\n",
                "select 'x' -- comment\n\\! touch MARKER\n");
    }

    @ParameterizedTest
    @MethodSource("commands_of_psql")
    void a_psql_command_that_pg_dump_never_writes_is_refused_before_anything_runs(String command) throws Exception {
        Path marker = directory.resolve("marker");
        String whole = Files.readString(backups.resolve("shop.sql"));
        int at = whole.indexOf("--\n-- Name: noted; Type: VIEW");
        int line = whole.substring(0, at).split("\n", -1).length
                + command.substring(0, command.lastIndexOf('\\', command.length() - 4))
                        .split("\n", -1)
                        .length
                - 1;
        Path hostile = Files.writeString(
                directory.resolve("hostile.sql"),
                whole.substring(0, at) + command.replace("MARKER", marker.toString()) + whole.substring(at));

        VerificationReport report = run(hostile).run();

        assertThat(report.problemText())
                .startsWith("The plain dump " + hostile + " cannot be verified: line " + line
                        + " holds a psql command (a backslash outside of quotes) that pg_dump does not write.\n");
        assertThat(marker).doesNotExist();
        assertThat(report.restored().target()).isEmpty();
    }

    @Test
    void an_error_is_tied_to_its_statement_and_quotes_no_row() throws Exception {
        String broken =
                Files.readString(backups.resolve("shop.sql")).replace("note text NOT NULL", "note missing.type");
        Path dump = Files.writeString(directory.resolve("broken.sql"), broken);

        VerificationReport report = run(dump).run();

        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(report.restored().errors())
                .filteredOn(error -> !error.harmless())
                .extracting(error -> error.entry() + ": " + error.message())
                .contains(
                        "TABLE public.orders: schema \"missing\" does not exist at character 64",
                        "TABLE DATA public.orders: relation \"public.orders\" does not exist");
        assertThat(report.failedChecks())
                .extracting(Check::name)
                .contains("TABLE public.orders", "TABLE DATA public.orders", "VIEW public.noted");
        assertThat(FilesWith.text(SECRET, directory.resolve("verify-backup"))).isEmpty();
    }

    @Test
    void a_dump_of_several_databases_or_none_is_refused() throws Exception {
        Path twice = Files.write(
                directory.resolve("twice.sql"),
                List.of(Files.readString(backups.resolve("shop.sql")), Files.readString(backups.resolve("shop.sql"))));

        assertThat(run(twice).run().problemText())
                .contains("follows the end of the dump: the file holds more than one database.\n");
        assertThat(run(backups.resolve("data.sql")).run().problemText())
                .startsWith("The archive " + backups.resolve("data.sql") + " holds only rows, without the definitions");
    }

    @Test
    void the_dump_is_also_restored_in_a_container() {
        assertPassed(run(backups.resolve("created.sql"))
                .with("restore.engine", "container")
                .run());
    }
}
