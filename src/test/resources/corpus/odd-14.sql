-- What PostgreSQL 14 brought.
create type int_range as range (subtype = int, multirange_type_name = int_ranges);
create table compressed (a text compression pglz, ranges int4multirange); insert into compressed values ('x', '{[1,3),[5,7)}');
create statistics on_expressions_of on (a + 1), (a % 10) from generated;
create procedure gives(in a int, out b int) language sql as 'select a';
create function sql_body(a int) returns int return a + 1;
create table detached (a int) partition by list (a);
create trigger or_replaced before truncate on settings for each statement execute function touch();
alter table settings alter b set (n_distinct = 7);
