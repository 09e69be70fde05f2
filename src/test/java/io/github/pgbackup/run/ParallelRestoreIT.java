package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.InstallationCopy;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Databases that pg_restore restores correctly only with one job. Each backup is good: the effect of several jobs is not
 * its fault, but must be reported.
 */
final class ParallelRestoreIT {

    /** Rows that take longer to load than the entries without dependencies take to restore. */
    private static final String PARTITIONED = """
            create table orders (id int, at timestamptz default now(), note text) partition by list (id);
            create table orders_1 partition of orders for values in (1);
            create table orders_2 partition of orders for values in (2);
            create table audit (id int);
            insert into orders select 1 + i %% 2, '2020-01-01', 'n' from generate_series(1, 50000) i;
            create function happen() returns trigger language plpgsql as $$ begin %s end $$;
            create trigger happens %s insert on orders for each row execute function happen();
            """;

    /** Otherwise a new server would give an enum's values the same OIDs as the source, which was also new. */
    private static final String OTHER_OIDS = """
            do $$ begin
              for i in 1..41 loop create type gone as (a int); drop type gone; end loop;
            end $$;
            """;

    @TempDir
    Path directory;

    static Stream<Programs> oldAndNew() {
        return Stream.of(15, 18).map(Programs::ofMajor);
    }

