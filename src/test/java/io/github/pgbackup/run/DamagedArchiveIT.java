package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Archives that differ from pg_dump's output: truncated, flipped, swapped or replaced. The SHA-256 shows damage after
 * pg_dump has finished; the restored database must show damage before that.
 */
final class DamagedArchiveIT {

    private static final Programs PROGRAMS = Programs.majors()
            .filter(Programs::hasClient)
            .reduce((older, newer) -> newer)
            .orElseGet(Programs::newest);

    @AutoClose
    static final ProductionServer PRODUCTION = ProductionServer.start(PROGRAMS.bin());

    private static final List<String> COMPRESSIONS =
            PROGRAMS.major() < 16 ? List.of("none", "gzip:1") : List.of("none", "gzip:1", "lz4", "zstd");

    private static final int PLACES = 20;
    private static final Score SCORE = new Score("Damaged archives");

    @TempDir
    static Path directory;

    private static int runs;

    /** Nearly all of the archive consists of rows, which no fast compression makes much shorter. */
    @BeforeAll
    static void create_a_shop_and_its_older_backups() throws Exception {
        PRODUCTION.createDatabase("shop");
        PRODUCTION.execute("shop", """
                create role clerk;
                create table orders (id int primary key, note text, amount numeric);
                insert into orders select i, md5(i::text) || md5((-i)::text), i / 7.0 from generate_series(1, 4000) i;
                create table customers (id int primary key, name text);
                insert into customers select i, md5((i * 13)::text) from generate_series(1, 500) i;
                create view names as select name from customers;
                create sequence numbers;
                select nextval('numbers'), nextval('numbers'), lo_from_bytea(900, 'large');
                alter table customers enable row level security;
                create policy own on customers to clerk using (name = current_user);
                grant select on orders to clerk;
                comment on table orders is 'what was sold';
                """);
        PRODUCTION.createDatabase("empty");
        PRODUCTION.createDatabase("other");
        PRODUCTION.execute("other", "create table things (a int); insert into things values (1)");
        backUp("shop", "yesterday");
        backUp("empty", "empty");
        backUp("other", "other");
        PRODUCTION.execute("shop", "update orders set note = 'returned' where id = 77");
    }

    @AfterAll
    static void score() {
        SCORE.print();
    }

    // ---- after pg_dump has finished ----

    @Test
    void damage_after_the_dump_is_found_by_the_checksum() throws Exception {
        Map<String, VerificationRun.Sabotage<Path>> damages = new LinkedHashMap<>();
        Stream.of(0.0, 0.01, 0.5, 0.9, 0.99)
                .forEach(share -> damages.put("cut to " + share, file -> write(file, bytes -> (int) (bytes * share))));
        damages.put("cut by one byte", file -> write(file, bytes -> bytes - 1));
        damages.put("a byte more", file -> Files.writeString(file, "x", StandardOpenOption.APPEND));
        damages.put("deleted", Files::delete);
        IntStream.range(0, PLACES).forEach(place -> damages.put("flipped at " + place, file -> flip(file, place)));

        List<Callable<List<String>>> verifications = new ArrayList<>();
        damages.forEach((name, damage) -> {
            // The checksum does not depend on format or compression, so each damage is tested with only one of them.
            int number = verifications.size();
            String format = number % 2 == 0 ? "custom" : "directory";
            String compression = COMPRESSIONS.get(number / 2 % COMPRESSIONS.size());
            verifications.add(() -> {
                VerificationReport report = verification(format, compression)
                        .onArchive(archive -> damage.act(format.equals("custom") ? archive : largestMember(archive)))
                        .run();
                boolean noticed = report.verdict() == Verdict.NOT_VERIFIED
                        && report.failedChecks().stream()
                                .anyMatch(check -> check.name().equals("SHA-256 before the restore"));
                return counted("after the dump", noticed, String.join(", ", name, format, compression), report);
            });
        });
        assertNone(Score.complaints(verifications));
    }

    // ---- before ----

    /** Damage to the archive's only file or to one of its members, made by the client's shell functions. */
    private record Damage(String kind, String format, String compression, String script, List<String> named) {}

