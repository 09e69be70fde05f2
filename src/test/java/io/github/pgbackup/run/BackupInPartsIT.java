package io.github.pgbackup.run;

import static io.github.pgbackup.run.VerificationRun.assertPassed;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.Sha256;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.TakenBackup;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups that a command takes in several files under one snapshot, verified by the manifest of one of these files. */
final class BackupInPartsIT {

    private static final Programs PROGRAMS = Programs.ofMajor(17);

    @TempDir
    private static Path taken;

    private static Path schema;
    private static Path rows;
    private static Path whole;
    private static Path globals;

    @TempDir
    private Path directory;

    @BeforeAll
    static void back_up() throws Exception {
        try (ProductionServer production = ProductionServer.start(PROGRAMS.bin(), "postgres")) {
            production.createDatabase("shop");
            production.execute(
                    "shop",
                    "create table clients (id serial primary key, name text);"
                            + " insert into clients (name) values ('Ada'), ('Zanzibar'), ('Grace')");
            rows = taken.resolve("rows.dump");
            Path script = Files.writeString(taken.resolve("in parts.sh"), """
                    #!/bin/sh
                    set -e
                    PATH=%s:$PATH
                    pg_dump -Fc --snapshot="$PGBACKUP_SNAPSHOT" --schema-only --file="$PGBACKUP_FILE"
                    pg_dump -Fc -Z0 --snapshot="$PGBACKUP_SNAPSHOT" --data-only --file="$1"
                    """.formatted(PROGRAMS.bin()));
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
            TakenBackup backup = BackupRun.of(production, "shop", taken)
                    .with("comparison", "content")
                    .with("command", "'" + script + "' '" + rows + "'")
                    .at("dump", () -> production.execute("shop", "update clients set name = 'Edsger' where id = 3"))
                    .run();
            schema = backup.archive();
            Archives archives = new Archives(PROGRAMS.bin(), production);
            archives.dump("shop", taken.resolve("later.dump"), "-Fc", "--data-only");
            globals = archives.globals(taken.resolve("globals.sql"));
            whole = BackupRun.of(production, "shop", taken.resolve("whole"))
                    .run()
                    .archive();
        }
    }

    private VerificationRun run(Path... files) {
        return VerificationRun.ofFiles(List.of(files), "shop", directory.resolve("run"));
    }

    private static Path manifest(Path archive) {
        return archive.resolveSibling(archive.getFileName() + ".manifest.json");
    }

    @Test
    void all_files_together_are_compared_with_the_manifest_of_one() {
        VerificationReport report =
                run(schema, rows).with("comparison", "content").run();

        assertPassed(report);
        assertThat(report.checked().comparison().orElseThrow().baseline()).isEqualTo("manifest");
        assertThat(report.checked().comparison().orElseThrow().rows()).isEqualTo(3);
        assertThat(report.acquired().given().orElseThrow().manifest())
                .contains(manifest(schema).toString());
        // The hash in the manifest is that of the definitions alone.
        assertThat(report.outcome().warnings())
                .singleElement()
                .asString()
                .startsWith("A changed value in rows.dump would not be noticed: ");
    }

    @Test
    void a_manifest_that_is_named_belongs_to_a_file_even_if_that_was_packed() throws Exception {
        Path packed = Archives.pack(Files.copy(schema, directory.resolve("schema.dump")), ".gz", "gzip", "-c");

        assertPassed(run(packed, rows)
                .with("archive.manifest", manifest(schema).toString())
                .with("comparison", "content")
                .run());
    }

    @Test
    void roles_and_an_archive_may_have_a_manifest() {
        VerificationReport report = run(globals, whole)
                .with("archive.manifest", manifest(whole).toString())
                .run();

        assertPassed(report);
        assertThat(report.checked().comparison().orElseThrow().baseline()).isEqualTo("manifest");
    }

    @Test
    void a_difference_from_the_manifest_fails() {
        assertThat(run(schema, rows)
                        .with("comparison", "content")
                        .onRestored(session -> session.execute("update clients set name = 'other' where id = 1"))
                        .run()
                        .failedChecks())
                .extracting(Check::name)
                .containsExactly("TABLE DATA public.clients");
        assertThat(run(schema, taken.resolve("later.dump"))
                        .with("comparison", "content")
                        .run()
                        .failedChecks())
                .extracting(Check::name)
                .containsExactly("TABLE DATA public.clients");
    }

    @Test
    void a_manifest_of_none_of_the_files_is_refused() throws Exception {
        VerificationReport report = run(schema, rows)
                .with("archive.manifest", manifest(whole).toString())
                .run();

        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.problemText())
                .isEqualTo("The manifest " + manifest(whole) + " belongs to another archive: to "
                        + whole.getFileName() + " with the SHA-256 " + Sha256.of(whole) + ", and the archive " + schema
                        + " has " + Sha256.of(schema) + ", the archive " + rows + " has " + Sha256.of(rows) + ".\n"
                        + "Name the archive and the manifest of one backup: <archive><file>"
                        + " (-Dpgbackup.archive.file), <archive><manifest> (-Dpgbackup.archive.manifest); or move the"
                        + " manifest away, to verify without it. See docs/backups.md#what-a-manifest-holds.");
    }

    @Test
    void one_of_several_manifests_must_be_named() throws Exception {
        Path own = Files.copy(rows, directory.resolve("rows.dump"));
        Files.copy(manifest(whole), manifest(own));

        VerificationReport report = run(schema, own).run();
        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.problemText())
                .isEqualTo("Several of the files have a manifest: " + manifest(schema) + ", " + manifest(own)
                        + "; expected one at most, because each says what the whole database held.\nName the one to"
                        + " compare with: <archive><manifest>, -Dpgbackup.archive.manifest; or move the others away. See"
                        + " docs/archives.md#several-files.");

        assertPassed(run(schema, own)
                .with("archive.manifest", manifest(schema).toString())
                .run());
    }

    @Test
    void a_manifest_dates_only_its_own_file() throws Exception {
        byte[] bytes = Files.readAllBytes(rows);
        // The year minus 1900 is the sixth integer (a sign and four bytes) after the compression, which is one byte.
        int year = 11 + 1 + 5 * 5 + 1;
        assertThat(bytes[year]).isGreaterThan((byte) 125);
        bytes[year]--;
        Path old = Files.write(directory.resolve("rows.dump"), bytes);

        VerificationReport report =
                run(schema, old).with("archive.maximumAge", "P1D").run();

        assertThat(report.verdict()).as(report.problemText()).isEqualTo(Verdict.FAIL);
        assertThat(report.failedChecks()).extracting(Check::name).containsExactly("age, by the archive's header");
        assertThat(report.checks())
                .filteredOn(check -> check.name().equals("age, by the manifest"))
                .singleElement()
                .extracting(Check::passed)
                .isEqualTo(true);
        assertPassed(run(schema, rows).with("archive.maximumAge", "P1D").run());
    }
}
