package io.github.pgbackup.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ProbeIT {

    private static final String SCHEMA = """
            create schema app;
            create type app.state as enum ('draft', 'final');
            create table app.orders (id serial primary key, state app.state default 'draft', price numeric check (price > 0),
                                     search tsvector generated always as (to_tsvector('simple', 'x')) stored);
            create index orders_price on app.orders (price) where price > 10;
            create table app.parts (id int) partition by range (id);
            create table app.part1 partition of app.parts for values from (1) to (10);
            create view app.cheap as select * from app.orders where price < 5;
            create materialized view app.total as select sum(price) from app.orders;
            create function app.f() returns trigger language plpgsql as $$ begin return new; end $$;
            create function app.g(i int default 1) returns int language sql as $$ select i $$;
            create aggregate app.agg (int) (sfunc = int4pl, stype = int);
            create trigger t before insert on app.orders for each row execute function app.f();
            create rule r as on delete to app.orders do instead nothing;
            alter table app.orders enable row level security;
            create policy p on app.orders using (price > 0);
            create sequence app.s increment 5;
            create publication pub for table app.parts;
            comment on table app.orders is 'what was bought';
            """;

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    @BeforeEach
    void create_the_schema() {
        PRODUCTION.execute("postgres", "drop database if exists shop with (force)");
        PRODUCTION.createDatabase("shop");
        PRODUCTION.execute("shop", SCHEMA);
    }

    @Test
    void rows_sequence_values_and_statistics_are_no_difference() throws SQLException {
        Probe before = probe(PRODUCTION, "shop");
        PRODUCTION.execute("shop", """
                insert into app.orders (price) select generate_series(1, 100);
                select nextval('app.s');
                analyze;
                """);
        PRODUCTION.execute("shop", "vacuum full app.orders");

        assertThat(Probe.difference(before, probe(PRODUCTION, "shop"))).isEmpty();
    }

    @Test
    void an_object_dropped_and_created_again_is_no_difference() throws SQLException {
        Probe before = probe(PRODUCTION, "shop");
        PRODUCTION.execute("shop", "drop schema app cascade; drop publication pub");
        PRODUCTION.execute("shop", SCHEMA);

        assertThat(Probe.difference(before, probe(PRODUCTION, "shop"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    create schema x                                  | schemas: 2 before, 3 after
                    alter table app.orders set (fillfactor = 50)     | tables: 3 before and after, but a name or definition differs
                    grant select on app.cheap to public              | views: 1 before and after, but a name or definition differs
                    alter materialized view app.total set (fillfactor = 50) | materialized views: 1 before and after, but a name or definition differs
                    alter table app.orders alter state set default 'final' | columns: 11 before and after, but a name or definition differs
                    alter table app.parts detach partition app.part1 | inheritance: 1 before, 0 after
                    alter table app.orders drop constraint orders_price_check | constraints: 2 before, 1 after
                    drop index app.orders_price                      | indexes: 2 before, 1 after
                    alter sequence app.s increment 6                 | sequences: 2 before and after, but a name or definition differs
                    create or replace function app.g(i int default 1) returns int language sql as $$ select i + 1 $$ | functions: 3 before and after, but a name or definition differs
                    alter type app.state add value 'void'            | types: 1 before and after, but a name or definition differs
                    alter table app.orders disable trigger t         | triggers: 1 before and after, but a name or definition differs
                    drop rule r on app.orders                        | rules: 1 before, 0 after
                    alter policy p on app.orders using (price > 1)   | policies: 1 before and after, but a name or definition differs
                    comment on table app.orders is 'sold'            | comments: 1 before and after, but a name or definition differs
                    alter publication pub add table app.orders       | publications: 1 before and after, but a name or definition differs
                    create extension citext schema public            | extensions: 1 before, 2 after
                    alter database shop set work_mem = '1MB'         | database settings: 1 before, 2 after
                    alter role postgres connection limit 50          | roles:
                    """)
    void a_changed_definition_is_a_difference(String ddl, String difference) throws SQLException {
        Probe before = probe(PRODUCTION, "shop");
        PRODUCTION.execute("shop", ddl);

        assertThat(Probe.difference(before, probe(PRODUCTION, "shop")))
                .anyMatch(sentence -> sentence.startsWith(difference));
    }

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void every_major_can_be_probed_and_identified(Programs programs) throws SQLException {
        try (ProductionServer server = ProductionServer.start(programs.bin())) {
            server.createDatabase("shop");
            server.execute("shop", SCHEMA);
            Source source = Production.source(server, "shop");

            assertThat(probe(server, "shop")).isEqualTo(probe(server, "shop"));
            assertThat(probe(server, "shop").observations().get("tables")).startsWith("3 sha256:");
            assertThat(source.identity().version().major()).isEqualTo(programs.major());
            try (Session session = source.connect()) {
                assertThat(Visibility.obstacles(session)).isEmpty();
            }
        }
    }

    @Test
    void a_role_without_any_privilege_sees_the_same() throws SQLException {
        PRODUCTION.execute("shop", "drop role if exists nobody; create role nobody login password 's3cret'");

        try (Session session =
                Production.source(PRODUCTION.url("shop"), "nobody", "s3cret").connect()) {
            assertThat(Probe.of(session)).isEqualTo(probe(PRODUCTION, "shop"));
        }
    }

    @Test
    void ten_thousand_tables_take_seconds() throws SQLException {
        PRODUCTION.createDatabase("many");
        PRODUCTION.execute(
                "many",
                "do $$ begin for i in 1..10000 loop execute format('create table t%s (a int, b text, c numeric)', i);"
                        + " if i % 1000 = 0 then commit; end if; end loop; end $$");
        long began = System.nanoTime();
        Probe probe = probe(PRODUCTION, "many");

        assertThat(probe.observations().get("columns")).startsWith("30000 ");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    }

    private static Probe probe(ProductionServer server, String database) throws SQLException {
        try (Session session = Production.source(server, database).connect()) {
            return Probe.of(session);
        }
    }
}