    private static Stream<Damage> cuts() {
        List<String> lengths = List.of("0", "size / 100", "size / 2", "size * 9 / 10", "size * 99 / 100", "size - 1");
        return Stream.concat(
                COMPRESSIONS.stream()
                        .flatMap(compression -> lengths.stream()
                                .map(length -> damage(
                                        "cut",
                                        "custom",
                                        compression,
                                        "size=$(size $archive); cut_to $archive $((%s))".formatted(length)))),
                // No row is lost with the last byte of a member: it is of gzip's checksum, or a line's end after all
                // rows.
                Stream.of("$(largest 1)", "$(largest 2)", "toc.dat")
                        .flatMap(member -> lengths.stream()
                                .map(length -> damage(
                                        "cut",
                                        "directory",
                                        COMPRESSIONS.get((lengths.indexOf(length) + 3) % COMPRESSIONS.size()),
                                        "file=$archive/%s; size=$(size $file); cut_to $file $((%s))"
                                                .formatted(
                                                        member,
                                                        member.equals("toc.dat")
                                                                ? length
                                                                : length.replace("size - 1", "size - 20"))))));
    }

    private static Stream<Damage> flips() {
        return COMPRESSIONS.stream()
                .flatMap(compression -> IntStream.range(0, PLACES)
                        .mapToObj(place -> damage(
                                "flip",
                                place % 4 == 3 ? "directory" : "custom",
                                compression,
                                ("if [ -d $archive ]; then file=$archive/$(largest 1); else file=$archive; fi;"
                                                + " flip $file $(($(size $file) * %d / %d))")
                                        .formatted(2 * place + 1, 2 * PLACES))));
    }

    private static Stream<Damage> replacements() {
        return Stream.of(
                damage("replaced", "custom", "none", "cp %s/yesterday.dump $archive", "TABLE DATA public.orders"),
                damage("replaced", "custom", "none", "cp %s/empty.dump $archive"),
                damage("replaced", "custom", "none", "cp %s/other.dump $archive"),
                damage(
                        "replaced",
                        "directory",
                        "none",
                        "rm -r $archive; cp -r %s/yesterday.dir $archive",
                        "TABLE DATA public.orders"),
                damage("replaced", "directory", "none", "rm -r $archive; cp -r %s/other.dir $archive"),
                damage(
                        "replaced",
                        "directory",
                        "none",
                        "cp %s/yesterday.dir/$(largest 1) $archive/$(largest 1)",
                        "TABLE DATA public.orders"),
                damage("replaced", "directory", "none", "rm $archive/$(largest 1)", "TABLE DATA public.orders"),
                damage("replaced", "directory", "none", "rm $archive/$(largest 2)", "TABLE DATA public.customers"),
                damage("replaced", "directory", "none", ": >$archive/$(largest 1)", "TABLE DATA public.orders"),
                damage("replaced", "directory", "gzip:1", ": >$archive/$(largest 1)", "TABLE DATA public.orders"),
                damage("replaced", "directory", "none", "rm $archive/blob*"),
                damage("replaced", "directory", "none", "rm $archive/toc.dat"),
                damage(
                        "replaced",
                        "directory",
                        "none",
                        "a=$(largest 1); b=$(largest 2); mv $archive/$a $archive/c; mv $archive/$b $archive/$a; mv $archive/c $archive/$b",
                        "TABLE DATA public.orders",
                        "TABLE DATA public.customers"));
    }

    /** A pg_dump with options that leave something out. */
    private static Stream<Damage> omissions() {
        return Stream.of(
                omission("--schema-only", "TABLE DATA public.orders", "TABLE DATA public.customers"),
                omission("--data-only"),
                omission("--section=pre-data", "TABLE DATA public.orders"),
                omission("--exclude-table=orders", "TABLE DATA public.orders"),
                omission("--exclude-table-data=customers", "TABLE DATA public.customers"),
                omission("--no-blobs", "LARGE OBJECTS"),
                omission("--schema=none_such"));
    }

    private static Damage omission(String option, String... named) {
        return new Damage("left out", "custom", "gzip:1", "dump \"$@\" " + option, List.of(named));
    }

    private static Damage damage(String kind, String format, String compression, String script, String... named) {
        return new Damage(
                kind,
                format,
                compression,
                "dump \"$@\" || exit\n" + script.replace("%s", directory.toString()),
                List.of(named));
    }

