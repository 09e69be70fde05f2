-- What PostgreSQL 17 brought.
create collation built_in (provider = builtin, locale = 'C.UTF-8'); create table of_built_in (a text collate built_in); insert into of_built_in values ('é');
create table by_identity (id bigint generated always as identity, day date) partition by range (day);
create table by_identity_all partition of by_identity default; insert into by_identity (day) values ('2026-01-01');
grant maintain on parent to corpus_reader;
alter table generated alter b set expression as (a * 3);
