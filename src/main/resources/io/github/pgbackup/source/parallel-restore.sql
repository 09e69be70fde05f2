with config as (
    -- Configuration tables: the extension contains their definitions with all constraints, the archive their rows.
    select extname, unnest(extconfig) as oid from pg_catalog.pg_extension
),
rows_through_root as (
    select p.partrelid as oid from pg_catalog.pg_partitioned_table p
    where :hashed_by_enum
),
reading as (
    -- Functions that may read a table. An IMMUTABLE function must not, so it counts only if its source looks as if it
    -- did. A function with BEGIN ATOMIC has no source, but dependencies.
    select f.oid, n.nspname || '.' || f.proname || '()' as name
    from pg_catalog.pg_proc f
    join pg_catalog.pg_namespace n on n.oid = f.pronamespace
    join pg_catalog.pg_language l on l.oid = f.prolang
    where f.oid >= 16384 and l.lanname not in ('internal', 'c')
      and (f.provolatile <> 'i'
           or f.prosrc ~* '\m(from|join|table|execute|perform)\M'
           or exists (select from pg_catalog.pg_depend d
                      where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = f.oid
                        and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass))
),
calls as (
    select d.classid, d.objid, d.objsubid, r.name as function
    from pg_catalog.pg_depend d
    left join pg_catalog.pg_operator o
        on d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass and o.oid = d.refobjid
    join reading r on r.oid = coalesce(o.oprcode::pg_catalog.oid, d.refobjid)
    where d.refclassid in ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass)
      and d.classid in ('pg_catalog.pg_constraint'::pg_catalog.regclass, 'pg_catalog.pg_attrdef'::pg_catalog.regclass,
                        'pg_catalog.pg_class'::pg_catalog.regclass)
),
relations as (
    select c.oid, c.relkind, n.nspname || '.' || c.relname as name
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relpersistence <> 't' and n.nspname not in ('pg_catalog', 'information_schema')
),
hazards as (
    -- The entry of such a trigger does not wait for any data, because the partitioned table itself has none. So the
    -- trigger fires while the partitions are loaded.
    select 'trigger ' || t.tgname || ' of the partitioned table ' || c.name as object, true as certain
    from pg_catalog.pg_trigger t join relations c on c.oid = t.tgrelid
    where c.relkind = 'p' and not t.tgisinternal and t.tgparentid = 0 and t.tgenabled in ('O', 'A')
      and t.tgtype & 5 = 5 -- FOR EACH ROW, INSERT
    union all
    -- The same applies to a NOT VALID foreign key, which PostgreSQL 18 and newer allow here.
    select 'foreign key ' || f.conname || ' of the partitioned table ' || c.name || ', which is not valid', true
    from pg_catalog.pg_constraint f join relations c on c.oid = f.conrelid
    where c.relkind = 'p' and f.contype = 'f' and f.conparentid = 0 and not f.convalidated
    union all
    select 'foreign key ' || f.conname || ' of ' || c.name || ' and a configuration table of extension '
           || config.extname, true
    from pg_catalog.pg_constraint f
    join relations c on c.oid = f.conrelid
    join config on config.oid = any (array[f.conrelid, f.confrelid])
    where f.contype = 'f' and f.conparentid = 0 and f.conrelid <> f.confrelid
    union all
    select 'trigger ' || t.tgname || ' of ' || c.name || ', a configuration table of extension ' || config.extname, false
    from pg_catalog.pg_trigger t
    join relations c on c.oid = t.tgrelid
    join config on config.oid = c.oid
    where not t.tgisinternal and t.tgenabled in ('O', 'A') and t.tgtype & 4 = 4
    union all
    -- "It is best not to use parallelism when restoring from an archive made with this option" (manual, pg_dump,
    -- --load-via-partition-root). For these tables, pg_dump uses that option by itself.
    select 'partitions of ' || c.name || ', which are loaded through it', false
    from rows_through_root p join relations c on c.oid = p.oid
    union all
    -- COPY evaluates constraints, generated columns and partition keys; CREATE INDEX evaluates expressions and
    -- predicates.
    select 'constraint ' || x.conname || ' of ' || coalesce(c.name, pg_catalog.format_type(x.contypid, null))
           || ', which calls ' || calls.function, false
    from calls
    join pg_catalog.pg_constraint x
        on calls.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and x.oid = calls.objid
    left join relations c on c.oid = x.conrelid
    where x.contype = 'c' and (x.conrelid = 0 or c.oid is not null)
    union all
    select 'generated column ' || a.attname || ' of ' || c.name || ', which calls ' || calls.function, false
    from calls
    join pg_catalog.pg_attrdef x
        on calls.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and x.oid = calls.objid
           -- up to 14
           or calls.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and x.adrelid = calls.objid
              and x.adnum = calls.objsubid
    join pg_catalog.pg_attribute a on a.attrelid = x.adrelid and a.attnum = x.adnum and a.attgenerated = 's'
    join relations c on c.oid = x.adrelid
    union all
    select case c.relkind when 'p' then 'partition key of ' else 'index ' end || c.name || ', which calls '
           || calls.function, false
    from calls
    join relations c on calls.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and c.oid = calls.objid
    where c.relkind in ('i', 'I', 'p')
)
select object, pg_catalog.bool_or(certain) as certain from hazards group by object order by 2 desc, 1
