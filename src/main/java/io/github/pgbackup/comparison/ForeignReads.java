package io.github.pgbackup.comparison;

import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Materialized views that read foreign tables: directly, through other views, partitions or children, or through
 * functions whose body the server has parsed. A restore recomputes their rows, for which it needs the other servers. No
 * catalog records what other functions read.
 */
public record ForeignReads(Set<TableName> materializedViews) {

    private static final String READERS = """
            with recursive reader (classid, objid) as (
                select 'pg_catalog.pg_class'::pg_catalog.regclass::oid, oid from pg_catalog.pg_class where relkind = 'f'
                union
                select step.classid, step.objid from reader cross join lateral (
                    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid, c.oid
                    from pg_catalog.pg_depend d
                    join pg_catalog.pg_rewrite r on r.oid = d.objid
                    join pg_catalog.pg_class c on c.oid = r.ev_class and c.relkind in ('v', 'm')
                    where d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
                      and d.refclassid = reader.classid and d.refobjid = reader.objid
                    union all
                    select d.classid, d.objid
                    from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.deptype = 'n'
                      and d.refclassid = reader.classid and d.refobjid = reader.objid
                    union all
                    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid, i.inhparent
                    from pg_catalog.pg_inherits i
                    where reader.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and i.inhrelid = reader.objid
                ) step (classid, objid)
            )
            select n.nspname, c.relname
            from reader
            join pg_catalog.pg_class c
                on reader.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and c.oid = reader.objid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'm'
            order by 1, 2""";

    public ForeignReads {
        materializedViews = Set.copyOf(materializedViews);
    }

    /** Queries in the session's current transaction. */
    public static ForeignReads of(Session session) throws SQLException {
        return new ForeignReads(
                new LinkedHashSet<>(session.list(READERS, row -> new TableName(row.getString(1), row.getString(2)))));
    }
}
