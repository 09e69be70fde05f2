package io.github.pgbackup.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class VisibilityIT {

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    @BeforeAll
    static void create_what_can_and_cannot_be_read() {
        PRODUCTION.createDatabase("shop");
        PRODUCTION.execute("shop", """
                create role nobody login password 's3cret';
                create role tenant login password 's3cret';
                create role owner login password 's3cret';
                create schema app;
                create table app."Order Items" (id serial primary key, price numeric);
                create table app.open (id int);
                create table public.orders (id int);
                grant usage on schema app to tenant, owner;
                grant select on all tables in schema app, public to tenant;
                grant select on all sequences in schema app to tenant;
                grant select on app.open to nobody;
                alter table public.orders owner to owner;
                alter table public.orders enable row level security;
                create table public.forced (id int);
                alter table public.forced owner to owner;
                alter table public.forced enable row level security;
                alter table public.forced force row level security;
                grant select on all tables in schema app, public to owner;
                grant select on all sequences in schema app to owner;
                select lo_create(4711);
                grant select on large object 4711 to tenant, owner;
                """);
    }

    @Test
    void a_superuser_sees_everything() throws SQLException {
        assertThat(obstacles(PRODUCTION.superuser(), PRODUCTION.password())).isEmpty();
    }

    @Test
    void what_a_role_cannot_read_is_named_by_kind() throws SQLException {
        assertThat(obstacles("nobody", "s3cret"))
                .containsExactly(
                        "Role `nobody` has no USAGE on 1 schema: app. Have a superuser run GRANT pg_read_all_data TO"
                                + " nobody (PostgreSQL 14 and newer) or GRANT USAGE ON SCHEMA.",
                        "Role `nobody` cannot read 3 tables: app.\"Order Items\", public.forced, public.orders. Have a"
                                + " superuser run GRANT pg_read_all_data TO nobody (PostgreSQL 14 and newer) or GRANT"
                                + " SELECT ON TABLE.",
                        "Role `nobody` cannot read 1 sequence: app.\"Order Items_id_seq\". Have a superuser run GRANT"
                                + " pg_read_all_data TO nobody (PostgreSQL 14 and newer) or GRANT SELECT ON SEQUENCE.",
                        "Role `nobody` cannot read 1 large object: 4711. Dump as a superuser or have each one's owner"
                                + " run GRANT SELECT ON LARGE OBJECT.",
                        "Role `nobody` cannot see every row, because of row-level security, of 2 tables: public.forced,"
                                + " public.orders. Have a superuser run ALTER ROLE nobody BYPASSRLS, or dump as the"
                                + " tables' owner.");
    }

    @Test
    void row_level_security_hides_rows_of_tables_that_can_be_read() throws SQLException {
        PRODUCTION.execute("shop", "grant select on public.forced, public.orders to tenant");

        assertThat(obstacles("tenant", "s3cret"))
                .containsExactly("Role `tenant` cannot see every row, because of row-level security, of 2 tables:"
                        + " public.forced, public.orders. Have a superuser run ALTER ROLE tenant BYPASSRLS, or dump as"
                        + " the tables' owner.");
    }

    @Test
    void the_owner_is_under_row_level_security_only_where_it_is_forced() throws SQLException {
        assertThat(obstacles("owner", "s3cret"))
                .containsExactly("Role `owner` cannot see every row, because of row-level security, of 1 table:"
                        + " public.forced. Have a superuser run ALTER ROLE owner BYPASSRLS, or dump as the tables'"
                        + " owner.");
    }

    @Test
    void twenty_of_many_tables_are_named() throws SQLException {
        PRODUCTION.createDatabase("many");
        PRODUCTION.execute(
                "many",
                "do $$ begin for i in 1..10000 loop execute format('create table t%s ()', to_char(i, 'FM00000'));"
                        + " if i % 1000 = 0 then commit; end if; end loop; end $$");

        List<String> obstacles = obstacles(Production.source(PRODUCTION.url("many"), "nobody", "s3cret"));

        assertThat(obstacles).hasSize(1);
        assertThat(obstacles.get(0))
                .startsWith("Role `nobody` cannot read 10000 tables: public.t00001, public.t00002, ")
                .contains("public.t00020 and 9980 more. Have a superuser run");
    }

    private static List<String> obstacles(String user, String password) throws SQLException {
        return obstacles(Production.source(PRODUCTION.url("shop"), user, password));
    }

    private static List<String> obstacles(Source source) throws SQLException {
        try (Session session = source.connect()) {
            return Visibility.obstacles(session).stream()
                    .map(obstacle -> obstacle.fact() + " " + obstacle.remedy())
                    .toList();
        }
    }
}
