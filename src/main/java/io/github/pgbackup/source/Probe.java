package io.github.pgbackup.source;

import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.postgres.UserSchemas;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The logical state of the source: names and definitions. It excludes rows, statistics, OIDs and file numbers, which
 * can change because of reads or VACUUM. It includes the roles of the whole cluster.
 *
 * @param observations by kind, {@code 12 sha256:…}: the number of objects, and a fingerprint of all their definitions
 */
public record Probe(Map<String, String> observations) {

    /**
     * Since 15.20, the server stamps each new column (pg_attver). Users do not set that option, and pg_dump omits it.
     */
    private static final String COLUMN_OPTIONS = """
            (select array_agg(option) from unnest(a.attoptions) option where not starts_with(option, 'pg_attver='))""";

    /** A query for each kind of object, with one column: the name of an object and its complete definition as text. */
    private static final Map<String, String> LINES = lines();

    public Probe {
        observations = Collections.unmodifiableMap(new LinkedHashMap<>(observations));
    }

    /**
     * Queries in the session's current transaction, and releases the locks it took: printing a view's definition locks
     * the view, and nobody could replace the view until the transaction ends.
     */
    public static Probe inTransaction(Session session) throws SQLException {
        session.execute("savepoint probe");
        Probe probe = of(session);
        session.execute("rollback to savepoint probe; release savepoint probe");
        return probe;
    }

    /** Queries outside of a transaction, or in one that ends immediately. */
    public static Probe of(Session session) throws SQLException {
        Map<String, String> observations = new LinkedHashMap<>();
        for (Map.Entry<String, String> kind : LINES.entrySet()) {
            // In the database's own encoding: without conversion, a SQL_ASCII database with arbitrary bytes can be
            // read. UTF8 is not validated either: the name of a role created in a database with another encoding may be
            // any bytes.
            observations.put(
                    kind.getKey(),
                    session.one("""
                            select count(*), encode(sha256(coalesce(
                                string_agg(fingerprint, ''::bytea order by fingerprint), ''::bytea)), 'hex')
                            from (select sha256(case when getdatabaseencoding() = 'UTF8' then textsend(line)
                                               else convert_to(line, getdatabaseencoding()) end) as fingerprint
                                  from (%s) as definitions (line)) as fingerprints
                            """.formatted(kind.getValue()), row -> row.getLong(1) + " sha256:" + row.getString(2)));
        }
        return new Probe(observations);
    }

    /** A sentence for each kind that has changed; empty when nothing has changed. */
    public static List<String> difference(Probe before, Probe after) {
        List<String> differences = new ArrayList<>();
        before.observations.forEach((kind, was) -> {
            String is = after.observations.getOrDefault(kind, "0 sha256:");
            if (!is.equals(was)) {
                String countBefore = count(was);
                differences.add(
                        count(is).equals(countBefore)
                                ? kind + ": " + countBefore + " before and after, but a name or definition differs"
                                : kind + ": " + countBefore + " before, " + count(is) + " after");
            }
        });
        return List.copyOf(differences);
    }

    private static String count(String observation) {
        return observation.substring(0, observation.indexOf(' '));
    }

