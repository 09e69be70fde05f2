package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.DirectusScenario;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sound backups with unusual content: each one must pass. */
final class BackupVerificationIT {

    @AutoClose
    static final ProductionServer PRODUCTION =
            ProductionServer.start(Programs.newest().bin(), "workflow_admin", "wal_level=logical");

    @TempDir
    Path directory;

    @BeforeAll
    static void the_directus_scenario() {
        DirectusScenario.create(PRODUCTION, "directus");
        PRODUCTION.load("postgres", "corpus/roles.sql");
    }

    @ParameterizedTest
    @CsvSource({
        "custom, gzip:1, 1, provision, none, always",
        "custom, none, 1, omit, content, on-success",
        "custom, gzip:9, 1, provision, schema, never",
        "directory, none, 1, provision, rows, never",
        "directory, gzip:6, 2, provision, content, always",
        "directory, gzip:1, 2, omit, rows, on-success"
    })
    void the_directus_scenario_passes(
            String format, String compression, String jobs, String roles, String comparison, String keep) {
        VerificationRun run = VerificationRun.of(PRODUCTION, "directus", directory)
                .with("backup.format", format)
                .with("backup.compression", compression)
                .with("backup.jobs", jobs)
                .with("backup.keepArchive", keep)
                .with("restore.roles", roles)
                .with("comparison", comparison);
        if (comparison.equals("none")) {
            run.expect("table", "public.tac_logical_unit"); // or nothing would be verified
        }
        if (roles.equals("omit")) {
            run.tolerate("POLICY public.articles published_only", "its role is not there");
        }

        VerificationReport report = run.run();

        assertPassed(report);
        assertThat(report.acquired().archive().orElseThrow().kept()).isEqualTo(!keep.equals("never"));
        assertThat(Files.exists(directory
                        .resolve("verify-backup")
                        .resolve(report.acquired().archive().orElseThrow().path())))
                .isEqualTo(!keep.equals("never"));
    }

    /** The code that receives the interrupt does not notice it. */
    @Test
    void a_run_that_was_interrupted_at_its_end_does_not_pass() {
        VerificationReport report = VerificationRun.of(PRODUCTION, "directus", directory)
                .with("timeout", "PT6S")
                .protectUrl("dry run", PRODUCTION.url("postgres"))
                .at("protected environments afterwards", () -> {
                    while (!Thread.currentThread().isInterrupted()) {
                        Thread.onSpinWait();
                    }
                })
                .run();

        assertThat(report.problemText())
                .isEqualTo("The time-out of 6 s for the whole run has expired.\n"
                        + "Find the slow stage in the list of stages, or allow more time: <timeout>,"
                        + " -Dpgbackup.timeout.");
        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
    }

    @Test
    void without_the_roles_a_policy_is_lost_and_the_run_fails() {
        VerificationReport report = VerificationRun.of(PRODUCTION, "directus", directory)
                .with("restore.roles", "omit")
                .run();

        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(report.failedChecks().get(0).sentence())
                .isEqualTo("comparison: POLICY public.articles published_only: expected present, actual missing.");
        assertThat(report.restored().errors())
                .singleElement()
                .satisfies(error -> assertThat(error.reason())
                        .isEqualTo("caused the difference of POLICY public.articles published_only"));
    }

