package io.github.pgbackup.source;

import io.github.pgbackup.postgres.UserSchemas;

/** Which relations pg_dump reads when it dumps a whole database, as it decides itself (selectDumpableTable). */
public final class DumpedRelations {

    /**
     * A condition on {@code pg_class c} and {@code pg_namespace n}: no system schema, no temporary relation, and of an
     * extension only the configuration tables, whose rows belong to the user.
     */
    static final String CONDITION = UserSchemas.CONDITION + """
             and c.relpersistence <> 't'
            and (not exists (select from pg_catalog.pg_depend d
                             where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
                               and d.refclassid = 'pg_catalog.pg_extension'::regclass and d.deptype = 'e')
                 or c.oid in (select unnest(e.extconfig) from pg_catalog.pg_extension e))
            """;

    /**
     * A condition on {@code pg_partitioned_table p}: its rows need not come back into the same partitions. The hash of an
     * enum is that of its value's OID, which is another one in a restored database, so pg_dump has such rows loaded through
     * the root (forcePartitionRootLoad; since 13.11, 14.8 and 15.3). It does so for this operator class alone: other keys
     * whose hash depends on OIDs make a restore fail.
     */
    public static final String HASHED_BY_ENUM = """
            p.partstrat = 'h'
            and (select o.oid from pg_catalog.pg_opclass o join pg_catalog.pg_am m on m.oid = o.opcmethod
                 where o.opcname = 'enum_ops' and o.opcnamespace = 'pg_catalog'::pg_catalog.regnamespace
                   and m.amname = 'hash') = any (p.partclass)
            """;

    /** An expression on {@code pg_class c}: the OID of the topmost table of that kind which it is a partition of, or null. */
    public static final String TOPMOST_HASHED_BY_ENUM = """
            (case when c.relispartition then
                 (select a.relid from pg_catalog.pg_partition_ancestors(c.oid) with ordinality a (relid, level)
                  join pg_catalog.pg_partitioned_table p on p.partrelid = a.relid
                  where %s order by a.level desc limit 1) end)
            """.formatted(HASHED_BY_ENUM);

    private DumpedRelations() {}
}
