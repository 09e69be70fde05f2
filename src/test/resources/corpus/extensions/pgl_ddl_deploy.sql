-- Privileges that its script gives, as pg_init_privs records them: an ACL that equals them is not dumped.
create extension pglogical; create extension pgl_ddl_deploy;
create table deployed (id serial primary key, note text); insert into deployed (note) values ('a');
select pglogical.create_node('provider', 'host=localhost dbname=used'); select pglogical.create_replication_set('extra');
insert into pgl_ddl_deploy.set_configs (set_name, include_schema_regex, driver) values ('extra', '^public$', 'pglogical');