    /** The custom format passes in {@link AlteredRestoreIT}, where it is the control. */
    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void everything_odd_passes_in_each_major(Programs programs) {
        try (ProductionServer production = OddDatabase.server(programs)) {
            OddDatabase.create(production, "odd", programs.major());
            VerificationReport report = VerificationRun.of(production, "odd", directory)
                    .with("backup.format", "directory")
                    .with("backup.jobs", "2")
                    .with("comparison", "content")
                    .run();
            assertPassed(report);
            assertThat(report.outcome().warnings())
                    .filteredOn(warning -> !warning.contains("lack security fixes"))
                    .containsExactly("pg_restore with several jobs changes or loses data of this database because of"
                            + " trigger always of the partitioned table public.measurement; in an emergency, restore"
                            + " with one job (--jobs=1).");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "empty",
                "with space",
                "UPPER",
                "quote'd",
                "double\"quoted",
                "new\nline",
                "データ🐘",
                "per%cent",
                "a&b=c?d#e/f\\g",
                "dbname=x",
                "select",
                "a123456789012345678901234567890123456789012345678901234567890_z"
            })
    void a_database_of_any_name_passes(String name) {
        PRODUCTION.createDatabase(name);
        PRODUCTION.execute(name, "create table orders (id int)");
        VerificationReport report =
                VerificationRun.of(PRODUCTION, name, directory).run();
        assertPassed(report);
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "template1"})
    void a_standard_database_passes(String name) {
        try (ProductionServer production = ProductionServer.start()) {
            production.execute(name, "create table orders (id int); insert into orders values (1)");
            assertPassed(VerificationRun.of(production, name, directory).run());
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "sql_ascii, encoding 'SQL_ASCII' locale 'C'",
                "latin1, encoding 'LATIN1' locale 'C'",
                "icu, encoding 'UTF8' locale_provider icu icu_locale 'de-DE' locale 'C'",
                "en_us, encoding 'UTF8' locale 'en_US.utf8'"
            })
    void a_database_of_any_encoding_and_locale_passes(String name, String options) {
        PRODUCTION.execute("postgres", "create database " + name + " template template0 " + options);
        PRODUCTION.execute(name, """
                create table "é" (a text primary key);
                insert into "é" values ('é'), ('E'), ('z');
                create view v as select 'é' || a as a from "é" order by a collate "C";
                """);
        if (name.equals("sql_ascii")) {
            PRODUCTION.execute(name, "insert into \"é\" values (convert_from('\\xfffe', 'SQL_ASCII'))");
        }
        assertPassed(VerificationRun.of(PRODUCTION, name, directory)
                .with("comparison", "content")
                .run());
    }

    @Test
    void a_tablespace_of_the_source_is_created_in_the_target() {
        try (ProductionServer production =
                ProductionServer.start(Programs.newest().bin(), "postgres", "allow_in_place_tablespaces=on")) {
            production.execute("postgres", "create tablespace \"Fast Disk\" location ''");
            production.execute("postgres", "create database spaced tablespace \"Fast Disk\"");
            production.execute("spaced", """
                    create table slow (a int primary key using index tablespace pg_default) tablespace pg_default;
                    create table fast (a int);
                    insert into slow values (1);
                    """);
            assertPassed(VerificationRun.of(production, "spaced", directory).run());
        }
    }

    @Test
    void a_table_of_1600_columns_passes() {
        PRODUCTION.createDatabase("wide");
        PRODUCTION.execute("wide", """
                do $$ begin
                  execute (select 'create table wide (' || string_agg('c' || i || ' int', ', ') || ')' from generate_series(1, 1600) i);
                end $$;
                insert into wide (c1, c1600) values (1, 2)""");
        assertPassed(VerificationRun.of(PRODUCTION, "wide", directory)
                .with("comparison", "content")
                .run());
    }

    @Test
    void a_database_of_5000_tables_with_sequences_passes() {
        PRODUCTION.createDatabase("many");
        for (int part = 0; part < 10; part++) {
            // Not in one transaction, which would need too many locks.
            PRODUCTION.execute("many", """
                    do $$ begin
                      for i in %d..%d loop
                        execute format('create table t%%s (id serial primary key, note text)', i);
                        execute format('insert into t%%s (note) values (''x'')', i);
                      end loop;
                    end $$""".formatted(part * 500, part * 500 + 499));
        }
        assertPassed(VerificationRun.of(PRODUCTION, "many", directory).run());
    }

    @Test
    void a_database_under_constant_writes_and_schema_changes_passes() throws Exception {
        PRODUCTION.createDatabase("busy");
        PRODUCTION.execute("busy", """
                create table orders (id bigserial primary key, note text, at timestamptz default clock_timestamp());
                insert into orders (note) select repeat('x', 100) from generate_series(1, 50000);
                """);
        AtomicBoolean ended = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            try (Connection connection = PRODUCTION.connect("busy");
                    Statement statement = connection.createStatement()) {
                for (int i = 0; !ended.get(); i++) {
                    statement.execute("insert into orders (note) values ('live')");
                    statement.execute("delete from orders where id = " + i);
                    statement.execute("create table t" + i + " (a int)");
                    statement.execute("alter table t" + i + " add column b text");
                    statement.execute("drop table t" + i);
                    statement.execute("vacuum (analyze) orders");
                    Thread.sleep(20);
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        writer.start();
        try {
            assertPassed(VerificationRun.of(PRODUCTION, "busy", directory)
                    .with("comparison", "content")
                    .run());
        } finally {
            ended.set(true);
            writer.join();
        }
    }

    /** Otherwise the table would be empty under the snapshot. pg_dump's own lock then queues behind the truncate. */
    @Test
    void a_truncate_before_the_dump_waits_for_the_snapshot_until_the_dump_yields() throws Exception {
        PRODUCTION.createDatabase("truncated");
        PRODUCTION.execute("truncated", "create table orders as select generate_series(1, 1000) as id");
        Thread truncate = new Thread(() -> PRODUCTION.execute("truncated", "truncate orders"));

        VerificationReport report = VerificationRun.of(PRODUCTION, "truncated", directory)
                .with("maximumBlocking", "PT1S")
                .at("dump", truncate::start)
                .run();

        truncate.join();
        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.problemText())
                .contains(
                        "waits for AccessExclusiveLock on public.orders, which one of our sessions has locked, for more than 1 s.");
        assertThat(PRODUCTION.query("truncated", "select count(*) from orders")).isEqualTo("0");
    }

    @Test
    void a_standby_passes_and_the_rows_that_it_lacks_are_listed() {
        try (ProductionServer primary = ProductionServer.start()) {
            primary.createDatabase("shop");
            primary.execute("shop", """
                    create table orders (id bigint generated always as identity primary key, note text);
                    insert into orders (note) select 'x' from generate_series(1, 100);
                    create unlogged table visits (id int);
                    insert into visits values (1);
                    """);
            try (ProductionServer standby = primary.standby()) {
                VerificationReport report = VerificationRun.of(standby, "shop", directory)
                        .with("comparison", "content")
                        .run();
                assertPassed(report);
                assertNoWarning(report);
                assertThat(report.checked().comparison().orElseThrow().rows()).isEqualTo(100);
                assertThat(report.acquired().doesNotContain())
                        .contains(
                                "Rows of unlogged tables, which a standby does not have: public.visits. Dump the primary.");
            }
        }
    }

    /** A change to another row of that table is reported: DescriptionIT makes one. */
    @Test
    void rows_of_initdb_about_its_release_and_locale_are_not_compared() {
        PRODUCTION.createDatabase("elsewhere");
        PRODUCTION.execute("elsewhere", """
                update information_schema.sql_implementation_info set character_value = 'de_DE.utf8'
                    where implementation_info_name = 'COLLATING SEQUENCE';
                update information_schema.sql_implementation_info set character_value = '15.00.0001'
                    where implementation_info_name = 'DBMS VERSION'""");

        VerificationReport report =
                VerificationRun.of(PRODUCTION, "elsewhere", directory).run();

        assertThat(report.problemText() + report.acquired().doesNotContain()).doesNotContain("sql_implementation_info");
    }

    @Test
    void settings_of_the_role_change_nothing() {
        PRODUCTION.createDatabase("set");
        PRODUCTION.execute("set", """
                create role keeper superuser login password 'secret';
                alter role keeper set lc_monetary = 'en_US.utf8';
                alter role keeper set quote_all_identifiers = on;
                alter role keeper set datestyle = 'German';
                alter role keeper set timezone = 'Asia/Kolkata';
                alter role keeper set intervalstyle = 'iso_8601';
                alter role keeper set bytea_output = 'escape';
                alter role keeper set extra_float_digits = 0;
                alter role keeper set search_path = elsewhere;
                alter role keeper set statement_timeout = '1s';
                alter role keeper set default_transaction_isolation = serializable;
                alter role keeper set default_transaction_deferrable = on;
                create schema elsewhere;
                create table elsewhere.prices (amount money, relation regclass, type regtype, function regprocedure,
                    at timestamptz, day date, wait interval, bytes bytea, ratio float8 check (ratio > 0));
                insert into elsewhere.prices values (1234.56, 'elsewhere.prices', 'elsewhere.prices[]', 'now()',
                    '2026-03-29 02:30:00+00', '2026-03-04', '1 mon -3 days', '\\x00ff', 0.1::float8 + 0.2);
                create view elsewhere.dear as select * from elsewhere.prices where amount > 1000::money;
                """);
        VerificationReport report = VerificationRun.of(PRODUCTION, "set", directory)
                .as("keeper", "secret")
                .with("comparison", "content")
                .run();
        assertPassed(report);
        assertNoWarning(report);
    }

    /** As many tables as {@code Snapshot.leavesRoomForWorkers} allows; 19 has no locks beyond its settings, older versions do. */
    @ParameterizedTest
    @ValueSource(ints = {18, 19})
    void several_jobs_fit_in_the_lock_table_when_the_rule_says_so(int major) {
        try (ProductionServer production = ProductionServer.start(
                Programs.ofMajor(major).bin(),
                "postgres",
                "max_connections=10",
                "max_locks_per_transaction=64",
                "max_worker_processes=0",
                "autovacuum_worker_slots=1",
                "max_wal_senders=0")) {
            production.createDatabase("many");
            production.execute("many", """
                    do $$ begin
                        for i in 1..213 loop execute format('create table t%s as select %1$s as a', i); end loop;
                    end $$
                    """);

            VerificationReport report = VerificationRun.of(production, "many", directory)
                    .with("backup.format", "directory")
                    .with("backup.jobs", "4")
                    .run();

            assertPassed(report);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 15, 18, 19})
    void a_read_only_role_can_dump(int major) {
        try (ProductionServer production =
                ProductionServer.start(Programs.ofMajor(major).bin(), "postgres")) {
            production.execute("postgres", """
                    create role reader login password 'secret' bypassrls;
                    grant pg_read_all_data to reader;
                    """);
            production.createDatabase("shop");
            production.execute("shop", """
                    create role tenant;
                    create table orders (id serial primary key, owner name);
                    insert into orders (owner) values ('tenant'), ('nobody');
                    alter table orders enable row level security;
                    alter table orders force row level security;
                    create policy own on orders to tenant using (owner = current_user);
                    create materialized view owners as select owner from orders;
                    create extension hstore;
                    """);
            VerificationReport report = VerificationRun.of(production, "shop", directory)
                    .as("reader", "secret")
                    .with("comparison", "content")
                    .run();
            assertPassed(report);
            assertThat(report.checked().comparison().orElseThrow().rows()).isEqualTo(2);

            production.execute("postgres", "alter role reader nobypassrls");
            VerificationReport hidden = VerificationRun.of(production, "shop", directory)
                    .as("reader", "secret")
                    .run();
            assertThat(hidden.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
            assertThat(hidden.problemText())
                    .contains(
                            "Role `reader` cannot see every row, because of row-level security, of 1 table: public.orders.");
        }
    }

    /** Ignores the version of the client programs, which depends on the machine. */
    private static void assertNoWarning(VerificationReport report) {
        assertThat(report.outcome().warnings()).allMatch(warning -> warning.contains("lack security fixes"));
    }

    /** Shows the failed checks, so that a failed test says what was reported as lost. */
    static void assertPassed(VerificationReport report) {
        assertThat(report.problemText()).as("problem").isEmpty();
        assertThat(report.failedChecks().stream().map(Check::sentence)).isEmpty();
        assertThat(report.verdict()).isEqualTo(Verdict.PASS);
    }
}
