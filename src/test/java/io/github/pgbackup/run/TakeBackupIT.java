package io.github.pgbackup.run;

import static io.github.pgbackup.run.VerificationRun.assertPassed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Sha256;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.TakenBackup;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.plan.Xml;
import io.github.pgbackup.report.BackupText;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups that are taken and not restored, and verified later by their manifests. */
final class TakeBackupIT {

    private static final Programs PROGRAMS = Programs.ofMajor(17);
    private static final String CORRECT =
            "Its standard error is in logs/command.log; correct the command: <command>," + " -Dpgbackup.command.";

    private static ProductionServer production;

    @TempDir
    private Path directory;

    private Path backups;

    @BeforeAll
    static void start() {
        production = ProductionServer.start(PROGRAMS.bin(), "postgres");
    }

    @AfterAll
    static void stop() {
        production.close();
    }

    @BeforeEach
    void create() {
        production.createDatabase("shop");
        production.execute(
                "shop",
                "create table clients (id serial primary key, name text);"
                        + " insert into clients (name) values ('Ada'), ('Zanzibar'), ('Grace')");
        backups = directory.resolve("backups");
    }

    @AfterEach
    void drop() {
        production.execute("postgres", "drop database shop with (force)");
    }

    private BackupRun run() {
        return BackupRun.of(production, "shop", directory);
    }

    private VerificationRun verify(Path archive) {
        return VerificationRun.ofArchive(archive, "shop", directory.resolve("verified"));
    }

    /** The names in the directory for backups, including hidden ones. */
    private List<String> kept() throws IOException {
        try (Stream<Path> files = Files.list(backups)) {
            return files.map(file -> file.getFileName().toString().replaceAll("\\d{8}T\\d{6}Z", "STAMP"))
                    .sorted()
                    .toList();
        }
    }

    private CannotVerifyException refusal(BackupRun run) {
        return catchThrowableOfType(CannotVerifyException.class, run::run);
    }

