-- What PostgreSQL 18 brought.
create table virtual (a int, b int generated always as (a * 2) virtual); insert into virtual values (2);
create table not_nulls (a int constraint a_is_there not null, b int, b2 int, constraint b_is_there not null b no inherit); alter table not_nulls add constraint later not null b2 not valid;
create table not_enforced (a int, constraint wish check (a > 0) not enforced, b int references parent not enforced); insert into not_enforced values (-1, 99);
create table temporal (id int4range, during daterange, constraint while primary key (id, during without overlaps));
alter default privileges for role corpus_owner grant select on large objects to corpus_reader;
