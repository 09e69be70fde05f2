package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.Extensions;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Extensions that can only be created in a server that preloads their libraries, with those of Debian's packages. */
@Timeout(240)
final class PreloadedExtensionIT {

    @AutoClose
    private static ProductionServer production;

    @TempDir
    private Path directory;

    @BeforeAll
    static void create_a_server_that_preloads() {
        Programs programs = Programs.ofMajor(15);
        Extensions.require(programs, "pgaudit", "pg_cron", "pglogical");
        production = ProductionServer.start(
                programs.bin(),
                "postgres",
                "shared_preload_libraries=pg_stat_statements, pg_cron,$libdir/pgaudit.so,pglogical,auto_explain",
                "cron.database_name=shop",
                "wal_level=logical");
        production.createDatabase("shop");
        production.execute("shop", """
                create extension pgaudit;
                create extension pg_cron;
                create extension pglogical;
                create table orders as select generate_series(1, 100) as id;
                create role plain login password 's3cret' bypassrls;
                grant pg_read_all_data to plain;
                """);
        production.query("shop", "select cron.schedule('* * * * *', 'select 1')");
        production.createDatabase("statements");
        production.execute("statements", """
                create extension pg_stat_statements;
                create materialized view numbers as select count(*) >= 0 as counted from pg_stat_statements;
                """);
    }

    @Test
    void the_throw_away_server_preloads_libraries_that_the_archive_needs() {
        VerificationReport report = run("shop").with("comparison", "content").run();

        BackupVerificationIT.assertPassed(report);
        assertThat(report.restored().target().orElseThrow().isolation())
                .containsEntry("preloaded libraries", "pg_cron,pgaudit,pglogical, without background workers");
    }

    @Test
    void background_workers_of_preloaded_libraries_do_not_run() {
        StringBuilder running = new StringBuilder();
        VerificationReport report = run("shop")
                .onRestored(session -> running.append(
                        session.text("select count(*) || ' of ' || current_setting('max_worker_processes') || ' by '"
                                + " || current_setting('shared_preload_libraries') from pg_catalog.pg_stat_activity"
                                + " where backend_type not in ('client backend', 'checkpointer', 'background writer',"
                                + " 'walwriter', 'autovacuum launcher')")))
                .run();

        BackupVerificationIT.assertPassed(report);
        assertThat(running).hasToString("0 of 0 by pg_cron,pgaudit,pglogical");
    }

    /** Only pg_read_all_settings would allow the role to see what the source preloads. */
    @Test
    void a_role_that_cannot_read_the_preload_setting_can_verify() {
        VerificationReport report = run("shop").as("plain", "s3cret").run();

        BackupVerificationIT.assertPassed(report);
        assertThat(report.restored()
                        .target()
                        .orElseThrow()
                        .isolation()
                        .get("preloaded libraries")
                        .split(",", -1))
                .containsExactlyInAnyOrder("pg_cron", "pgaudit", "pglogical", " without background workers");
    }

    @Test
    void a_database_without_such_extensions_preloads_nothing() {
        VerificationReport report = run("postgres").expect("schema", "public").run();

        assertThat(report.problemText()).isEmpty();
        assertThat(report.restored().target().orElseThrow().isolation()).doesNotContainKey("preloaded libraries");
    }

    @Test
    void a_missing_library_is_named_and_no_object_is_reported_missing() {
        Docker.require(15);

        VerificationReport report =
                run("shop").with("restore.engine", "container").run();

        assertThat(report.outcome().problem().orElseThrow().fact())
                .isEqualTo(
                        "The throw-away server lacks libraries that the source preloads and extensions of the archive"
                                + " need: pg_cron (extension pg_cron), pgaudit (extension pgaudit), pglogical (extension"
                                + " pglogical).");
        assertThat(report.outcome().problem().orElseThrow().remedy())
                .startsWith("Name an image that has them: <restore><image> (-Dpgbackup.restore.image)");
        assertThat(report.failedChecks()).isEmpty();
        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
    }

    @Test
    void a_container_also_preloads() {
        Docker.require(15);

        VerificationReport report =
                run("statements").with("restore.engine", "container").run();

        BackupVerificationIT.assertPassed(report);
        assertThat(report.restored().target().orElseThrow().isolation())
                .containsEntry("preloaded libraries", "pg_stat_statements, without background workers");
    }

    @Test
    void configured_parameters_are_set_on_the_server() {
        StringBuilder shown = new StringBuilder();
        VerificationReport report = run("statements")
                .with(
                        "restore.parameters",
                        "work_mem=7MB,shared_preload_libraries=pg_stat_statements,pgaudit,my.own=a b")
                .onRestored(session -> shown.append(session.text(
                        "select concat_ws('|', current_setting('work_mem'), current_setting('shared_preload_libraries'),"
                                + " current_setting('my.own'), current_setting('max_worker_processes'))")))
                .run();

        BackupVerificationIT.assertPassed(report);
        assertThat(shown).hasToString("7MB|pg_stat_statements,pgaudit|a b|0");
        assertThat(report.restored().target().orElseThrow().isolation())
                .containsEntry("parameter work_mem", "7MB")
                .containsEntry("preloaded libraries", "pg_stat_statements,pgaudit, without background workers");
    }

    @Test
    void a_rejected_parameter_is_named() throws Exception {
        VerificationReport report =
                run("postgres").with("restore.parameters", "work_mem=lots").run();

        assertThat(report.outcome().problem().orElseThrow().fact())
                .contains("invalid value for parameter \"work_mem\": \"lots\"")
                .endsWith("It was started with work_mem from <restore><parameters>.");
        assertThat(report.outcome().problem().orElseThrow().remedy())
                .isEqualTo("Correct or remove the parameters that the server rejects: <restore><parameters>,"
                        + " -Dpgbackup.restore.parameters; the whole log is logs/server.log.");
        assertThat(Files.readString(directory.resolve("verify-backup/logs/server.log")))
                .contains("lots");
    }

    private VerificationRun run(String database) {
        return VerificationRun.of(production, database, directory);
    }
}