    /** A user's script; it gets everything that it needs from its environment. */
    private String script(String... lines) throws IOException {
        Path script = directory.resolve("my dump.sh");
        Files.writeString(script, "#!/bin/sh\nPATH=" + PROGRAMS.bin() + ":$PATH\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return "'" + script + "'";
    }

    @ParameterizedTest
    @CsvSource({"custom,dump", "directory,dir"})
    void a_backup_appears_with_all_its_files_and_can_be_verified_later(String format, String suffix) throws Exception {
        TakenBackup taken = run().with("backup.format", format)
                .with("comparison", "content")
                .expect(Xml.tag(
                        "<expectations><table><name>public.clients</name><rows>3</rows></table></expectations>"))
                .run();

        assertThat(kept())
                .containsExactly(
                        "shop_STAMP." + suffix,
                        "shop_STAMP." + suffix + ".manifest.json",
                        "shop_STAMP." + suffix + ".sha256",
                        "shop_STAMP.roles.sql");
        try (Stream<Path> files = Files.walk(backups)) {
            assertThat(files)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------"));
        }
        assertThat(directory.resolve("take-backup/schema")).isEmptyDirectory();
        // Production changes, and is gone when the backup is verified.
        production.execute("shop", "delete from clients; alter table clients add column more int");
        VerificationReport report = verify(taken.archive())
                .with("comparison", "content")
                .with("archive.roles", taken.files().get(0).toString())
                .expect("table", "public.clients")
                .run();
        assertPassed(report);
        assertThat(report.checked().comparison().orElseThrow().baseline()).isEqualTo("manifest");
        assertThat(report.checked().comparison().orElseThrow().rows()).isEqualTo(3);
    }

    @Test
    void the_output_says_what_was_taken_and_never_that_anything_passed() throws Exception {
        BackupRun run = run();
        TakenBackup taken = run.run();

        String text = BackupText.of(taken);
        assertThat(text)
                .startsWith(
                        "take-backup: This backup has not been restored; verify-backup with <archive><file> tests it.\n")
                .contains(
                        "\nSource held  3 rows in 1 table (<comparison>rows)\n",
                        "\nFile         " + taken.archive() + "\n",
                        "\nProduction   snapshot session: no transaction id was assigned\n",
                        "\nProduction   probe session: no transaction id was assigned\n",
                        "\nNot included Other databases of the server. Each needs a backup of its own.\n")
                .doesNotContain("PASS", "Zanzibar", production.password());
        assertThat(BackupText.line(taken))
                .isEqualTo("take-backup: " + taken.archive() + ", 3 rows in 1 table; nothing was restored");
        assertThat(String.join("\n", run.log())).doesNotContain("PASS", "Zanzibar", production.password());
        assertThat(Sha256.of(taken.archive()))
                .isEqualTo(taken.manifest().archive().sha256());
        assertThat(Files.readString(backups.resolve(taken.archive().getFileName() + ".sha256")))
                .isEqualTo(taken.manifest().archive().sha256() + "  "
                        + taken.archive().getFileName() + "\n");
        assertThat(Files.readString(taken.files().get(0))).doesNotContain("PASSWORD");
    }

    @Test
    void a_command_dumps_under_the_snapshot_and_the_manifest_is_exact() throws Exception {
        TakenBackup taken = run().with("comparison", "content")
                .with(
                        "command",
                        script("exec pg_dump -Fc --snapshot=\"$PGBACKUP_SNAPSHOT\" --file=\"$PGBACKUP_FILE\" \"$@\"")
                                + " --compress=0 --verbose")
                .at("dump", () -> production.execute("shop", "insert into clients (name) values ('late')"))
                .run();

        assertThat(kept()).hasSize(4).noneMatch(name -> name.startsWith("."));
        assertThat(directory.resolve("take-backup/logs/command.log"))
                .content()
                .contains("dumping contents of table \"public.clients\"");
        VerificationReport report =
                verify(taken.archive()).with("comparison", "content").run();
        assertPassed(report);
        assertThat(report.checked().comparison().orElseThrow().rows()).isEqualTo(3);
    }

    @Test
    void a_command_that_ignores_the_snapshot_is_detected_when_production_changes() throws Exception {
        TakenBackup taken = run().with("command", script("exec pg_dump -Fc --file=\"$PGBACKUP_FILE\""))
                .at("dump", () -> production.execute("shop", "insert into clients (name) values ('late')"))
                .run();

        VerificationReport report = verify(taken.archive()).run();

        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(report.failedChecks())
                .extracting(Check::sentence)
                .containsExactly("comparison: TABLE DATA public.clients: expected 3 rows, actual 4 rows.");
    }

    @Test
    void a_command_may_write_the_directory_format() throws Exception {
        TakenBackup taken = run().with(
                        "command",
                        script(
                                "umask 000",
                                "exec pg_dump -Fd --snapshot=\"$PGBACKUP_SNAPSHOT\" --file=\"$PGBACKUP_FILE\""))
                .run();

        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(taken.archive().resolve("toc.dat"))))
                .isEqualTo("rw-------");
        assertPassed(verify(taken.archive()).run());
    }

    /** Plain SQL does not name its database, but the manifest does. */
    @ParameterizedTest
    @ValueSource(strings = {"", "--create"})
    void a_command_may_write_plain_sql(String option) throws Exception {
        TakenBackup taken = run().with("comparison", "content")
                .with(
                        "command",
                        script("pg_dump " + option + " --snapshot=\"$PGBACKUP_SNAPSHOT\" | gzip >\"$PGBACKUP_FILE\""))
                .run();

        VerificationReport sound =
                verify(taken.archive()).with("comparison", "content").run();
        assertThat(sound.acquired().given().orElseThrow().form()).isEqualTo("plain in gzip");
        assertThat(sound.checked().comparison().orElseThrow().baseline()).isEqualTo("manifest");
        assertPassed(sound);
        assertThat(verify(taken.archive())
                        .with("comparison", "content")
                        .onRestored(session -> session.execute("update public.clients set name = 'other' where id = 1;"
                                + " alter table public.clients alter name set default 'x'"))
                        .run()
                        .failedChecks())
                .extracting(Check::name)
                .contains("TABLE DATA public.clients", "DEFAULT public.clients name");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "exit 7 | The command SCRIPT exited with status 7; expected 0.",
                "pg_dump -Fc -f \"$PGBACKUP_FILE\"; exit 1 | The command SCRIPT exited with status 1; expected 0.",
                "kill -KILL $$ | The command SCRIPT exited with status 137; expected 0.",
            })
    void a_command_that_fails_leaves_nothing(String commands, String fact) throws Exception {
        CannotVerifyException refusal = refusal(run().with("command", script("echo of no use >&2", commands)));

        assertThat(refusal.fact())
                .isEqualTo(
                        fact.replace("SCRIPT", directory.resolve("my dump.sh").toString()));
        assertThat(refusal.remedy()).isEqualTo(CORRECT);
        assertThat(directory.resolve("take-backup/logs/command.log")).hasContent("of no use");
        assertThat(kept()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"echo to nobody; echo an error >&2", ": > \"$PGBACKUP_FILE\"", "mkdir \"$PGBACKUP_FILE\""})
    void a_command_that_writes_nothing_is_an_error(String commands) throws Exception {
        CannotVerifyException refusal = refusal(run().with("command", script(commands)));

        assertThat(refusal.fact())
                .isEqualTo("The command " + directory.resolve("my dump.sh")
                        + " exited with status 0 but wrote nothing to the file that PGBACKUP_FILE names.");
        assertThat(kept()).isEmpty();
    }

    @Test
    void a_truncated_archive_is_not_a_backup() throws Exception {
        CannotVerifyException refusal = refusal(
                run().with(
                                "command",
                                script(
                                        "pg_dump -Ft -f whole.tar && head -c 9000 whole.tar > \"$PGBACKUP_FILE\"; rm whole.tar")));

        assertThat(refusal.fact()).contains(" is damaged: ");
        assertThat(kept()).isEmpty();
    }

    @Test
    void a_dump_of_another_database_is_not_a_backup_of_this_one() throws Exception {
        CannotVerifyException refusal =
                refusal(run().with("command", script("pg_dump -Fc -f \"$PGBACKUP_FILE\" postgres")));

        assertThat(refusal.fact())
                .isEqualTo("The command " + directory.resolve("my dump.sh")
                        + " dumped the database 'postgres', but the source is 'shop'.");
        assertThat(kept()).isEmpty();
    }

    @Test
    void an_archive_that_pg_restore_cannot_read_is_kept_with_a_warning() throws Exception {
        TakenBackup taken = run().with("command", script("echo encrypted > \"$PGBACKUP_FILE\""))
                .run();

        assertThat(taken.archive()).hasContent("encrypted");
        assertThat(taken.facts().outcome().warnings())
                .containsExactly(
                        "Neither pg_restore nor psql can read the file that the command wrote. So it is not known"
                                + " whether the file is complete, and verify-backup cannot restore it as it is.");
    }

    @Test
    void a_missing_program_is_an_error() {
        CannotVerifyException refusal = refusal(run().with("command", "no-such-program --at all"));

        assertThat(refusal.fact()).isEqualTo("The command no-such-program was not found in PATH.");
        assertThat(refusal.remedy())
                .isEqualTo("Name a program with its path, or one in PATH: <command>, -Dpgbackup.command.");
    }

    @Test
    void a_command_that_hangs_is_ended_by_the_time_out() throws Exception {
        CannotVerifyException refusal = refusal(
                run().with("timeout", "PT6S").with("command", script("echo x > \"$PGBACKUP_FILE\"", "sleep 600")));

        assertThat(refusal.fact()).isEqualTo("The time-out of 6 s for the whole run has expired.");
        assertThat(kept()).isEmpty();
    }

    @Test
    void a_command_gets_only_the_sources_variables_and_cannot_write() throws Exception {
        refusal(run().with(
                        "command",
                        script(
                                "env | grep ^PG | sort | sed 's/=.*//' >&2",
                                "psql -c 'create table written (id int)' >&2",
                                "exit 3")));

        assertThat(directory.resolve("take-backup/logs/command.log"))
                .content()
                .contains("PGBACKUP_FILE\nPGBACKUP_SNAPSHOT\n", "PGHOST\n", "PGPORT\n", "PGUSER\n")
                .contains("cannot execute CREATE TABLE in a read-only transaction");
    }

    @Test
    void a_failure_leaves_existing_files_untouched() throws Exception {
        Files.createDirectories(backups);
        Path earlier = Files.writeString(backups.resolve("shop_20260101T000000Z.dump"), "an earlier backup");
        var modified = Files.getLastModifiedTime(earlier);

        refusal(run().with("command", script("echo half > \"$PGBACKUP_FILE\"", "exit 1")));

        assertThat(kept()).containsExactly("shop_STAMP.dump");
        assertThat(earlier).hasContent("an earlier backup");
        assertThat(Files.getLastModifiedTime(earlier)).isEqualTo(modified);
    }

    @Test
    void nothing_is_overwritten() throws Exception {
        BackupRun run = run();
        run.at("keep", () -> {
            try (Stream<Path> unfinished = Files.walk(backups)) {
                Path archive = unfinished
                        .filter(file -> file.toString().endsWith(".dump"))
                        .findFirst()
                        .orElseThrow();
                Files.writeString(backups.resolve(archive.getFileName()), "another's");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });

        CannotVerifyException refusal = refusal(run);

        assertThat(kept()).containsExactly("shop_STAMP.dump");
        try (Stream<Path> there = Files.list(backups)) {
            Path other = there.findFirst().orElseThrow();
            assertThat(other).hasContent("another's");
            assertThat(refusal.fact())
                    .isEqualTo("The backup was not kept: " + other + " already exists, and nothing is overwritten.");
        }
    }

    @Test
    void the_next_run_deletes_only_the_files_of_a_killed_run() throws Exception {
        Files.createDirectories(backups);
        Path dead = Files.createDirectory(backups.resolve(".take-backup-1234"));
        Files.writeString(dead.resolve("lock"), "");
        Files.writeString(dead.resolve("shop.dump"), "half of production");
        Path others = Files.createDirectory(backups.resolve(".take-backup-of-somebody"));
        Files.writeString(others.resolve("notes.txt"), "mine");
        Files.writeString(backups.resolve(".hidden"), "mine too");

        run().run();

        assertThat(dead).doesNotExist();
        assertThat(others.resolve("notes.txt")).hasContent("mine");
        assertThat(backups.resolve(".hidden")).hasContent("mine too");
    }

    @Test
    void a_concurrent_run_leaves_unfinished_files_alone() throws Exception {
        BackupRun second =
                BackupRun.of(production, "shop", directory.resolve("second")).with("directory", backups.toString());
        TakenBackup first = run().at("release production", () -> {
                    awaitNextSecond();
                    assertThat(catchThrowableOfType(CannotVerifyException.class, second::run))
                            .isNull();
                })
                .run();

        assertPassed(verify(first.archive()).run());
        assertThat(kept()).hasSizeBetween(5, 8);
    }

    /** The name of a backup contains the second in which it began. */
    private static void awaitNextSecond() {
        long second = Instant.now().getEpochSecond();
        while (Instant.now().getEpochSecond() == second) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void an_unwritable_directory_is_an_error_before_production_is_queried() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        BackupRun run = run().with("directory", file.resolve("backups").toString());

        assertThat(refusal(run).fact())
                .startsWith("The directory for backups, " + file + "/backups, cannot be written: ");
        assertThat(run.log()).isEmpty();
    }
}