    private static Map<String, String> lines() {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put(
                "schemas",
                "select row(n.nspname, n.nspowner::regrole, n.nspacl)::text from pg_catalog.pg_namespace n where "
                        + UserSchemas.CONDITION);
        lines.put("tables", relations("r", "p"));
        lines.put("views", relations("v"));
        lines.put("materialized views", relations("m"));
        lines.put("foreign tables", relations("f"));
        lines.put("columns", """
                select row(n.nspname, c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                           a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation,
                           a.attstorage, a.attstattarget, a.attacl, %s, a.attfdwoptions)::text
                from pg_catalog.pg_attribute a
                join pg_catalog.pg_class c on c.oid = a.attrelid
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
                where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and %s
                """.formatted(COLUMN_OPTIONS, UserSchemas.CONDITION));
        lines.put("inheritance", """
                select row(i.inhrelid::regclass, i.inhparent::regclass, i.inhseqno)::text
                from pg_catalog.pg_inherits i
                join pg_catalog.pg_class c on c.oid = i.inhrelid
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'p', 'f') and %s
                """.formatted(UserSchemas.CONDITION));
        lines.put("constraints", """
                select row(n.nspname, k.conname, k.conrelid::regclass, k.contypid::regtype, k.convalidated,
                           pg_get_constraintdef(k.oid))::text
                from pg_catalog.pg_constraint k join pg_catalog.pg_namespace n on n.oid = k.connamespace
                where %s
                """.formatted(UserSchemas.CONDITION));
        lines.put("indexes", """
                select row(i.indrelid::regclass, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisprimary,
                           i.indisclustered, i.indisreplident, c.reloptions)::text
                from pg_catalog.pg_index i
                join pg_catalog.pg_class c on c.oid = i.indexrelid
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where %s
                """.formatted(UserSchemas.CONDITION));
        lines.put("sequences", """
                select row(n.nspname, c.relname, c.relowner::regrole, c.relacl, s.seqtypid::regtype, s.seqstart,
                           s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle)::text
                from pg_catalog.pg_sequence s
                join pg_catalog.pg_class c on c.oid = s.seqrelid
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where %s
                """.formatted(UserSchemas.CONDITION));
        lines.put("functions", """
                select row(n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), p.proowner::regrole, p.proacl,
                           case when p.prokind = 'a' then row(pg_get_function_arguments(p.oid), p.prorettype::regtype,
                                g.aggtransfn, g.aggfinalfn, g.aggcombinefn, g.aggtranstype::regtype,
                                g.agginitval)::text
                           else pg_get_functiondef(p.oid) end)::text
                from pg_catalog.pg_proc p
                join pg_catalog.pg_namespace n on n.oid = p.pronamespace
                left join pg_catalog.pg_aggregate g on g.aggfnoid = p.oid
                where %s
                """.formatted(UserSchemas.CONDITION));
        lines.put("types", """
                select row(n.nspname, t.typname, t.typtype, t.typowner::regrole, t.typacl, t.typnotnull, t.typdefault,
                           t.typbasetype::regtype, t.typtypmod, t.typcollation::regcollation,
                           (select array_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum e
                            where e.enumtypid = t.oid))::text
                from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
                where t.typtype in ('b', 'd', 'e', 'r') and t.typcategory <> 'A' and %s
                """.formatted(UserSchemas.CONDITION));
        lines.put("triggers", """
                select row(g.tgrelid::regclass, g.tgname, g.tgenabled, pg_get_triggerdef(g.oid))::text
                from pg_catalog.pg_trigger g
                join pg_catalog.pg_class c on c.oid = g.tgrelid
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where not g.tgisinternal and %s
                """.formatted(UserSchemas.CONDITION));
        lines.put("event triggers", """
                select row(evtname, evtevent, evtowner::regrole, evtfoid::regproc, evtenabled, evttags)::text
                from pg_catalog.pg_event_trigger
                """);
        lines.put("rules", """
                select row(r.ev_class::regclass, r.rulename, r.ev_enabled, pg_get_ruledef(r.oid))::text
                from pg_catalog.pg_rewrite r
                join pg_catalog.pg_class c on c.oid = r.ev_class
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where r.rulename <> '_RETURN' and %s
                """.formatted(UserSchemas.CONDITION));
        lines.put("policies", "select row(p.*)::text from pg_catalog.pg_policies p");
        lines.put(
                "comments",
                """
                select row(classoid::regclass,
                           case classoid when 'pg_class'::regclass then objoid::regclass::text
                                         when 'pg_proc'::regclass then objoid::regprocedure::text
                                         when 'pg_type'::regclass then objoid::regtype::text
                                         when 'pg_namespace'::regclass then objoid::regnamespace::text end,
                           objsubid, description)::text
                from pg_catalog.pg_description where objoid >= 16384
                """); // pg_describe_object() fails on a comment that outlived its object, as there are on 13
        lines.put("publications", """
                select row(p.pubname, p.pubowner::regrole, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete,
                           p.pubtruncate, p.pubviaroot,
                           (select array_agg(r.prrelid::regclass::text order by 1) from pg_catalog.pg_publication_rel r
                            where r.prpubid = p.oid))::text
                from pg_catalog.pg_publication p
                """);
        lines.put("extensions", """
                select row(e.extname, e.extversion, e.extnamespace::regnamespace, e.extowner::regrole)::text
                from pg_catalog.pg_extension e
                """);
        lines.put("roles", """
                select row(rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
                           rolconnlimit, rolvaliduntil, rolbypassrls, rolconfig)::text
                from pg_catalog.pg_roles
                """);
        lines.put("role memberships", """
                select row(roleid::regrole, member::regrole, grantor::regrole, admin_option)::text
                from pg_catalog.pg_auth_members
                """);
        lines.put("database settings", """
                select row(datname, datdba::regrole, pg_encoding_to_char(encoding), datcollate, datctype, datallowconn,
                           datconnlimit, datacl)::text
                from pg_catalog.pg_database where datname = current_database()
                union all
                select row(setdatabase <> 0, setrole::regrole, setconfig)::text
                from pg_catalog.pg_db_role_setting
                where setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
                """);
        return Collections.unmodifiableMap(lines);
    }

    private static String relations(String... kinds) {
        return """
                select row(n.nspname, c.relname, c.relkind, c.relpersistence, c.relowner::regrole, c.relacl, c.reloptions,
                           c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.relispopulated,
                           (select spcname from pg_catalog.pg_tablespace where oid = c.reltablespace),
                           (select amname from pg_catalog.pg_am where oid = c.relam),
                           pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid),
                           case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end)::text
                from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('%s') and %s
                """.formatted(String.join("', '", kinds), UserSchemas.CONDITION);
    }
}
