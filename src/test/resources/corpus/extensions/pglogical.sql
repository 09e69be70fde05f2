-- A node with a replication set, and rows in the extension's tables, which pg_dump does not take.
create extension pglogical;
create table replicated (id serial primary key, note text); insert into replicated (note) select 'n' || i from generate_series(1, 10) i;
select pglogical.create_node('provider', 'host=localhost dbname=used');
select pglogical.create_replication_set('extra'); select pglogical.replication_set_add_table('extra', 'replicated', false, array['id', 'note'], 'id > 3');
select pglogical.replication_set_add_sequence('extra', 'replicated_id_seq');
