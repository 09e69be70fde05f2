package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.ProductionServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Databases with different encodings on one server; the name of a role is the same bytes in each of them. */
@Timeout(180)
final class OtherEncodingIT {

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    @TempDir
    private Path directory;

    @BeforeAll
    static void databases() {
        for (String encoding : List.of("LATIN1", "SQL_ASCII")) {
            PRODUCTION.execute(
                    "postgres",
                    "create database " + encoding + " template template0 encoding '" + encoding
                            + "' lc_collate 'C' lc_ctype 'C'");
        }
        // One name in UTF-8, and one that is not valid UTF-8.
        PRODUCTION.execute("postgres", "create role \"Ünï\"; create role member in role \"Ünï\"");
        PRODUCTION.execute("latin1", "create role \"lätter\"; grant \"lätter\" to member");
    }

    @Test
    void a_role_of_another_encoding_owns_what_is_restored() {
        PRODUCTION.execute("latin1", "create table t as select 'ü' as v; create table u as select 1 as v");
        // The name Ünï has five characters in this encoding.
        PRODUCTION.execute("latin1", """
                do $$begin
                    execute (select format('alter table public.t owner to %I', rolname)
                             from pg_catalog.pg_roles where rolname::text like '__n__');
                end$$""");
        PRODUCTION.execute("latin1", "alter table public.u owner to \"lätter\"");

        VerificationReport report = run("latin1").run();

        BackupVerificationIT.assertPassed(report);
        assertThat(report.restored().errors()).isEmpty();
    }

    @Test
    void an_unrelated_role_with_an_invalid_name_in_this_encoding_does_no_harm() {
        PRODUCTION.createDatabase("plain");
        PRODUCTION.execute("plain", "create table t as select '日本' as v; alter table t owner to \"Ünï\"");

        VerificationReport report = run("plain").run();

        BackupVerificationIT.assertPassed(report);
        assertThat(report.restored().errors()).isEmpty();
    }

    @Test
    void bytes_without_an_encoding_are_compared_as_they_are() {
        PRODUCTION.execute("sql_ascii", """
                create table t as select pg_catalog.convert_from('\\xdc80ff', 'SQL_ASCII') as v;
                alter table t owner to "Ünï";
                """);

        VerificationReport report = run("sql_ascii").run();

        BackupVerificationIT.assertPassed(report);
        assertThat(report.restored().errors()).isEmpty();
        assertThat(run("sql_ascii")
                        .onRestored(session -> session.execute(
                                "update public.t set v = pg_catalog.convert_from('\\xdc80fe', 'SQL_ASCII')"))
                        .run()
                        .failedChecks())
                .extracting(Check::name)
                .contains("TABLE DATA public.t");
    }

    /** A dump in that encoding would lack characters, and pg_dump stops at the first one. */
    @Test
    void the_dump_ignores_the_client_encoding_of_the_database() {
        PRODUCTION.createDatabase("settings");
        PRODUCTION.execute("settings", """
                create table "日本" as select '€ 日本' as v;
                alter database settings set client_encoding = 'LATIN1';
                """);

        VerificationReport report = run("settings").run();

        BackupVerificationIT.assertPassed(report);
    }

    @Test
    void a_file_name_contains_only_ASCII() throws Exception {
        PRODUCTION.createDatabase("Ünï 日本");
        PRODUCTION.execute("Ünï 日本", "create table t as select 1 as v");

        VerificationReport report = run("Ünï 日本").run();

        BackupVerificationIT.assertPassed(report);
        try (Stream<Path> files = Files.list(directory.resolve("verify-backup/dump"))) {
            assertThat(files)
                    .hasSize(3)
                    .allMatch(file -> file.getFileName().toString().startsWith("%C3%9Cn%C3%AF_%E6%97%A5%E6%9C%AC_2"));
        }
    }

    private VerificationRun run(String database) {
        return VerificationRun.of(PRODUCTION, database, directory).with("comparison", "content");
    }
}
