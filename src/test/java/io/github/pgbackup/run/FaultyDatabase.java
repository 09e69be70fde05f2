package io.github.pgbackup.run;

import io.github.pgbackup.test.ProductionServer;

/** A database in which each kind of fault can be made, in a separate table where possible. */
final class FaultyDatabase {

    private FaultyDatabase() {}

    static void create(ProductionServer production, String name) {
        production.createDatabase(name);
        production.execute(name, """
                create extension citext;
                create table plain (n int);
                insert into plain select i from generate_series(1, 100) i;
                create table dated (happened timestamptz);
                insert into dated select timestamptz '2026-01-01' + i * interval '1 hour' from generate_series(1, 50) i;
                create table pairs (one int not null, other text);
                insert into pairs select i, 'value ' || i from generate_series(1, 20) i;
                create table words (word text not null);
                insert into words values ('plain'), ('Zürich'), ('Đà Nẵng');
                create table parents (id int primary key);
                create table children (parent int references parents);
                insert into parents select i from generate_series(1, 10) i;
                insert into children select i from generate_series(1, 10) i;
                create table indexed (a int);
                create index indexed_a on indexed (a);
                create table checked (a int constraint positive check (a > 0));
                insert into checked values (1);
                create function touched() returns trigger language plpgsql as 'begin return new; end';
                create table observed (a int);
                create trigger watch before insert on observed for each row execute function touched();
                create table secret (owner_name text);
                alter table secret enable row level security;
                create policy own on secret using (owner_name = current_user);
                create function doubled(int) returns int language sql as 'select $1 * 2';
                create view positive_pairs as select one, other from pairs where one > 10;
                create materialized view totals as select count(*) as n from pairs;
                create table defaulted (a int default 42);
                create sequence tickets;
                create table parted (id int) partition by range (id);
                create table parted_1 partition of parted for values from (1) to (100);
                insert into parted select i from generate_series(1, 10) i;
                create schema side;
                create table side.beside (a int);
                insert into side.beside values (1), (2);
                grant select on plain to public;
                """);
        production.execute(name, "select nextval('tickets') from generate_series(1, 5)");
        production.execute(name, "select lo_from_bytea(0, 'abc'), lo_from_bytea(0, 'def')");
        production.execute("postgres", "alter database " + name + " set work_mem = '8MB'");
    }
}
