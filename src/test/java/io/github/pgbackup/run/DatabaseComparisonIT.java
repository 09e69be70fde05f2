package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Further results of the comparison: versions of extensions, coverage, the budget, errors by their effect. */
final class DatabaseComparisonIT {

    @AutoClose
    static final ProductionServer PRODUCTION =
            ProductionServer.start(Programs.newest().bin());

    @TempDir
    Path directory;

    private String database = "";

    @BeforeEach
    void create_a_database_for_the_test(TestInfo test) {
        database = test.getTestMethod().orElseThrow().getName();
        database = database.substring(0, Math.min(63, database.length()));
        PRODUCTION.execute("postgres", "drop database if exists " + database);
        PRODUCTION.createDatabase(database);
    }

    /** A restore recomputes the column, and the definitions do not show that its values change. */
    @Test
    void a_generated_column_whose_function_has_changed_is_noticed() {
        PRODUCTION.execute(database, """
                create function f(int) returns int immutable language sql as 'select $1 * $1 + 3';
                create table t (a int, b int generated always as (f(a)) stored);
                insert into t values (4);
                create or replace function f(int) returns int immutable language sql as 'select $1 * $1';
                """);

        VerificationReport report = run().with("comparison", "content").run();

        assertThat(report.failedChecks().stream().map(Check::sentence))
                .singleElement()
                .asString()
                .matches(
                        "comparison: TABLE DATA public\\.t generated columns: expected the values that the source has stored, with the fingerprint .*,"
                                + " actual other values, as the restore has computed them, with the fingerprint .*");
    }

    @Test
    void large_objects_that_differ_are_named_by_their_oids() {
        PRODUCTION.execute(
                database,
                "select lo_from_bytea(i, 'abc'), lo_from_bytea(i + 100, '') from generate_series(20001, 20003) i");

        VerificationReport report = run().with("comparison", "content")
                .onRestored(session -> session.execute("""
                        do $$ begin
                            perform lo_put(20002, 1, 'x'), lo_unlink(20103), lo_create(30000);
                        end $$;
                        comment on large object 20003 is 'changed'"""))
                .run();

        assertThat(report.failedChecks().stream().map(Check::sentence))
                .containsExactlyInAnyOrder(
                        "comparison: LARGE OBJECTS: expected OID 20103, actual in their place OID 30000.",
                        "comparison: LARGE OBJECTS: expected the content of OID 20002 as in the source, actual different.",
                        "comparison: LARGE OBJECTS: expected owner, privileges and comment of OID 20003 as in the source,"
                                + " actual different.");
    }

    @Test
    void a_restored_table_that_cannot_be_read_is_named() {
        PRODUCTION.execute(database, """
                create table fine (id int); create type colour as enum ('blue', 'red');
                create table painted as select 'red'::colour as c; create table also_fine (id int)""");

        VerificationReport damaged = run().with("comparison", "content")
                .onRestored(session -> session.execute(
                        "set allow_system_table_mods = on; delete from pg_catalog.pg_enum where enumlabel = 'red'"))
                .run();

        assertThat(damaged.failedChecks().stream().map(Check::sentence))
                .containsExactlyInAnyOrder(
                        "comparison: ENUM LABEL public.colour 'red': expected present, actual missing.",
                        "comparison: TABLE DATA public.painted: expected 1 row, actual rows that cannot be read (SQLSTATE 22P03).");
    }

    /** The state after pg_upgrade: a restore in production would give the same result. */
    @Test
    void another_version_of_an_extension_is_noted_when_the_source_has_the_same_packages() {
        PRODUCTION.execute(database, "create extension hstore version '1.4'; create table t (h hstore)");

        VerificationReport report = run().run();

        BackupVerificationIT.assertPassed(report);
        assertThat(report.checked().comparison().orElseThrow().notes())
                .anySatisfy(note -> assertThat(note)
                        .matches(
                                "EXTENSION hstore: version 1\\.4 in the source, 1\\.[5-9] in the restored database, which is also the default of the source's packages; run ALTER EXTENSION hstore UPDATE in"
                                        + " the source"));
    }

    @Test
    void the_report_says_how_many_tables_the_expectations_touch() {
        PRODUCTION.execute(
                database,
                "create table a (id int); create table b (id int); create table c (id int); create view v as select 1 as id");

        VerificationReport report = run().expect("table", "public.a")
                .expect("column", "public.a.id")
                .expect("column", "public.b.id")
                .expect("view", "public.v")
                .run();

        BackupVerificationIT.assertPassed(report);
        assertThat(report.checked().comparison().orElseThrow().coverage())
                .isEqualTo(new VerificationReport.Coverage(2, 3));
    }

