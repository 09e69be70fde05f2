package io.github.pgbackup.source;

import io.github.pgbackup.postgres.UserSchemas;

/**
 * Which relations pg_dump reads when it dumps a whole database, by the same rules as selectDumpableTable in pg_dump.c.
 */
public final class DumpedRelations {

    /**
     * A condition on {@code pg_class c} and {@code pg_namespace n}: excludes system schemas and temporary relations; of
     * an extension's tables, includes only configuration tables, whose rows belong to the user.
     */
    static final String CONDITION = UserSchemas.CONDITION + """
             and c.relpersistence <> 't'
            and (not exists (select from pg_catalog.pg_depend d
                             where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
                               and d.refclassid = 'pg_catalog.pg_extension'::regclass and d.deptype = 'e')
                 or c.oid in (select unnest(e.extconfig) from pg_catalog.pg_extension e))
            """;

    /**
     * A condition on {@code pg_partitioned_table p}: its rows may return to other partitions. The hash of an enum value
     * is the hash of its OID, which changes in a restored database, so pg_dump loads such rows through the root
     * (forcePartitionRootLoad; since 13.11, 14.8 and 15.3). It does so only for this operator class; other keys whose
     * hash depends on OIDs make a restore fail.
     */
    public static final String HASHED_BY_ENUM = """
            p.partstrat = 'h'
            and (select o.oid from pg_catalog.pg_opclass o join pg_catalog.pg_am m on m.oid = o.opcmethod
                 where o.opcname = 'enum_ops' and o.opcnamespace = 'pg_catalog'::pg_catalog.regnamespace
                   and m.amname = 'hash') = any (p.partclass)
            """;

    /** An expression on {@code pg_class c}: the OID of its topmost ancestor that is partitioned like that, or null. */
    public static final String TOPMOST_HASHED_BY_ENUM = """
            (case when c.relispartition then
                 (select a.relid from pg_catalog.pg_partition_ancestors(c.oid) with ordinality a (relid, level)
                  join pg_catalog.pg_partitioned_table p on p.partrelid = a.relid
                  where %s order by a.level desc limit 1) end)
            """.formatted(HASHED_BY_ENUM);

    private DumpedRelations() {}
}
