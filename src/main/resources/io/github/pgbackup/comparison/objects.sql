-- Every object in the catalogs that pg_dump reads, its name in pg_dump's words, and whether pg_dump must write it.
with
users as (select oid, nspname from pg_catalog.pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'),
members as (
    select classid, objid from pg_catalog.pg_depend
    where deptype = 'e' and refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass),
relations as (
    select c.oid, c.relkind, c.relname, coalesce(n.nspname, '') as nspname, c.relispartition, c.relrowsecurity, c.reloftype,
           n.oid is not null and c.relpersistence <> 't'
           and not exists (select from members
                           where classid = 'pg_catalog.pg_class'::pg_catalog.regclass and objid = c.oid) as dumped
    from pg_catalog.pg_class c left join users n on n.oid = c.relnamespace
    where c.oid >= 16384),
objects (catalog, oid, kind, schema, tag, dumped, inside, columns) as (
    select 'pg_catalog.pg_class'::pg_catalog.regclass, r.oid,
           case r.relkind when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' when 'S' then 'SEQUENCE'
                          when 'f' then 'FOREIGN TABLE' else 'TABLE' end,
           r.nspname, r.relname::text, r.dumped and r.relkind in ('r', 'p', 'v', 'm', 'S', 'f'), 0::oid,
           -- The columns of a typed table belong to its type, inherited columns to the parents.
           case when r.relkind in ('r', 'p', 'f') and r.reloftype = 0
                then (select pg_catalog.array_agg(a.attname::text) from pg_catalog.pg_attribute a
                      where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped and a.attislocal) end
    from relations r where r.relkind <> 'i' and r.relkind <> 'I'
    union all
    -- pg_dump writes the index of a key as that key, and omits an invalid index (CREATE INDEX CONCURRENTLY).
    select 'pg_catalog.pg_class'::pg_catalog.regclass, x.oid, 'INDEX', x.nspname, x.relname::text,
           r.dumped and i.indisready and (i.indisvalid or r.relkind = 'p')
           and not exists (select from pg_catalog.pg_constraint k
                           where k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')),
           0, null
    from relations x join pg_catalog.pg_index i on i.indexrelid = x.oid join relations r on r.oid = i.indrelid
    union all
    select 0, 0, 'INDEX ATTACH', x.nspname, x.relname::text, r.dumped and p.dumped and i.indisvalid and i.indisready, 0, null
    from pg_catalog.pg_inherits h
    join relations x on x.oid = h.inhrelid and x.relkind in ('i', 'I')
    join pg_catalog.pg_index i on i.indexrelid = x.oid
    join relations r on r.oid = i.indrelid
    join relations p on p.oid = h.inhparent
    union all
    select 0, 0, 'TABLE ATTACH', r.nspname, r.relname::text, r.dumped and p.dumped, 0, null
    from pg_catalog.pg_inherits h
    join relations r on r.oid = h.inhrelid and r.relispartition and r.relkind in ('r', 'p', 'f')
    join relations p on p.oid = h.inhparent
    union all
    select 0, r.oid, 'ROW SECURITY', r.nspname, r.relname::text, r.dumped, 0, null
    from relations r where r.relrowsecurity
    union all
    select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid,
           case k.contype when 'f' then 'FK CONSTRAINT' when 'c' then 'CHECK CONSTRAINT' else 'CONSTRAINT' end,
           coalesce(r.nspname, n.nspname, ''), coalesce(r.relname, t.typname)::text || ' ' || k.conname,
           coalesce(r.dumped, n.oid is not null)
           and (k.contype in ('p', 'u', 'x') and i.indisready and (i.indisvalid or r.relkind = 'p')
                or k.contype = 'f' and k.conparentid = 0
                or k.contype = 'c' and k.conislocal
                -- Since 18. A valid one is part of CREATE TABLE.
                or k.contype = 'n' and k.conrelid <> 0 and not k.convalidated and k.conislocal),
           -- May be part of CREATE TABLE, unless it refers to an object that pg_dump writes later.
           case k.contype when 'c' then greatest(k.conrelid, k.contypid) else 0 end,
           case k.contype when 'c' then array[k.conname::text] end
    from pg_catalog.pg_constraint k
    left join relations r on r.oid = k.conrelid
    left join pg_catalog.pg_index i on i.indexrelid = k.conindid
    left join pg_catalog.pg_type t on t.oid = k.contypid
    left join users n on n.oid = t.typnamespace
    where k.oid >= 16384
    union all
    select 'pg_catalog.pg_attrdef'::pg_catalog.regclass, d.oid, 'DEFAULT', r.nspname, r.relname || ' ' || a.attname, false, 0, null
    from pg_catalog.pg_attrdef d
    join relations r on r.oid = d.adrelid
    join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
    union all
    -- Before 15, triggers that a partition has from its parent are marked internal.
    select 'pg_catalog.pg_trigger'::pg_catalog.regclass, g.oid, 'TRIGGER', r.nspname, r.relname || ' ' || g.tgname,
           r.dumped and not g.tgisinternal and g.tgparentid = 0, 0, null
    from pg_catalog.pg_trigger g join relations r on r.oid = g.tgrelid
    union all
    -- The rule of a view is part of the view.
    select 'pg_catalog.pg_rewrite'::pg_catalog.regclass, w.oid, 'RULE', r.nspname, r.relname || ' ' || w.rulename,
           r.dumped and not (w.ev_type = '1' and r.relkind in ('v', 'm')), 0, null
    from pg_catalog.pg_rewrite w join relations r on r.oid = w.ev_class
    union all
    select 'pg_catalog.pg_policy'::pg_catalog.regclass, y.oid, 'POLICY', r.nspname, r.relname || ' ' || y.polname, r.dumped, 0, null
    from pg_catalog.pg_policy y join relations r on r.oid = y.polrelid
    union all
    select 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, s.oid, 'STATISTICS', coalesce(n.nspname, ''), s.stxname::text,
           n.oid is not null and r.dumped, 0, null
    from pg_catalog.pg_statistic_ext s
    join relations r on r.oid = s.stxrelid
    left join users n on n.oid = s.stxnamespace
    union all
    -- Functions that belong to a range type depend on it internally.
    select 'pg_catalog.pg_proc'::pg_catalog.regclass, f.oid,
           case f.prokind when 'a' then 'AGGREGATE' when 'p' then 'PROCEDURE' else 'FUNCTION' end,
           coalesce(n.nspname, ''),
           f.proname || '(' || coalesce(
               (select pg_catalog.string_agg(pg_catalog.format_type(a.type, null), ', ' order by a.position)
                from pg_catalog.unnest(f.proargtypes) with ordinality a (type, position)),
               case f.prokind when 'a' then '*' else '' end) || ')',
           n.oid is not null
           and not exists (select from pg_catalog.pg_depend d
                           where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = f.oid
                             and d.deptype = 'i'), 0, null
    from pg_catalog.pg_proc f left join users n on n.oid = f.pronamespace
    where f.oid >= 16384
    union all
    -- A row type belongs to its table; an array type and a multirange type belong to the element type.
    select 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid,
           case t.typtype when 'd' then 'DOMAIN' else 'TYPE' end,
           coalesce(n.nspname, ''), t.typname::text,
           n.oid is not null and t.typtype <> 'm'
           and (t.typrelid = 0 or exists (select from pg_catalog.pg_class c where c.oid = t.typrelid and c.relkind = 'c'))
           and not exists (select from pg_catalog.pg_type e where e.oid = t.typelem and e.typarray = t.oid), 0, null
    from pg_catalog.pg_type t left join users n on n.oid = t.typnamespace
    where t.oid >= 16384
    union all
    -- A shell operator, which was named as a commutator and never created, has no function.
    select 'pg_catalog.pg_operator'::pg_catalog.regclass, o.oid, 'OPERATOR', coalesce(n.nspname, ''), o.oprname::text,
           n.oid is not null and o.oprcode <> 0, 0, null
    from pg_catalog.pg_operator o left join users n on n.oid = o.oprnamespace where o.oid >= 16384
    union all
    select 'pg_catalog.pg_opclass'::pg_catalog.regclass, o.oid, 'OPERATOR CLASS', coalesce(n.nspname, ''), o.opcname::text,
           n.oid is not null, 0, null
    from pg_catalog.pg_opclass o left join users n on n.oid = o.opcnamespace where o.oid >= 16384
    union all
    select 'pg_catalog.pg_opfamily'::pg_catalog.regclass, o.oid, 'OPERATOR FAMILY', coalesce(n.nspname, ''), o.opfname::text,
           n.oid is not null, 0, null
    from pg_catalog.pg_opfamily o left join users n on n.oid = o.opfnamespace where o.oid >= 16384
    union all
    select 'pg_catalog.pg_collation'::pg_catalog.regclass, o.oid, 'COLLATION', coalesce(n.nspname, ''), o.collname::text,
           n.oid is not null, 0, null
    from pg_catalog.pg_collation o left join users n on n.oid = o.collnamespace where o.oid >= 16384
    union all
    select 'pg_catalog.pg_conversion'::pg_catalog.regclass, o.oid, 'CONVERSION', coalesce(n.nspname, ''), o.conname::text,
           n.oid is not null, 0, null
    from pg_catalog.pg_conversion o left join users n on n.oid = o.connamespace where o.oid >= 16384
    union all
    select 'pg_catalog.pg_ts_parser'::pg_catalog.regclass, o.oid, 'TEXT SEARCH PARSER', coalesce(n.nspname, ''), o.prsname::text,
           n.oid is not null, 0, null
    from pg_catalog.pg_ts_parser o left join users n on n.oid = o.prsnamespace where o.oid >= 16384
    union all
    select 'pg_catalog.pg_ts_dict'::pg_catalog.regclass, o.oid, 'TEXT SEARCH DICTIONARY', coalesce(n.nspname, ''), o.dictname::text,
           n.oid is not null, 0, null
    from pg_catalog.pg_ts_dict o left join users n on n.oid = o.dictnamespace where o.oid >= 16384
    union all
    select 'pg_catalog.pg_ts_template'::pg_catalog.regclass, o.oid, 'TEXT SEARCH TEMPLATE', coalesce(n.nspname, ''), o.tmplname::text,
           n.oid is not null, 0, null
    from pg_catalog.pg_ts_template o left join users n on n.oid = o.tmplnamespace where o.oid >= 16384
    union all
    select 'pg_catalog.pg_ts_config'::pg_catalog.regclass, o.oid, 'TEXT SEARCH CONFIGURATION', coalesce(n.nspname, ''), o.cfgname::text,
           n.oid is not null, 0, null
    from pg_catalog.pg_ts_config o left join users n on n.oid = o.cfgnamespace where o.oid >= 16384
    union all
    -- Every database has the schema public: pg_dump omits it, or writes only its owner and privileges.
    select 'pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid, 'SCHEMA', '', n.nspname::text, n.nspname <> 'public', 0, null
    from users n
    union all
    select 'pg_catalog.pg_extension'::pg_catalog.regclass, o.oid, 'EXTENSION', '', o.extname::text, true, 0, null
    from pg_catalog.pg_extension o where o.oid >= 16384
    union all
    select 'pg_catalog.pg_language'::pg_catalog.regclass, o.oid, 'PROCEDURAL LANGUAGE', '', o.lanname::text, o.lanispl, 0, null
    from pg_catalog.pg_language o where o.oid >= 16384
    union all
    select 'pg_catalog.pg_am'::pg_catalog.regclass, o.oid, 'ACCESS METHOD', '', o.amname::text, true, 0, null
    from pg_catalog.pg_am o where o.oid >= 16384
    union all
    -- The cast from a range type to its multirange type belongs to these types.
    select 'pg_catalog.pg_cast'::pg_catalog.regclass, o.oid, 'CAST', '',
           'CAST (' || pg_catalog.format_type(o.castsource, null) || ' AS ' || pg_catalog.format_type(o.casttarget, null) || ')',
           not exists (select from pg_catalog.pg_depend d
                       where d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass and d.objid = o.oid and d.deptype = 'i'),
           0, null
    from pg_catalog.pg_cast o where o.oid >= 16384
    union all
    select 'pg_catalog.pg_transform'::pg_catalog.regclass, o.oid, 'TRANSFORM', '',
           'TRANSFORM FOR ' || pg_catalog.format_type(o.trftype, null) || ' LANGUAGE ' || pg_catalog.quote_ident(l.lanname),
           true, 0, null
    from pg_catalog.pg_transform o join pg_catalog.pg_language l on l.oid = o.trflang where o.oid >= 16384
    union all
    select 'pg_catalog.pg_event_trigger'::pg_catalog.regclass, o.oid, 'EVENT TRIGGER', '', o.evtname::text, true, 0, null
    from pg_catalog.pg_event_trigger o
    union all
    select 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, o.oid, 'FOREIGN DATA WRAPPER', '', o.fdwname::text, true, 0, null
    from pg_catalog.pg_foreign_data_wrapper o where o.oid >= 16384
    union all
    select 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, o.oid, 'SERVER', '', o.srvname::text, true, 0, null
    from pg_catalog.pg_foreign_server o
    union all
    select 0, 0, 'USER MAPPING', '', 'USER MAPPING ' || u.usename || ' SERVER ' || u.srvname,
           not exists (select from members
                       where classid = 'pg_catalog.pg_foreign_server'::pg_catalog.regclass and objid = u.srvid), 0, null
    from pg_catalog.pg_user_mappings u
    union all
    select 'pg_catalog.pg_publication'::pg_catalog.regclass, o.oid, 'PUBLICATION', '', o.pubname::text, true, 0, null
    from pg_catalog.pg_publication o
    union all
    -- Since 19, a table that FOR ALL TABLES excepts is part of CREATE PUBLICATION.
    select 'pg_catalog.pg_publication_rel'::pg_catalog.regclass, o.oid, 'PUBLICATION TABLE', r.nspname, p.pubname || ' ' || r.relname,
           r.dumped and pg_catalog.to_jsonb(o) ->> 'prexcept' is distinct from 'true', 0, null
    from pg_catalog.pg_publication_rel o
    join pg_catalog.pg_publication p on p.oid = o.prpubid
    join relations r on r.oid = o.prrelid
    union all
    select 'pg_catalog.pg_default_acl'::pg_catalog.regclass, o.oid, 'DEFAULT ACL', coalesce(n.nspname, ''),
           'DEFAULT PRIVILEGES FOR ' || case o.defaclobjtype when 'r' then 'TABLES' when 'S' then 'SEQUENCES'
                                                             when 'f' then 'FUNCTIONS' when 'T' then 'TYPES'
                                                             when 'n' then 'SCHEMAS' else 'LARGE OBJECTS' end,
           o.defaclnamespace = 0 or n.oid is not null, 0, null
    from pg_catalog.pg_default_acl o left join users n on n.oid = o.defaclnamespace
    union all
    select 'pg_catalog.pg_database'::pg_catalog.regclass, d.oid, 'DATABASE', '', d.datname::text, true, 0, null
    from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()
    union all
    select 0, 0, 'DATABASE PROPERTIES', '', d.datname::text, true, 0, null
    from pg_catalog.pg_database d
    where d.datname = pg_catalog.current_database()
      and (d.datconnlimit <> -1 or d.datistemplate
           or exists (select from pg_catalog.pg_db_role_setting s where s.setdatabase = d.oid))
)
select o.catalog::oid::bigint, o.oid::bigint, o.kind, o.schema, o.tag,
       o.dumped and not exists (select from members m where m.classid = o.catalog and m.objid = o.oid),
       o.inside::bigint, o.columns
from objects o