    @ParameterizedTest
    @MethodSource("oldAndNew")
    void triggers_of_partitioned_tables_do_not_affect_a_sound_backup(Programs programs) {
        try (ProductionServer production = ProductionServer.start(programs.bin())) {
            production.createDatabase("changed");
            production.execute(
                    "changed", PARTITIONED.formatted("new.at := now(); new.note := 'x'; return new;", "before"));
            production.createDatabase("audited");
            production.execute(
                    "audited",
                    PARTITIONED.formatted("insert into public.audit values (new.id); return null;", "after")
                            + "truncate audit");
            production.createDatabase("refused");
            production.execute("refused", PARTITIONED.formatted("raise 'no more orders';", "before"));

            for (String database : List.of("changed", "audited", "refused")) {
                VerificationRun run = run(production, database);

                VerificationReport report = run.run();

                BackupVerificationIT.assertPassed(report);
                assertThat(run.log())
                        .contains("  1 job (several could change or lose data: trigger happens of the partitioned table"
                                + " public.orders)");
                assertThat(report.outcome().warnings())
                        .contains(
                                "pg_restore with several jobs changes or loses data of this database because of trigger"
                                        + " happens of the partitioned table public.orders; in an emergency, restore with"
                                        + " one job (--jobs=1).");
                assertThat(report.restored().restore().orElseThrow().jobs()).isEqualTo(1);
                assertThat(report.restored().restore().orElseThrow().severalJobs())
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("oldAndNew")
    void a_check_that_reads_another_table_passes_with_one_job(Programs programs) {
        try (ProductionServer production = ProductionServer.start(programs.bin())) {
            production.createDatabase("shop");
            // The name makes one job load the table that is read first; it takes the longest.
            production.execute("shop", """
                    create table a_currency (code text, name text);
                    insert into a_currency select 'C' || i, repeat('x', 100) from generate_series(1, 200000) i;
                    create function known(text) returns boolean language sql stable
                        as $$ select exists (select from public.a_currency where code = $1) $$;
                    create table b_price (currency text check (known(currency)));
                    insert into b_price values ('C199999');
                    """);

            VerificationRun run = run(production, "shop");
            VerificationReport report = run.run();

            BackupVerificationIT.assertPassed(report);
            assertThat(run.log())
                    .contains("  1 job (several could change or lose data: constraint b_price_currency_check of"
                            + " public.b_price, which calls public.known())");
            assertThat(report.outcome().warnings()).noneMatch(warning -> warning.contains("--jobs"));
        }
    }

    /** The function is declared immutable, and its source does not show that it reads a table. */
    @ParameterizedTest
    @MethodSource("oldAndNew")
    void damage_that_no_catalog_predicts_causes_a_restore_with_one_job(Programs programs) {
        try (ProductionServer production = ProductionServer.start(programs.bin(), "postgres", "wal_level=logical")) {
            production.createDatabase("shop");
            production.execute("shop", """
                    create table a_currency (code text, name text);
                    insert into a_currency select 'C' || i, repeat('x', 100) from generate_series(1, 200000) i;
                    create function known(text) returns boolean language sql stable
                        as $$ select exists (select from public.a_currency where code = $1) $$;
                    create function checked(text) returns boolean language sql immutable as $$ select public.known($1) $$;
                    create table b_price (currency text check (checked(currency)));
                    insert into b_price values ('C199999');
                    create subscription elsewhere connection 'host=nowhere' publication p with (connect = false);
                    """);

            VerificationRun run = run(production, "shop").with("comparison", "content");
            VerificationReport report = run.run();

            BackupVerificationIT.assertPassed(report);
            assertThat(run.log())
                    .contains("  1 difference after a restore with 4 jobs; restoring again with one job to decide");
            assertThat(report.outcome().warnings())
                    .contains("pg_restore with 4 jobs changes or loses TABLE DATA public.b_price; in an emergency,"
                            + " restore with one job (--jobs=1).");
            assertThat(report.restored().restore().orElseThrow().jobs()).isEqualTo(1);
            assertThat(report.restored().errors()).isEmpty();
            assertThat(report.restored()
                            .restore()
                            .orElseThrow()
                            .severalJobs()
                            .orElseThrow()
                            .jobs())
                    .isEqualTo(4);
            assertThat(report.restored()
                            .restore()
                            .orElseThrow()
                            .severalJobs()
                            .orElseThrow()
                            .changedOrLost())
                    .containsExactly("TABLE DATA public.b_price");
            assertThat(report.outcome().stages())
                    .extracting(VerificationReport.Stage::name)
                    .contains("restore with one job", "introspect again");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = 18)
    void a_loss_that_one_job_also_causes_fails(int major) {
        try (ProductionServer production =
                ProductionServer.start(Programs.ofMajor(major).bin())) {
            production.createDatabase("shop");
            production.execute("shop", """
                    create table customer (id int primary key);
                    create table orders (customer int references customer);
                    set session_replication_role = replica;
                    insert into orders values (1);
                    """);

            VerificationReport report = run(production, "shop")
                    .onRestored(session -> session.execute("insert into public.customer values (7)"))
                    .run();

            assertThat(report.problemText()).isEmpty();
            assertThat(report.failedChecks().stream().map(Check::sentence))
                    .contains(
                            "comparison: FK CONSTRAINT public.orders orders_customer_fkey: expected present, actual missing.",
                            "comparison: TABLE DATA public.customer: expected 0 rows, actual 1 row.");
            assertThat(report.restored().restore().orElseThrow().jobs()).isEqualTo(1);
            assertThat(report.restored()
                            .restore()
                            .orElseThrow()
                            .severalJobs()
                            .orElseThrow()
                            .changedOrLost())
                    .isEmpty();
            assertThat(report.outcome().warnings()).noneMatch(warning -> warning.contains("--jobs"));
        }
    }

    /** Minimal versions of extensions like pgq and postgis_topology. */
    @ParameterizedTest
    @MethodSource("oldAndNew")
    void configuration_tables_of_extensions_with_foreign_keys_pass(Programs programs) throws IOException {
        Path bin = InstallationCopy.of(programs, directory.resolve("installation"))
                .extension("queues", """
                        create table queue (id text primary key, filler text);
                        create table consumer (queue text references queue);
                        select pg_catalog.pg_extension_config_dump('queue', '');
                        select pg_catalog.pg_extension_config_dump('consumer', '');
                        """)
                .bin();
        try (ProductionServer production = ProductionServer.start(bin)) {
            production.createDatabase("shop");
            production.execute("shop", """
                    create schema q; create extension queues schema q;
                    insert into q.queue select i, repeat('x', 100) from generate_series(1, 100000) i;
                    insert into q.consumer values (99999);
                    create table public.own (queue text references q.queue);
                    insert into public.own values (99999);
                    """);

            VerificationRun run = run(production, "shop");
            VerificationReport report = run.run();

            BackupVerificationIT.assertPassed(report);
            assertThat(run.log())
                    .contains(
                            "  1 job (several could change or lose data: foreign key consumer_queue_fkey of q.consumer and"
                                    + " a configuration table of extension queues, foreign key own_queue_fkey of public.own and a"
                                    + " configuration table of extension queues)");
            assertThat(report.outcome().warnings())
                    .anyMatch(warning -> warning.contains("restore with one job (--jobs=1)"));
        }
    }

    /** The OIDs of the values decide the partition, and differ in every database. */
    @ParameterizedTest
    @MethodSource("oldAndNew")
    void partitions_by_the_hash_of_an_enum_are_compared_where_rows_stay(Programs programs) {
        try (ProductionServer production = ProductionServer.start(programs.bin())) {
            production.createDatabase("shop");
            production.execute(
                    "shop",
                    OTHER_OIDS
                            + """
                    create type state as enum (%s);
                    create domain checked as state;
                    create table orders (id int, region text, state checked) partition by list (region);
                    create table eu partition of orders for values in ('eu') partition by hash (state);
                    create table us partition of orders for values in ('us');
                    create table eu_0 partition of eu for values with (modulus 3, remainder 0);
                    create table eu_1 partition of eu for values with (modulus 3, remainder 1) partition by hash (id);
                    create table eu_1_0 partition of eu_1 for values with (modulus 1, remainder 0);
                    create table eu_2 partition of eu for values with (modulus 3, remainder 2);
                    insert into orders select i, (array['eu', 'us'])[1 + i %% 2], ('s' || 1 + i %% 30)::state
                    from generate_series(1, 3000) i;
                    """.formatted(IntStream.rangeClosed(1, 30)
                                    .mapToObj(i -> "'s" + i + "'")
                                    .collect(Collectors.joining(", "))));

            VerificationReport report =
                    run(production, "shop").with("comparison", "content").run();

            BackupVerificationIT.assertPassed(report);
            assertThat(report.checked().tableRows())
                    .extracting(VerificationReport.TableRows::table, VerificationReport.TableRows::restored)
                    .containsExactlyInAnyOrder(
                            tuple("public.eu", Optional.of(1500L)), tuple("public.us", Optional.of(1500L)));

            VerificationReport lossy = run(production, "shop")
                    .with("comparison", "content")
                    .onRestored(session -> session.execute("delete from public.eu where id = 2"))
                    .run();
            assertThat(lossy.failedChecks().get(0).sentence())
                    .isEqualTo("comparison: TABLE DATA public.eu: expected 1500 rows, actual 1499 rows.");
            VerificationReport altered = run(production, "shop")
                    .with("comparison", "content")
                    .onRestored(session -> session.execute("update public.eu set id = 3 where id = 2"))
                    .run();
            assertThat(altered.failedChecks()).extracting(Check::name).contains("TABLE DATA public.eu");
        }
    }

    /** pg_dump has no special rule for these partitions: most rows do not fit the partition that they are loaded into. */
    @ParameterizedTest
    @ValueSource(ints = 18)
    void partitions_by_the_hash_of_an_array_of_enums_are_lost_and_fail(int major) {
        try (ProductionServer production =
                ProductionServer.start(Programs.ofMajor(major).bin())) {
            production.createDatabase("shop");
            production.execute("shop", OTHER_OIDS + """
                    create type state as enum ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
                    create table orders (state state[]) partition by hash (state);
                    create table orders_0 partition of orders for values with (modulus 2, remainder 0);
                    create table orders_1 partition of orders for values with (modulus 2, remainder 1);
                    insert into orders select array[unnest(enum_range(null::state))];
                    """);

            VerificationReport report = run(production, "shop").run();

            assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
            assertThat(report.failedChecks()).extracting(Check::name).anyMatch(name -> name.startsWith("TABLE DATA"));
        }
    }

    private VerificationRun run(ProductionServer production, String database) {
        return VerificationRun.of(production, database, directory).with("restore.jobs", "4");
    }
}
