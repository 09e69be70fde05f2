package io.github.pgbackup.run;

import static io.github.pgbackup.run.VerificationRun.assertPassed;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.Sha256;
import io.github.pgbackup.evidence.TakenBackup;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.ProductionContainer;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a container, of a standby and with several jobs. Each is verified later, by its manifest. */
final class BackupSourcesIT {

    private static final String VALUE = "Zanzibar";

    private static final String CLIENTS = "create table clients (id serial primary key, name text);"
            + " insert into clients (name) values ('Ada'), ('" + VALUE + "'), ('Grace');";

    @TempDir
    private Path directory;

    /** The values are legible in the archive, so that one can be altered. */
    private static TakenBackup take(BackupRun run) {
        return run.with("comparison", "content")
                .with("backup.compression", "none")
                .run();
    }

    private VerificationReport verify(Path archive) {
        return VerificationRun.ofArchive(archive, "shop", directory.resolve("verified"))
                .with("comparison", "content")
                .run();
    }

    private void assertVerifiedLater(TakenBackup taken, int rows) throws IOException {
        VerificationReport report = verify(taken.archive());
        assertPassed(report);
        assertThat(report.checked().comparison().orElseThrow().baseline()).isEqualTo("manifest");
        assertThat(report.checked().comparison().orElseThrow().rows()).isEqualTo(rows);
        assertThat(report.checked().comparison().orElseThrow().comparison()).isEqualTo("content");

        String hash = taken.manifest().archive().sha256();
        Path hashFile = taken.archive().resolveSibling(taken.archive().getFileName() + ".sha256");
        alter(taken.archive());
        VerificationReport altered = verify(taken.archive());
        assertThat(altered.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(altered.problemText())
                .startsWith("The archive " + taken.archive() + " does not have the SHA-256 in " + hashFile
                        + ": expected " + hash + ", actual ");

        Files.delete(hashFile);
        altered = verify(taken.archive());
        assertThat(altered.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(altered.problemText())
                .startsWith("The manifest " + taken.archive() + ".manifest.json belongs to another archive: to "
                        + taken.archive().getFileName() + " with the SHA-256 " + hash + ", ");
        assertThat(altered.restored().target()).isEmpty();
    }

    /** Replaces a value, in a file or in a member of a directory, by another of the same length. */
    private static void alter(Path archive) throws IOException {
        List<Path> members;
        try (Stream<Path> files = Files.walk(archive)) {
            members = files.filter(Files::isRegularFile).toList();
        }
        int altered = 0;
        for (Path member : members) {
            String before = Files.readString(member, StandardCharsets.ISO_8859_1);
            if (before.contains(VALUE)) {
                Files.writeString(member, before.replace(VALUE, "Sansibar"), StandardCharsets.ISO_8859_1);
                altered++;
            }
        }
        assertThat(altered).isOne();
    }

    @Test
    void a_backup_of_a_database_in_a_container() throws Exception {
        Docker.require(15);
        TakenBackup taken;
        try (ProductionContainer production = ProductionContainer.start(15, "keeper")) {
            production.createDatabase("shop");
            production.query("shop", CLIENTS);

            taken = take(BackupRun.inContainer(production.name(), "shop", directory));

            assertThat(taken.manifest().source().role()).isEqualTo("keeper");
            assertThat(taken.archive().getFileName().toString()).endsWith(".dump");
            assertThat(Sha256.of(taken.archive()))
                    .isEqualTo(taken.manifest().archive().sha256());
            production.query("shop", "delete from clients");
        }
        // Production went on, and is gone when the backup is verified.
        assertVerifiedLater(taken, 3);
    }

    @Test
    void a_backup_of_a_standby() throws Exception {
        TakenBackup taken;
        try (ProductionServer primary =
                ProductionServer.start(Programs.ofMajor(17).bin())) {
            primary.createDatabase("shop");
            primary.execute("shop", CLIENTS + "create unlogged table visits as select 1 as id");
            try (ProductionServer standby = primary.standby()) {
                taken = take(BackupRun.of(standby, "shop", directory));

                assertThat(standby.query("shop", "select pg_is_in_recovery()")).isEqualTo("t");
                assertThat(taken.manifest().source().standby()).isTrue();
                assertThat(taken.manifest().content().doesNotContain())
                        .contains(
                                "Rows of unlogged tables, which a standby does not have: public.visits. Dump the primary.");
            }
        }
        assertVerifiedLater(taken, 3);
    }

    @Test
    void a_backup_with_several_jobs() throws Exception {
        TakenBackup taken;
        try (ProductionServer production =
                ProductionServer.start(Programs.ofMajor(17).bin())) {
            production.createDatabase("shop");
            production.execute("shop", CLIENTS);
            for (int i = 1; i <= 6; i++) {
                production.execute(
                        "shop", "create table orders_" + i + " as select id from generate_series(1, 100) id");
            }
            taken = take(BackupRun.of(production, "shop", directory)
                    .with("backup.format", "directory")
                    .with("backup.jobs", "3")
                    .at("dump", () -> production.execute("shop", "insert into clients (name) values ('late')")));
        }
        assertThat(taken.archive()).isDirectory();
        assertThat(taken.facts().acquired().command()).contains("--format=d", "--jobs=3");
        assertVerifiedLater(taken, 603);
    }
}
