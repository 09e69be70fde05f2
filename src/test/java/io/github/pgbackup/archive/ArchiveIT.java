package io.github.pgbackup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.archive.ArchiveData.ColumnObservations;
import io.github.pgbackup.archive.ArchiveData.ColumnQuestion;
import io.github.pgbackup.archive.ArchiveData.TableObservations;
import io.github.pgbackup.archive.ArchiveData.TableQuestion;
import io.github.pgbackup.postgres.Installation;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ArchiveIT {

    private static final String ODD_TABLE = "Order\n\"Items\".%ü";

    @AutoClose
    static final ProductionServer PRODUCTION = ProductionServer.start();

    @TempDir
    Path directory;

    @BeforeAll
    static void a_shop() {
        PRODUCTION.createDatabase("shop");
        PRODUCTION.execute("shop", """
                create role reader login password 'secret';
                create schema app;
                create table app.orders (
                    id integer primary key,
                    "unit price" numeric(10,2) not null default 0,
                    note text,
                    total numeric generated always as ("unit price" * 2) stored);
                insert into app.orders
                    select i, i % 7, case i % 3 when 0 then null when 1 then 'draft' else E'tab\\tnl\\nback\\\\slash' || i end
                    from generate_series(1, 1000) i;
                create table public."Order
                ""Items"".%ü" ("ID" serial primary key, "a.b ""c""
                d" text);
                insert into public."Order
                ""Items"".%ü" ("a.b ""c""
                d") values ('ü'), (null), ('ü');
                create table public.nothing ();
                insert into public.nothing default values;
                create table public.empty (id integer);
                create table public.parts (id integer, kind text) partition by list (kind);
                create table public.parts_a partition of public.parts for values in ('a');
                create table public.parts_b partition of public.parts for values in ('b');
                insert into public.parts select i, case when i <= 30 then 'a' else 'b' end from generate_series(1, 50) i;
                create function public.f() returns text language sql
                    as 'select ''99; 1259 16385 TABLE public not_a_table postgres''';
                """);
    }

    @ParameterizedTest
    @CsvSource({"CUSTOM, gzip:6, 1", "CUSTOM, none, 1", "DIRECTORY, gzip:1, 2", "DIRECTORY, none, 1"})
    void an_archive_is_taken_pinned_and_read(ArchiveFormat format, String compression, int jobs) throws Exception {
        AtomicLong bytes = new AtomicLong();
        Archive archive = dump(format, compression, jobs, bytes::set);

        assertThat(archive.format()).isEqualTo(format);
        assertThat(archive.contents().compression())
                .isEqualTo(compression.equals("none") ? Compression.Method.NONE : Compression.Method.GZIP);
        assertThat(archive.contents().databaseName()).isEqualTo("shop");
        assertThat(archive.contents().entries()).hasSize(entriesByPgRestore(archive));
        assertThat(archive.contents().entries())
                .extracting(Entry::object)
                .contains("TABLE public." + ODD_TABLE, "TABLE app.orders", "FUNCTION public.f()");
        assertThat(archive.verifyUnchanged()).isEmpty();
        assertThat(archive.size()).isPositive();
        if (archive.format() == ArchiveFormat.CUSTOM) {
            byte[] file = Files.readAllBytes(archive.path());
            assertThat(archive.sha256()).isEqualTo(sha256(file));
            assertThat(archive.size()).isEqualTo(file.length);
            assertThat(bytes).hasValue(file.length);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(archive.path())))
                    .isEqualTo("rw-------");
        } else {
            StringBuilder listing = new StringBuilder();
            archive.members().forEach((name, member) -> listing.append(member.sha256() + "  " + name + "\n"));
            assertThat(archive.sha256()).isEqualTo(sha256(listing.toString().getBytes(StandardCharsets.UTF_8)));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(archive.path())))
                    .isEqualTo("rwx------");
        }
    }

    @ParameterizedTest
    @CsvSource({"CUSTOM, gzip:6", "DIRECTORY, none"})
    void the_archives_own_data_gives_the_observations_of_the_source(ArchiveFormat format, String compression)
            throws Exception {
        Archive archive = dump(format, compression, 1, bytes -> {});

        List<TableObservations> observations = new ArchiveData(client(), archive)
                .observations(List.of(
                        new TableQuestion(
                                data(archive, "orders"),
                                List.of(
                                        new ColumnQuestion("note", Set.of("draft", "tab\tnl\nback\\slash2"), true),
                                        new ColumnQuestion("unit price", Set.of("6.00"), true),
                                        new ColumnQuestion("total", Set.of(), false))),
                        new TableQuestion(
                                data(archive, ODD_TABLE),
                                List.of(new ColumnQuestion("a.b \"c\"\nd", Set.of("ü"), true))),
                        new TableQuestion(data(archive, "nothing"), List.of()),
                        new TableQuestion(
                                data(archive, "empty"), List.of(new ColumnQuestion("id", Set.of("1"), false))),
                        new TableQuestion(
                                List.of(
                                        data(archive, "parts_a").get(0),
                                        data(archive, "parts_b").get(0)),
                                List.of(new ColumnQuestion("kind", Set.of("a"), true)))));

        long nulls = number("select count(*) from app.orders where note is null");
        long sixes = number("select count(*) from app.orders where \"unit price\" = 6");
        long drafts = number("select count(*) from app.orders where note = 'draft'");
        assertThat(observations)
                .containsExactly(
                        new TableObservations(
                                1000,
                                Map.of(
                                        "note",
                                        new ColumnObservations(
                                                nulls,
                                                Map.of("draft", drafts, "tab\tnl\nback\\slash2", 1L),
                                                1000 - nulls - drafts - 1,
                                                OptionalLong.of(number("select count(distinct note) from app.orders"))),
                                        "unit price",
                                        new ColumnObservations(
                                                0, Map.of("6.00", sixes), 1000 - sixes, OptionalLong.of(7)))),
                        new TableObservations(
                                3,
                                Map.of(
                                        "a.b \"c\"\nd",
                                        new ColumnObservations(1, Map.of("ü", 2L), 0, OptionalLong.of(1)))),
                        new TableObservations(1, Map.of()),
                        new TableObservations(
                                0, Map.of("id", new ColumnObservations(0, Map.of("1", 0L), 0, OptionalLong.empty()))),
                        new TableObservations(
                                50,
                                Map.of("kind", new ColumnObservations(0, Map.of("a", 30L), 20, OptionalLong.of(2)))));
    }

    @ParameterizedTest
    @CsvSource({"CUSTOM, none", "DIRECTORY, none"})
    void one_flipped_byte_is_found(ArchiveFormat format, String compression) throws Exception {
        Archive archive = dump(format, compression, 1, bytes -> {});
        Path file = archive.path();
        if (format == ArchiveFormat.DIRECTORY) {
            file = file.resolve(data(archive, "orders").get(0).dataFile());
        }
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(bytes.length() / 2);
            int before = bytes.read();
            bytes.seek(bytes.length() / 2);
            bytes.write(before ^ 1);
        }

        String expected = format == ArchiveFormat.CUSTOM
                ? archive.sha256()
                : archive.members().get(file.getFileName().toString()).sha256();
        assertThat(archive.verifyUnchanged())
                .hasValue("The archive " + file + " is not what pg_dump wrote: expected SHA-256 " + expected
                        + ", actual " + sha256(Files.readAllBytes(file)) + ".");
    }

    @Test
    void a_change_after_hashing_is_found_without_reading_an_untouched_archive() throws Exception {
        Archive archive = dump(ArchiveFormat.DIRECTORY, "none", 1, bytes -> {});
        assertThat(archive.verifyUntouched()).isEmpty();

        Path member = archive.path()
                .resolve(String.valueOf(data(archive, "orders").get(0).dataFile()));
        FileTime written = Files.getLastModifiedTime(member);
        byte[] bytes = Files.readAllBytes(member);
        bytes[bytes.length / 2] ^= 1;
        Thread.sleep(20); // longer than the resolution of the times of files
        Files.write(member, bytes);
        Files.setLastModifiedTime(member, written);
        assertThat(archive.verifyUntouched())
                .isEqualTo(archive.verifyUnchanged())
                .isPresent();

        bytes[bytes.length / 2] ^= 1;
        Files.write(member, bytes);
        assertThat(archive.verifyUntouched()).isEmpty();
        Path extra = Files.writeString(archive.path().resolve("zzz"), "x");
        assertThat(archive.verifyUntouched())
                .isEqualTo(archive.verifyUnchanged())
                .isPresent();
        Files.delete(extra);
        Files.delete(member);
        assertThat(archive.verifyUntouched())
                .isEqualTo(archive.verifyUnchanged())
                .isPresent();
    }

    @Test
    void a_missing_or_additional_member_is_found() throws Exception {
        Archive archive = dump(ArchiveFormat.DIRECTORY, "none", 1, bytes -> {});
        Path extra = Files.writeString(archive.path().resolve("zzz"), "x");
        assertThat(archive.verifyUnchanged())
                .hasValue(
                        "The archive " + archive.path() + " has a member that pg_dump did not write: zzz with SHA-256 "
                                + sha256("x".getBytes(StandardCharsets.UTF_8)) + ".");
        Files.delete(extra);

        Path member = archive.path()
                .resolve(String.valueOf(data(archive, "orders").get(0).dataFile()));
        Files.delete(member);
        assertThat(archive.verifyUnchanged())
                .hasValue("The archive's member " + member + " is gone; expected SHA-256 "
                        + archive.members().get(member.getFileName().toString()).sha256() + ".");
    }

    @Test
    void an_emptied_member_holds_no_complete_data() throws Exception {
        Archive archive = dump(ArchiveFormat.DIRECTORY, "none", 1, bytes -> {});
        Entry orders = data(archive, "orders").get(0);
        Files.write(archive.path().resolve(String.valueOf(orders.dataFile())), new byte[0]);

        assertThatThrownBy(() -> new ArchiveData(client(), archive)
                        .observations(List.of(new TableQuestion(List.of(orders), List.of()))))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage("The archive's data for TABLE DATA app.orders has no end."
                        + " Take the backup again; the archive is not complete.");
    }

    @Test
    void a_truncated_archive_holds_no_complete_data() throws Exception {
        Archive archive = dump(ArchiveFormat.CUSTOM, "none", 1, bytes -> {});
        try (RandomAccessFile bytes = new RandomAccessFile(archive.path().toFile(), "rw")) {
            bytes.setLength(bytes.length() / 2);
        }
        assertThatThrownBy(() -> new ArchiveData(client(), archive)
                        .observations(List.of(new TableQuestion(data(archive, "orders"), List.of()))))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessageContaining("cannot read the rows in the archive " + archive.path());
    }

    @Test
    void a_role_that_may_not_read_a_table_is_reported_and_nothing_remains() {
        Map<String, String> connection = connection();
        connection.put("PGUSER", "reader");
        connection.put("PGPASSWORD", "secret");
        assertFails(connection, "The source's role has no right to read ");
    }

    @Test
    void a_wrong_password_is_reported() {
        Map<String, String> connection = connection();
        connection.put("PGPASSWORD", "canary");
        assertFails(connection, "The server refused the source's role or password. ");
    }

    @Test
    void a_missing_snapshot_is_reported() {
        assertThatThrownBy(() -> new PgDump(
                                client(),
                                connection(),
                                "00000003-00000001-1",
                                ArchiveFormat.CUSTOM,
                                Compression.parse("none"),
                                1,
                                Duration.ofSeconds(1))
                        .run(directory.resolve("shop.dump"), directory.resolve("pg_dump.log"), bytes -> {}, line -> {}))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessageStartingWith(
                        "The server that pg_dump reached does not know the snapshot that was exported for it. ");
    }

    @Test
    void a_locked_table_is_reported() throws Exception {
        try (Connection migration = PRODUCTION.connect("shop")) {
            migration.setAutoCommit(false);
            migration.createStatement().execute("lock table app.orders in access exclusive mode");
            assertFails(connection(), "pg_dump waited for a lock on a table longer than <lockWaitTimeout> allows. ");
        }
    }

    private void assertFails(Map<String, String> connection, String fact) {
        for (ArchiveFormat format : ArchiveFormat.values()) {
            Path target = directory.resolve("shop." + format);
            assertThatThrownBy(() -> dump(connection, format, "none", 1, target, bytes -> {}))
                    .isInstanceOf(CannotVerifyException.class)
                    .hasMessageStartingWith(fact)
                    .hasMessageNotContainingAny("canary", "secret");
            assertThat(target).doesNotExist();
            assertThat(directory.resolve("pg_dump.log")).exists();
        }
    }

    private Archive dump(ArchiveFormat format, String compression, int jobs, LongConsumer bytes) throws Exception {
        return dump(connection(), format, compression, jobs, directory.resolve("shop." + format), bytes);
    }

    private Archive dump(
            Map<String, String> connection,
            ArchiveFormat format,
            String compression,
            int jobs,
            Path target,
            LongConsumer bytes)
            throws SQLException, InterruptedException {
        try (Connection exporting = PRODUCTION.connect("shop")) {
            exporting.setAutoCommit(false);
            exporting.createStatement().execute("set transaction isolation level repeatable read, read only");
            String snapshot;
            try (var rows = exporting.createStatement().executeQuery("select pg_export_snapshot()")) {
                rows.next();
                snapshot = rows.getString(1);
            }
            return new PgDump(
                            client(),
                            connection,
                            snapshot,
                            format,
                            Compression.parse(compression),
                            jobs,
                            Duration.ofMillis(300))
                    .run(target, directory.resolve("pg_dump.log"), bytes, line -> {});
        }
    }

    private static Installation client() {
        return new Installation(
                PRODUCTION.bin(), PostgresVersion.parse(PRODUCTION.query("postgres", "show server_version")));
    }

    private static Map<String, String> connection() {
        return new HashMap<>(Map.of(
                "PGHOST", PRODUCTION.host(),
                "PGPORT", Integer.toString(PRODUCTION.port()),
                "PGDATABASE", "shop",
                "PGUSER", PRODUCTION.superuser(),
                "PGPASSWORD", PRODUCTION.password()));
    }

    private static long number(String sql) {
        return Long.parseLong(PRODUCTION.query("shop", sql));
    }

    private static List<Entry> data(Archive archive, String table) {
        List<Entry> data = new ArrayList<>(archive.contents().entries());
        data.removeIf(entry -> !entry.isTableData() || !entry.tag().equals(table));
        assertThat(data).hasSize(1);
        return data;
    }

    /** The number in a comment of pg_restore's list; lines cannot be counted, because names may contain line feeds. */
    private static int entriesByPgRestore(Archive archive) throws IOException {
        Process process = new ProcessBuilder(
                        PRODUCTION.bin().resolve("pg_restore").toString(),
                        "--list",
                        archive.path().toString())
                .start();
        String list = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String prefix = ";     TOC Entries: ";
        try (Stream<String> lines = list.lines()) {
            return Integer.parseInt(lines.filter(line -> line.startsWith(prefix))
                    .findFirst()
                    .orElseThrow()
                    .substring(prefix.length()));
        }
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
