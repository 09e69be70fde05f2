-- Comments, privileges and security labels, by the object for which pg_dump writes them.
select 'COMMENT', catalog::oid::bigint, oid::bigint, pg_catalog.count(*)
from (select case when key.oid is not null then 'pg_catalog.pg_constraint'::pg_catalog.regclass
                  when c.relkind = 'c' then 'pg_catalog.pg_type'::pg_catalog.regclass
                  else d.classoid end as catalog,
             case when key.oid is not null then key.oid
                  when c.relkind = 'c' then c.reltype
                  else d.objoid end as oid
      from (select classoid, objoid from pg_catalog.pg_description where objoid >= 16384
            union all
            select classoid, objoid from pg_catalog.pg_shdescription
            where classoid = 'pg_catalog.pg_database'::pg_catalog.regclass) d
      left join pg_catalog.pg_class c
          on d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and c.oid = d.objoid
      left join pg_catalog.pg_constraint key
          on c.relkind in ('i', 'I') and key.conindid = c.oid and key.contype in ('p', 'u', 'x')) comments
group by 1, 2, 3
union all
-- Default privileges, and those that an extension's script left, have no entry.
select 'ACL', catalog::oid::bigint, granted.oid::bigint, pg_catalog.count(*)
from (select 'pg_catalog.pg_class'::pg_catalog.regclass, oid, 0, relacl,
             pg_catalog.acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner) from pg_catalog.pg_class
      union all
      select 'pg_catalog.pg_class'::pg_catalog.regclass, attrelid, attnum, attacl, '{}' from pg_catalog.pg_attribute where not attisdropped
      union all
      select 'pg_catalog.pg_proc'::pg_catalog.regclass, oid, 0, proacl, pg_catalog.acldefault('f', proowner) from pg_catalog.pg_proc
      union all
      select 'pg_catalog.pg_type'::pg_catalog.regclass, oid, 0, typacl, pg_catalog.acldefault('T', typowner) from pg_catalog.pg_type
      union all
      select 'pg_catalog.pg_namespace'::pg_catalog.regclass, oid, 0, nspacl, pg_catalog.acldefault('n', nspowner)
      from pg_catalog.pg_namespace
      union all
      select 'pg_catalog.pg_language'::pg_catalog.regclass, oid, 0, lanacl, pg_catalog.acldefault('l', lanowner)
      from pg_catalog.pg_language
      union all
      select 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, oid, 0, fdwacl, pg_catalog.acldefault('F', fdwowner)
      from pg_catalog.pg_foreign_data_wrapper
      union all
      select 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, oid, 0, srvacl, pg_catalog.acldefault('S', srvowner)
      from pg_catalog.pg_foreign_server
      union all
      select 'pg_catalog.pg_database'::pg_catalog.regclass, oid, 0, datacl, pg_catalog.acldefault('d', datdba)
      from pg_catalog.pg_database where datname = pg_catalog.current_database()) as granted (catalog, oid, part, acl, usual)
left join pg_catalog.pg_init_privs i on i.classoid = granted.catalog and i.objoid = granted.oid and i.objsubid = granted.part
where acl is not null
  and not (acl @> coalesce(i.initprivs, usual) and acl <@ coalesce(i.initprivs, usual))
  and (granted.oid >= 16384 or catalog = 'pg_catalog.pg_database'::pg_catalog.regclass)
group by 1, 2, 3
union all
-- One entry contains all labels of a table and its columns.
select distinct 'SECURITY LABEL', classoid::bigint, objoid::bigint, 1::bigint
from (select classoid, objoid from pg_catalog.pg_seclabel
      union all
      select classoid, objoid from pg_catalog.pg_shseclabel
      where classoid = 'pg_catalog.pg_database'::pg_catalog.regclass) labels