    @Test
    void damage_before_hashing_is_found_after_the_restore() throws Exception {
        List<Callable<List<String>>> verifications = new ArrayList<>();
        Stream.of(cuts(), flips(), replacements(), omissions())
                .flatMap(damages -> damages)
                .forEach(damage -> verifications.add(() -> damaged(damage)));
        assertNone(Score.complaints(verifications));
    }

    private static List<String> damaged(Damage damage) throws IOException {
        VerificationReport report = verification(damage.format(), damage.compression())
                .client(DamagingClient.make(nextDirectory(), PROGRAMS, damage.script()))
                .run();
        String words = report.problemText()
                + report.failedChecks().stream().map(Check::sentence).collect(Collectors.joining("\n"));
        boolean noticed = report.verdict() != Verdict.PASS
                && !words.contains("defect of the plugin")
                && (report.verdict() == Verdict.NOT_VERIFIED
                        || damage.named().stream().allMatch(words::contains));
        return counted("before the hash: " + damage.kind(), noticed, damage.toString(), report);
    }

    /** The control: without it, the score would be meaningless. */
    @Test
    void a_client_that_damages_nothing_passes() throws Exception {
        for (String format : List.of("custom", "directory")) {
            for (String compression : COMPRESSIONS) {
                BackupVerificationIT.assertPassed(verification(format, compression)
                        .client(DamagingClient.make(nextDirectory(), PROGRAMS, "dump \"$@\""))
                        .run());
            }
        }
    }

    /** The reason for {@code content}. */
    @Test
    void a_changed_value_is_found_by_content_and_not_by_row_count() throws Exception {
        Path client =
                DamagingClient.make(nextDirectory(), PROGRAMS, "dump \"$@\"; sed -i s/returned/retorned/ $archive");

        VerificationReport rows = verification("custom", "none")
                .with("comparison", "rows")
                .client(client)
                .run();
        VerificationReport content =
                verification("custom", "none").client(client).run();

        BackupVerificationIT.assertPassed(rows);
        assertThat(content.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(content.failedChecks().get(0).name()).isEqualTo("TABLE DATA public.orders");
    }

    // ---- the parts ----

    private static VerificationRun verification(String format, String compression) {
        return VerificationRun.of(PRODUCTION, "shop", nextDirectory())
                .with("comparison", "content")
                .with("backup.format", format)
                .with("backup.compression", compression)
                .with("restore.jobs", "1"); // several jobs would restore a second time what differs
    }

    private static synchronized Path nextDirectory() {
        return directory.resolve("run" + runs++);
    }

    private static void backUp(String database, String name) throws IOException, InterruptedException {
        for (String format : List.of("custom", "directory")) {
            ProcessBuilder pgDump = new ProcessBuilder(
                    PROGRAMS.bin().resolve("pg_dump").toString(),
                    "--format=" + format,
                    "--compress=0",
                    "--file=" + directory.resolve(name + (format.equals("custom") ? ".dump" : ".dir")),
                    "--host=" + PRODUCTION.host(),
                    "--port=" + PRODUCTION.port(),
                    "--username=" + PRODUCTION.superuser(),
                    database);
            pgDump.environment().put("PGPASSWORD", PRODUCTION.password());
            assertThat(pgDump.inheritIO().start().waitFor()).isZero();
        }
    }

    private static List<String> counted(String kind, boolean noticed, String name, VerificationReport report) {
        SCORE.count(kind, noticed);
        return noticed
                ? List.of()
                : List.of(name + ": " + report.verdict() + " "
                        + report.acquired().archive().orElseThrow()
                        + report.restored().restore().orElseThrow()
                        + report.problemText()
                        + report.failedChecks().stream().map(Check::sentence).toList());
    }

    private static void assertNone(List<String> complaints) {
        assertThat(String.join("\n", complaints)).isEmpty();
    }

    private static Path largestMember(Path archive) throws IOException {
        try (Stream<Path> members = Files.list(archive)) {
            return members.filter(member -> !member.endsWith("toc.dat"))
                    .max(Comparator.comparingLong(member -> member.toFile().length()))
                    .orElseThrow();
        }
    }

    private interface Length {
        int of(int bytes);
    }

    private static void write(Path file, Length length) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, length.of(bytes.length)));
    }

    private static void flip(Path file, int place) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length * place / PLACES] ^= 1;
        Files.write(file, bytes);
    }
}
