package io.github.pgbackup.source;

/** Which relations pg_dump reads when it dumps a whole database, as it decides itself (selectDumpableTable). */
final class DumpedRelations {

    /**
     * A condition on {@code pg_class c} and {@code pg_namespace n}: no system schema, no temporary relation, and of an
     * extension only the configuration tables, whose rows belong to the user.
     */
    static final String CONDITION = """
            n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relpersistence <> 't'
            and (not exists (select from pg_catalog.pg_depend d
                             where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
                               and d.refclassid = 'pg_catalog.pg_extension'::regclass and d.deptype = 'e')
                 or c.oid in (select unnest(e.extconfig) from pg_catalog.pg_extension e))
            """;

    private DumpedRelations() {}
}
