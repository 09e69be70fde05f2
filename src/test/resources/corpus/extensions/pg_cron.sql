-- Jobs, and what has run: both are rows of the extension's configuration tables.
create extension pg_cron;
create table cleaned (id serial primary key, at timestamptz); insert into cleaned (at) values ('2026-01-01');
select cron.schedule('nightly', '0 3 * * *', 'delete from cleaned where at < now()'); select cron.schedule('*/5 * * * *', 'vacuum cleaned');
insert into cron.job_run_details (jobid, runid, database, username, command, status) values (1, 1, 'used', 'postgres', 'select 1', 'succeeded');
create role cron_user; grant usage on schema cron to cron_user;
