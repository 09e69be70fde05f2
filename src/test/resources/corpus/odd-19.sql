-- What PostgreSQL 19 brought.
create table but_this (a int); create publication all_but for all tables except (table but_this, parent) with (publish = 'insert');
create publication all_sequences for all sequences; create publication all_of_both for all sequences, all tables with (publish = 'insert');
create table newer_types (o oid8, d regdatabase); insert into newer_types values ('18446744073709551615', 'postgres');
create view ignoring as select first_value(note) ignore nulls over (order by id) as first from parent;
create foreign data wrapper connecting connection postgres_fdw_connection;
create server publisher foreign data wrapper postgres_fdw options (host 'localhost', dbname 'x');
create user mapping for current_user server publisher options (user 'u', password 'p');
create subscription by_server server publisher publication p with (connect = false, enabled = false, slot_name = none, wal_receiver_timeout = '10s');
create table vacuumed (a int) with (autovacuum_parallel_workers = 2);
create statistics of_virtual on b, (b + 1) from virtual;
create table of_inet (a inet, exclude using gist (a inet_ops with &&));
