-- What PostgreSQL 15 brought.
create table nulls (a int unique nulls not distinct); insert into nulls values (null);
create view as_invoker with (security_invoker = true) as select * from parent;
create publication filtered for table only parent (id) where (id > 1); create publication of_schema for tables in schema app with (publish = 'insert');
create collation icu_german (provider = icu, locale = 'de-DE', deterministic = false); create table of_icu (a text collate icu_german unique); insert into of_icu values ('ä'), ('b');
create table nulled (a int, b int, foreign key (a) references parent (id) on delete set null (a));
grant set on parameter work_mem to corpus_reader;