    @Test
    void the_report_has_table_sizes_kinds_of_differences_and_lock_time() {
        PRODUCTION.execute(database, """
                create table dead as select i as id from generate_series(1, 20000) i; delete from dead where id > 100;
                create table toasted as select (select string_agg(md5(i::text), '') from generate_series(1, 20000) i) as body;
                """);

        VerificationReport report =
                run().onRestored(session -> session.execute("""
                        create index on public.dead (id); create table public.more as select 1 as id""")).run();

        assertThat(report.problemText()).isEmpty();
        assertThat(report.checked().comparison().orElseThrow().differences())
                .containsOnly(entry("INDEX", 1), entry("TABLE", 1), entry("TABLE DATA", 1));
        assertThat(report.checked().tableRows())
                .extracting(VerificationReport.TableRows::table)
                .containsExactly("public.dead", "public.more", "public.toasted");
        assertThat(report.checked().tableRows().get(0).sourceBytes().orElseThrow())
                .isGreaterThan(500_000);
        assertThat(report.checked().tableRows().get(0).restoredBytes().orElseThrow())
                .isBetween(8_192L, 50_000L);
        assertThat(report.checked().tableRows().get(1).sourceBytes()).isEmpty();
        assertThat(report.checked().tableRows().get(2).restoredBytes().orElseThrow())
                .isGreaterThan(300_000);
        assertThat(report.acquired().snapshot().orElseThrow().takenAfter())
                .isPositive()
                .isLessThan(report.outcome()
                        .duration()
                        .minus(report.acquired().snapshot().orElseThrow().held()));
    }

    @Test
    void a_restore_over_its_budget_fails() {
        PRODUCTION.execute(database, "create table a (id int)");

        VerificationReport report =
                run().with("restore.maximumDuration", "PT0.001S").run();

        assertThat(report.problemText()).isEmpty();
        assertThat(report.failedChecks().stream().map(Check::sentence))
                .singleElement()
                .asString()
                .matches("restore: recovery time: expected at most 0\\.001 s, actual 0\\.\\d+ s\\.");
        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
    }

    @Test
    void a_difference_of_a_table_names_its_columns() {
        PRODUCTION.execute(database, """
                do $$ begin
                  execute (select 'create table wide (' || string_agg('c' || i || ' int', ', ') || ')' from generate_series(1, 40) i);
                end $$""");

        VerificationReport report = run().with("comparison", "schema")
                .onRestored(session -> session.execute(
                        "alter table public.wide alter c20 type bigint, drop c40, alter c3 set default 7"))
                .run();

        assertThat(report.failedChecks().stream().map(Check::sentence))
                .containsExactly(
                        "comparison: DEFAULT public.wide c3: expected not in the source, actual present.",
                        "comparison: TABLE public.wide column c20 type: expected integer, actual bigint.",
                        "comparison: TABLE public.wide column c40: expected present, actual missing.");
    }

    @Test
    void a_foreign_key_to_a_table_of_many_partitions_passes_with_several_jobs() {
        PRODUCTION.execute(database, """
                create table orders (id int primary key) partition by hash (id);
                do $$ begin
                  for i in 0..39 loop
                    execute format('create table orders_%s partition of orders for values with (modulus 40, remainder %s)', i, i);
                    execute format('create table line_%s (id int references orders)', i);
                  end loop;
                end $$;
                insert into orders select i from generate_series(1, 1000) i;
                insert into line_1 select i from generate_series(1, 1000) i""");

        BackupVerificationIT.assertPassed(run().with("restore.jobs", "4").run());
    }

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void rows_that_do_not_satisfy_a_constraint_of_their_parent_that_is_not_valid_pass(Programs programs) {
        try (ProductionServer production = ProductionServer.start(programs.bin())) {
            production.createDatabase("shop");
            production.execute("shop", """
                    create table orders (id int, day date) partition by list (id);
                    create table orders_1 partition of orders for values in (1);
                    create table orders_2 partition of orders for values in (2);
                    create table parent (a int);
                    create table child () inherits (parent);
                    insert into orders select 1 + i % 2, null from generate_series(1, 50000) i;
                    insert into child select -i from generate_series(1, 50000) i;
                    alter table orders add constraint later check (day is not null) not valid;
                    alter table parent add constraint later check (a > 0) not valid;
                    """);

            BackupVerificationIT.assertPassed(VerificationRun.of(production, "shop", directory)
                    .with("restore.jobs", "4")
                    .run());
        }
    }

    private VerificationRun run() {
        return VerificationRun.of(PRODUCTION, database, directory);
    }
}
