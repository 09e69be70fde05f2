package io.github.pgbackup.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.source.ParallelRestore.Hazard;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the catalogs of a database say about a restore with several jobs. */
final class ParallelRestoreHazardsIT {

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void only_what_several_jobs_restore_differently_is_named(Programs programs) throws SQLException {
        try (ProductionServer production = ProductionServer.start(programs.bin())) {
            production.createDatabase("shop");
            production.execute("shop", """
                    create schema s; set search_path = s;
                    create table plain (id int primary key, k int references plain, note text);
                    create function f() returns trigger language plpgsql as $$ begin return new; end $$;
                    create trigger mine before insert on plain for each row execute function f();
                    create table part (id int, note text) partition by list (id);
                    create table part_1 partition of part for values in (1);
                    create trigger fires before insert or update on part for each row execute function f();
                    create trigger updates before update on part for each row execute function f();
                    create trigger statements before insert on part for each statement execute function f();
                    create trigger off before insert on part for each row execute function f();
                    alter table part disable trigger off;
                    create trigger own before insert on part_1 for each row execute function f();
                    create function valid(text) returns boolean language sql immutable as $$ select $1 like '%@%' $$;
                    create function reads(text) returns boolean language sql as $$ select $1 = 'a' $$;
                    create function pretends(text) returns boolean language sql immutable
                        as $$ select exists (select from s.plain) $$;
                    create operator === (leftarg = text, rightarg = text, function = texteq);
                    alter table plain add check (valid(note)), add check (length(note) < 9), add check (note === note),
                        add constraint bad check (reads(note));
                    create domain name as text constraint bad check (s.reads(value));
                    alter table plain add g boolean generated always as (s.pretends(note)) stored;
                    create index good on plain (valid(note));
                    create index wrong on plain (pretends(note));
                    create type state as enum ('a');
                    create table by_state (state state) partition by hash (state);
                    create table by_list (state state) partition by list (state);
                    create temp table gone (note text check (s.reads(note)));
                    """);

            try (Session session = new Session(DriverManager.getConnection(
                    production.url("shop"), production.superuser(), production.password()))) {
                assertThat(ParallelRestore.of(session).hazards())
                        .containsExactlyInAnyOrder(
                                new Hazard("trigger fires of the partitioned table s.part", true),
                                new Hazard("constraint bad of s.plain, which calls s.reads()", false),
                                new Hazard("constraint bad of s.name, which calls s.reads()", false),
                                new Hazard("generated column g of s.plain, which calls s.pretends()", false),
                                new Hazard("index s.wrong, which calls s.pretends()", false),
                                new Hazard("partitions of s.by_state, which are loaded through it", false));
                assertThat(ParallelRestore.of(session).hazards().get(0).certain())
                        .isTrue();
            }
        }
    }
}
