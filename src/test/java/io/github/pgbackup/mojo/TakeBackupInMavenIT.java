package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.Await;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The goal in a build, and on the command line without a POM; and a build that is killed midway. */
final class TakeBackupInMavenIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    @TempDir
    private Path project;

    private Path backups;

    @BeforeAll
    static void create() {
        PRODUCTION.createDatabase("stockroom");
        PRODUCTION.execute("stockroom", "CREATE TABLE parts AS SELECT id FROM generate_series(1, 42) id");
    }

    @BeforeEach
    void name() {
        backups = project.resolve("backups");
    }

    private List<String> kept() throws IOException {
        try (Stream<Path> files = Files.list(backups)) {
            return files.map(file -> file.getFileName().toString().replaceAll("\\d{8}T\\d{6}Z", "STAMP"))
                    .sorted()
                    .toList();
        }
    }

    private MavenBuild build() {
        return new MavenBuild(project)
                .environment("PGBACKUP_USER", PRODUCTION.superuser())
                .environment("PGBACKUP_PASSWORD", PRODUCTION.password());
    }

    private MavenBuild.Result take(String... options) {
        return build().run(Stream.concat(
                        Stream.of(
                                MavenBuild.goal("take-backup"),
                                "-Dpgbackup.source.url=" + PRODUCTION.url("stockroom"),
                                "-Dpgbackup.directory=" + backups),
                        Stream.of(options))
                .toArray(String[]::new));
    }

    @Test
    void a_backup_is_taken_and_verified_from_the_command_line() throws Exception {
        MavenBuild.Result taken = take("-Dpgbackup.comparison=content");

        assertThat(taken.output())
                .contains("BUILD SUCCESS")
                .containsPattern("\\[INFO] take-backup: " + backups
                        + "/stockroom_\\w+\\.dump, 42 rows in 1 table; nothing was restored\n")
                .doesNotContain("PASS");
        assertThat(taken.warnings()).isEmpty();
        assertThat(project.resolve("target/take-backup/BACKUP.txt"))
                .content()
                .contains("\nSource held  42 rows in 1 table (<comparison>content)\n")
                .doesNotContain("PASS", PRODUCTION.password());
        assertThat(kept()).hasSize(4);

        MavenBuild.Result verified = new MavenBuild(project)
                .run(
                        MavenBuild.goal("verify-backup"),
                        "-Dpgbackup.archive.file=" + backups,
                        "-Dpgbackup.comparison=content");

        assertThat(verified.output())
                .contains("BUILD SUCCESS")
                .containsPattern("PASS: 42 rows in 1 table, \\d+ objects; \\d+ checks, 0 expectations \\(baseline"
                        + " manifest\\)");
    }

    @Test
    void a_failure_has_a_headline_of_its_own() {
        MavenBuild.Result result = take("-Dpgbackup.command=/bin/false");

        assertThat(result.error())
                .contains("take-backup: no backup was taken:\n"
                        + "  The command /bin/false exited with status 1; expected 0.\n"
                        + "  Its standard error is in logs/command.log; correct the command: <command>,"
                        + " -Dpgbackup.command.");
    }

    @Test
    void a_killed_build_keeps_existing_backups_and_the_next_one_tidies_up() throws Exception {
        Files.createDirectories(backups);
        Path earlier = Files.writeString(backups.resolve("stockroom_20260101T000000Z.dump"), "an earlier backup");
        Path script = Files.writeString(
                project.resolve("dump.sh"), """
                #!/bin/sh
                PATH=%s:$PATH
                pg_dump -Fc --snapshot="$PGBACKUP_SNAPSHOT" --file="$PGBACKUP_FILE" && sleep 600
                """.formatted(Programs.newest().bin()));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));

        List<ProcessHandle> processes;
        try (MavenBuild.Running build = build().start(
                        MavenBuild.goal("take-backup"),
                        "-Dpgbackup.source.url=" + PRODUCTION.url("stockroom"),
                        "-Dpgbackup.directory=" + backups,
                        "-Dpgbackup.command=" + script)) {
            Await.await(() -> build.descendants().stream()
                    .anyMatch(process -> process.info().commandLine().orElse("").endsWith("sleep 600")));
            processes = build.descendants();
            build.signal("KILL", false);
            assertThat(build.result().status()).isEqualTo(137);
        }

        Await.await(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(kept()).hasSize(2).contains("stockroom_STAMP.dump").anyMatch(name -> name.startsWith("."));
        assertThat(earlier).hasContent("an earlier backup");

        assertThat(take().output()).contains("BUILD SUCCESS");
        assertThat(kept()).hasSize(5).noneMatch(name -> name.startsWith("."));
        assertThat(earlier).hasContent("an earlier backup");
    }
}
