-- hstore, citext, pg_trgm, ltree and uuid-ossp, in a schema of their own and with indexes of their operator classes.
create schema ext; create extension hstore schema ext; create extension citext schema ext; create extension pg_trgm schema ext;
create extension ltree; create extension "uuid-ossp" schema ext;
create table people (id uuid primary key default ext.uuid_generate_v4(), mail ext.citext unique, tags ext.hstore, path ltree, note text);
insert into people (id, mail, tags, path, note)
    select ext.uuid_generate_v5(ext.uuid_ns_url(), i::text), 'A' || i || '@x', ext.hstore('k' || i, nullif('', '')), ('top.a' || i)::ltree, 'note ' || i from generate_series(1, 50) i;
create index on people using gin (tags); create index on people using gin (note ext.gin_trgm_ops); create index on people using gist (path);
create index on people using gist (note ext.gist_trgm_ops (siglen = 32));
create domain mail as ext.citext check (value ~ '@'); create table of_domain (m mail primary key); insert into of_domain values ('B@x');
create function similar(text, text) returns boolean language sql immutable return ext.similarity($1, $2) > 0.3;
create view alike as select a.id from people a where similar(a.note, 'note 1');
