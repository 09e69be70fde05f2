-- A topology with its rows in the extension's tables, a raster with its constraints, an own spatial reference system.
create extension postgis; create extension postgis_topology; create extension postgis_raster;
insert into spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text) values (990001, 'own', 1, 'LOCAL_CS["own"]', '+proj=longlat');
create table places (id serial primary key, name text, at geometry(Point, 4326), area geography(Polygon), own geometry(Point, 990001));
insert into places (name, at, area, own) select 'p' || i, st_setsrid(st_makepoint(i, i), 4326), st_buffer(st_makepoint(i, 1)::geography, 100, 2), st_setsrid(st_makepoint(i, i), 990001) from generate_series(1, 40) i;
create index on places using gist (at); create index on places using spgist (own); create index on places using brin (at);
create table tiles (rid serial primary key, rast raster); insert into tiles (rast) select st_addband(st_makeemptyraster(4, 4, i, i, 1, -1, 0, 0, 4326), '8BUI'::text, i, 0) from generate_series(1, 3) i;
select addrasterconstraints('tiles'::name, 'rast'::name); create index on tiles using gist (st_convexhull(rast));
select topology.createtopology('city', 4326, 0.0001);
create table streets (id serial primary key, name text); select topology.addtopogeometrycolumn('city', 'public', 'streets', 'topo', 'LINE');
insert into streets (name, topo) values ('a', topology.totopogeom('SRID=4326;LINESTRING(0 0, 1 1)'::geometry, 'city', 1)), ('b', topology.totopogeom('SRID=4326;LINESTRING(0 1, 1 0)'::geometry, 'city', 1));
create view centres as select id, st_centroid(area) as centre from places; create materialized view extents as select st_extent(at) as e from places;
create role map_reader; grant usage on schema topology to map_reader; grant select on spatial_ref_sys, places to map_reader;
