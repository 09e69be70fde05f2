-- A table that pg_partman manages: its row in part_config and the template table that it makes.
create schema partman; create extension pg_partman schema partman;
create table public.measured (at timestamptz not null, value int) partition by range (at);
create index on public.measured (value);
select partman.create_parent('public.measured', 'at', 'native', 'daily', p_premake := 2, p_start_partition := '2026-01-01');
update partman.part_config set retention = '30 days', retention_keep_table = false where parent_table = 'public.measured';
insert into public.measured select timestamptz '2026-01-01' + i * interval '1 hour', i from generate_series(0, 30) i;
create table public.numbered (id bigint not null, value text) partition by range (id);
select partman.create_parent('public.numbered', 'id', 'native', '10', p_premake := 1); insert into public.numbered select i, 'v' || i from generate_series(1, 15) i;
create role partman_user; grant all on schema partman to partman_user; grant all on all tables in schema partman to partman_user; grant execute on all functions in schema partman to partman_user;
