package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.postgres.RunningProcess;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Archives that the user's programs write to their standard output, such as restic, aws and age. */
final class ArchiveCommandIT {

    private static final Programs PROGRAMS = Programs.ofMajor(15);

    private static final String LOGS =
            "Read its error output in logs/archive-command-1.log (filters log to -2.log and so"
                    + " on), and correct <archive><command> (-Dpgbackup.archive.command) or <archive><filters>"
                    + " (-Dpgbackup.archive.filters). See docs/archives.md#what-is-read.";

    @TempDir
    static Path backups;

    @TempDir
    Path directory;

    @BeforeAll
    static void back_up() throws Exception {
        try (ProductionServer production = ProductionServer.start(PROGRAMS.bin())) {
            production.createDatabase("shop");
            production.execute("shop", "create table orders as select i as id from generate_series(1, 5000) i");
            Archives archives = new Archives(PROGRAMS.bin(), production);
            Archives.pack(archives.dump("shop", backups.resolve("shop.dump"), "-Fc"), ".gz", "gzip", "-c");
            archives.dump("shop", backups.resolve("shop.sql"));
        }
    }

    private VerificationRun run(String command) {
        return VerificationRun.ofCommand(command, "shop", directory);
    }

    private String script(String... lines) throws Exception {
        Path script =
                Files.writeString(directory.resolve("my script"), "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return "'" + script + "'";
    }

    private Path evidence() {
        return directory.resolve("verify-backup");
    }

    @Test
    void the_output_of_the_last_program_is_verified_and_deleted() throws Exception {
        VerificationReport report = run("cat " + backups.resolve("shop.dump.gz"))
                .with("archive.filters", "gzip -dc,cat -")
                .run();

        assertThat(report.verdict()).isEqualTo(Verdict.PASS);
        assertThat(report.acquired().given().orElseThrow().found()).isEqualTo("written by cat | gzip | cat");
        assertThat(report.acquired().given().orElseThrow().form()).isEqualTo("custom");
        assertThat(report.context().orElseThrow().parameters())
                .containsEntry("archive.command", "cat | gzip | cat")
                .containsEntry("archive.filters", "gzip,cat");
        assertThat(evidence().resolve("unpacked")).doesNotExist();
        try (Stream<Path> files = Files.walk(evidence().resolve("logs"))) {
            assertThat(files.filter(file -> file.toString().contains("archive-command")))
                    .hasSize(3);
        }
    }

    @Test
    void the_programs_may_also_write_a_plain_dump() {
        VerificationReport report = run("cat " + backups.resolve("shop.sql"))
                .with("identity.database", "shop")
                .run();

        assertThat(report.verdict()).as(report.problemText()).isEqualTo(Verdict.PASS);
    }

    @Test
    void the_hash_is_that_of_the_written_archive() {
        assertThat(run("cat " + backups.resolve("shop.dump"))
                        .with("archive.sha256", "0".repeat(64))
                        .run()
                        .problemText())
                .contains(" does not have the SHA-256 in <archive><sha256>: expected 0000");
    }

    /** The exit status of each program counts, even if the last program succeeds. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cat DUMP; exit 7 | cat - | SCRIPT exited with status 7; expected 0.",
                "head -c 100 DUMP; exit 1 | cat - | SCRIPT exited with status 1; expected 0.",
                "cat DUMP | false | false exited with status 1; expected 0.",
                "kill -KILL $$ | cat - | SCRIPT exited with status 137; expected 0.",
                "echo of no use >&2 | cat - | SCRIPT | cat exited with status 0 but wrote nothing to standard output."
            })
    void a_failing_program_is_reported_with_its_status(String commands, String filter, String fact) throws Exception {
        String script = script("echo of no use >&2", commands.replace("DUMP", backups.resolve("shop.dump") + ""));

        VerificationReport report =
                run(script).with("archive.filters", filter.strip()).run();

        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.problemText())
                .startsWith("No archive was written: ")
                .contains(fact.replace("SCRIPT", directory.resolve("my script").toString()))
                .endsWith("\n" + LOGS);
        assertThat(evidence().resolve("logs/archive-command-1.log"))
                .content(StandardCharsets.UTF_8)
                .startsWith("of no use");
        assertThat(evidence().resolve("unpacked")).doesNotExist();
    }

    @Test
    void half_an_archive_is_damaged_even_if_its_program_reports_no_error() {
        assertThat(run("head -c 3000 " + backups.resolve("shop.dump.gz")).run().problemText())
                .contains(" is damaged: ");
    }

    @Test
    void a_missing_program_is_reported() {
        assertThat(run("no-such-program --secret=canary").run().problemText())
                .isEqualTo(
                        "The command no-such-program was not found in PATH."
                                + "\nName a program with its path, or one in PATH: <archive><command>"
                                + " (-Dpgbackup.archive.command), <archive><filters> (-Dpgbackup.archive.filters). See docs/archives.md#what-is-read.");
    }

    @Test
    void a_file_that_cannot_be_run_is_reported() throws Exception {
        Path text = Files.writeString(directory.resolve("text"), "no program");

        assertThat(run("cat " + backups.resolve("shop.dump"))
                        .with("archive.filters", text.toString())
                        .run()
                        .problemText())
                .startsWith("No archive was written: ")
                .contains(text + " exited with status 126; expected 0.\n");
        assertThat(evidence().resolve("logs/archive-command-2.log")).content().contains("Permission denied");
    }

    @Test
    void a_program_whose_end_is_unknown_is_reported() throws Exception {
        assertThat(run(script("kill -KILL $PPID", "cat " + backups.resolve("shop.dump")))
                        .run()
                        .problemText())
                .startsWith("No archive was written: " + directory.resolve("my script")
                        + " ended without an exit status; expected 0.\n");
    }

    /** No shell reads the words, and nothing is taken from the environment. */
    @Test
    void words_and_environment_reach_a_program_unchanged() throws Exception {
        String script = script(
                "for word in \"$@\"; do printf '[%s]' \"$word\"; done >&2",
                "env -0 >" + directory.resolve("env"), "exit 3");

        run(script + " $HOME '\"' \"it's\" 'a  b' * ; | '' \\n %s `id` $(id) 'ä" + "\n" + "2'")
                .run();

        assertThat(evidence().resolve("logs/archive-command-1.log"))
                .hasContent("[$HOME][\"][it's][a  b][*][;][|][][\\n][%s][`id`][$(id)][ä\n2]");
        Map<String, String> environment = new TreeMap<>();
        String variables = Files.readString(directory.resolve("env"));
        for (String variable : variables.split("\0", 0)) {
            String[] parts = variable.split("=", 2);
            environment.put(parts[0], parts[1]);
        }
        Set<String> names = new TreeSet<>(environment.keySet());
        names.addAll(System.getenv().keySet());
        names.removeAll(List.of("PWD", "OLDPWD", "SHLVL", "_"));
        // Only their names: a failure must not print secrets.
        assertThat(names)
                .filteredOn(name -> name.matches("[A-Za-z_][A-Za-z_0-9]*"))
                .isNotEmpty()
                .filteredOn(name -> !Objects.equals(environment.get(name), System.getenv(name)))
                .isEmpty();
    }

    @Test
    void a_program_that_hangs_ends_with_the_run() throws Exception {
        Path pid = directory.resolve("pid");
        String script = script("echo $$ >" + pid, "sleep 600");

        VerificationReport report = run(script).with("timeout", "PT3S").run();

        assertThat(report.problemText()).startsWith("The time-out of 3 s for the whole run has expired.");
        assertThat(report.outcome().duration()).isLessThan(Duration.ofSeconds(30));
        assertThat(new RunningProcess(Long.parseLong(Files.readString(pid).strip())).runs())
                .isFalse();
    }
}
