package io.github.pgbackup.description;

import static java.util.Map.entry;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the catalogs do not say about themselves: which catalogs and columns are not part of a definition, and how to render the
 * few columns that no general rule covers. In the SQL fragments, {@code a} is the row.
 */
final class CatalogRules {

    /** Excluded catalogs, each with the reason. */
    static final Map<String, String> EXCLUDED = reasons(Map.of(
            "statistics about the data, from ANALYZE", "pg_statistic pg_statistic_ext_data",
            "data; compared separately", "pg_largeobject pg_largeobject_metadata",
            "belongs to the whole server, not to a database",
                    "pg_authid pg_auth_members pg_tablespace pg_parameter_acl pg_replication_origin",
            "the state of replication", "pg_subscription_rel",
            "follows from owners, privileges and policies", "pg_shdepend"));

    /** Excluded columns, each with the reason. */
    static final Map<String, String> EXCLUDED_COLUMNS = reasons(Map.of(
            "location of the data, and VACUUM's bookkeeping",
                    "pg_class.relfilenode pg_class.relfrozenxid pg_class.relminmxid pg_class.reltoastrelid"
                            + " pg_class.relrewrite pg_database.datfrozenxid pg_database.datminmxid"
                            + " pg_database.datlastsysoid pg_attribute.attcacheoff pg_attribute.atthasmissing"
                            + " pg_attribute.attmissingval pg_index.indcheckxmin pg_subscription.subskiplsn",
            "a materialized view's data; compared separately", "pg_class.relispopulated",
            "statistics", "pg_class.relpages pg_class.reltuples pg_class.relallvisible pg_class.relallfrozen",
            "a hint that PostgreSQL may clear at any time",
                    "pg_class.relhasindex pg_class.relhasrules pg_class.relhastriggers pg_class.relhassubclass"
                            + " pg_database.dathasloginevt",
            "counts objects with rows of their own, or dropped columns",
                    "pg_class.relnatts pg_class.relchecks pg_attribute.atthasdef",
            "the version of the operating system's library", "pg_collation.collversion pg_database.datcollversion",
            "PostgreSQL neither enforces nor dumps it", "pg_attribute.attndims",
            "copied from the type", "pg_attribute.attlen pg_attribute.attbyval pg_attribute.attalign",
            "part of what identifies the object", "pg_attribute.attrelid pg_attribute.attname pg_class.reltype",
            "the database may be restored under another name", "pg_database.datname pg_db_role_setting.setdatabase"));

    /** Excludes rows of other databases, of temporary relations and of TOAST tables, which have no definition. */
    static final Map<String, String> ROWS = Map.ofEntries(
            entry("pg_class", "a.oid not in (" + Sql.UNDEFINED_RELATIONS + ")"),
            entry(
                    "pg_attribute",
                    "not a.attisdropped and (a.attnum > 0 or a.attacl is not null or a.attoptions is not null)"),
            entry(
                    "pg_type",
                    "a.typnamespace not in (select oid from pg_namespace where nspname ~ '^pg_(toast|temp_|toast_temp_)')"
                            // A relation's row type follows the relation; an array type follows its element type.
                            + " and not exists (select from pg_class c where c.oid = a.typrelid and c.relkind <> 'c')"
                            + " and not exists (select from pg_type e where e.oid = a.typelem and e.typarray = a.oid)"),
            // DBMS VERSION and COLLATING SEQUENCE: initdb writes its own release and locale there.
            entry("information_schema.sql_implementation_info", "a.implementation_info_id not in ('18', '10004')"),
            entry("pg_namespace", "a.nspname !~ '^pg_(toast_)?temp_'"),
            entry("pg_database", "a.datname = current_database()"),
            entry("pg_db_role_setting", "a.setdatabase = " + Sql.THIS_DATABASE),
            entry("pg_subscription", "a.subdbid = " + Sql.THIS_DATABASE),
            entry("pg_shdescription", "a.classoid = 'pg_database'::regclass and a.objoid = " + Sql.THIS_DATABASE),
            entry("pg_shseclabel", "a.classoid = 'pg_database'::regclass and a.objoid = " + Sql.THIS_DATABASE),
            // An object's dependencies follow from its definition, except for members of an extension and sequences of
            // a
            // column.
            entry(
                    "pg_depend",
                    "(a.deptype in ('e', 'x') or a.deptype in ('a', 'i') and a.classid = 'pg_class'::regclass"
                            + " and (select c.relkind from pg_class c where c.oid = a.objid) = 'S')"));

    /**
     * Catalogs whose rows are never treated as unchanged since initdb. pg_depend has no key. The others have rows about databases:
     * initdb creates some under fixed OIDs, and users change them.
     */
    static final Set<String> NEVER_PRISTINE =
            Set.of("pg_database", "pg_db_role_setting", "pg_shdescription", "pg_shseclabel", "pg_depend");

    /** Columns that no general rule covers; {@code null::text} means that another column covers them. */
    static final Map<String, String> RENDERED = Map.ofEntries(
            entry("pg_rewrite.ev_action", "pg_get_ruledef(a.oid)"),
            entry("pg_rewrite.ev_qual", "null::text"),
            entry("pg_trigger.tgqual", "case when a.tgqual is not null then pg_get_triggerdef(a.oid) end"),
            entry("pg_proc.prosqlbody", "pg_get_function_sqlbody(a.oid)"),
            // The names of internal triggers, and of a partition's part of a foreign key, contain OIDs or are chosen
            // arbitrarily.
            entry("pg_trigger.tgname", Sql.TRIGGER_NAME),
            entry(
                    "pg_constraint.conname",
                    "case when a.contype = 'f' and a.conparentid <> 0 then 'part' else quote_ident(a.conname) end"),
            // Meaningful only for these kinds; the others have either value, depending on their history.
            entry("pg_constraint.connoinherit", "case when a.contype in ('c', 'n') then a.connoinherit end"),
            // For NOT NULL, these only record how it was created.
            entry("pg_constraint.conislocal", "case when a.contype <> 'n' then a.conislocal end"),
            entry("pg_constraint.coninhcount", "case when a.contype <> 'n' then a.coninhcount end"),
            // Of type name before 15, and of type text since.
            entry("pg_database.datcollate", "a.datcollate::text"),
            entry("pg_database.datctype", "a.datctype::text"),
            entry("pg_collation.collcollate", "a.collcollate::text"),
            entry("pg_collation.collctype", "a.collctype::text"),
            entry(
                    "pg_enum.enumsortorder",
                    "(select count(*) from pg_enum z where z.enumtypid = a.enumtypid"
                            + " and z.enumsortorder <= a.enumsortorder)"),
            // The position among the columns that exist.
            entry(
                    "pg_attribute.attnum",
                    "case when a.attnum > 0 then (select count(*) from pg_attribute z where z.attrelid = a.attrelid"
                            + " and z.attnum between 1 and a.attnum and not z.attisdropped) else a.attnum end"),
            entry("pg_index.indoption", "a.indoption"),
            // PostgreSQL sorts the columns of a publication by number.
            entry(
                    "pg_publication_rel.prattrs",
                    "(select json_agg(quote_ident(z.attname) order by z.attname collate \"C\")"
                            + " from unnest(a.prattrs::int2[]) u (n)"
                            + " join pg_attribute z on z.attrelid = a.prrelid and z.attnum = u.n)"),
            entry("pg_constraint.confdelsetcols", Sql.attributes("a.confdelsetcols", "a.conrelid")),
            // Some contain passwords.
            entry(
                    "pg_user_mapping.umoptions",
                    Sql.digest("(select array_agg(o order by o collate \"C\") from unnest(a.umoptions) o)")),
            entry("pg_subscription.subconninfo", Sql.digest("a.subconninfo")));

    /** Properties that are not columns of the catalog. */
    static final String NAMED_BY_A_PARENT = "namedbyparent";

    static final Map<String, Map<String, String>> ADDED = Map.of(
            "pg_class",
            Map.of(
                    "toastoptions",
                    "(select (select json_agg(o order by o collate \"C\") from unnest(t.reloptions) o)"
                            + " from pg_class t where t.oid = a.reltoastrelid)"),
            "pg_constraint",
            Map.of(
                    NAMED_BY_A_PARENT,
                    "case when a.contype = 'n' then exists (select from pg_inherits h join pg_constraint p"
                            + " on p.conrelid = h.inhparent and p.contype = 'n' and p.conname = a.conname"
                            + " where h.inhrelid = a.conrelid) end"));

    /** Default privileges for a null ACL: the kind of object for acldefault() and the column with the owner. */
    static final Map<String, String> DEFAULT_ACL = Map.ofEntries(
            entry("pg_class", "case a.relkind when 'S' then 's' else 'r' end::\"char\", a.relowner"),
            entry("pg_proc", "'f', a.proowner"),
            entry("pg_database", "'d', a.datdba"),
            entry("pg_language", "'l', a.lanowner"),
            entry("pg_namespace", "'n', a.nspowner"),
            entry("pg_foreign_data_wrapper", "'F', a.fdwowner"),
            entry("pg_foreign_server", "'S', a.srvowner"),
            entry("pg_type", "'T', a.typowner"));

    /** Catalogs whose rows describe objects of any catalog: the columns with its catalog, its OID and its column. */
    static final Map<String, List<Address>> ADDRESSES = Map.of(
            "pg_depend",
            List.of(new Address("classid", "objid", "objsubid"), new Address("refclassid", "refobjid", "refobjsubid")),
            "pg_description",
            List.of(new Address("classoid", "objoid", "objsubid")),
            "pg_seclabel",
            List.of(new Address("classoid", "objoid", "objsubid")),
            "pg_init_privs",
            List.of(new Address("classoid", "objoid", "objsubid")),
            "pg_shdescription",
            List.of(new Address("classoid", "objoid", "")),
            "pg_shseclabel",
            List.of(new Address("classoid", "objoid", "")));

    /** Types by which PostgreSQL casts an OID to a name. */
    static final Map<String, String> NAMING_TYPES = Map.of(
            "pg_class", "regclass",
            "pg_type", "regtype",
            "pg_proc", "regprocedure",
            "pg_operator", "regoperator",
            "pg_namespace", "regnamespace",
            "pg_collation", "regcollation",
            "pg_ts_config", "regconfig",
            "pg_ts_dict", "regdictionary");

    /** pg_dump's names for kinds of objects that differ within a catalog; SQL. */
    static final Map<String, String> KINDS = Map.ofEntries(
            entry(
                    "pg_class",
                    "case a.relkind when 'r' then 'TABLE' when 'p' then 'TABLE' when 'v' then 'VIEW'"
                            + " when 'm' then 'MATERIALIZED VIEW' when 'S' then 'SEQUENCE' when 'f' then 'FOREIGN TABLE'"
                            + " when 'i' then 'INDEX' when 'I' then 'INDEX' when 'c' then 'TYPE' when 't' then 'TOAST TABLE'"
                            + " when 'g' then 'PROPERTY GRAPH' else 'RELATION' end"),
            entry("pg_proc", "case a.prokind when 'a' then 'AGGREGATE' when 'p' then 'PROCEDURE' else 'FUNCTION' end"),
            entry("pg_type", "case a.typtype when 'd' then 'DOMAIN' else 'TYPE' end"),
            entry(
                    "pg_constraint",
                    "case a.contype when 'f' then 'FK CONSTRAINT' when 'c' then 'CHECK CONSTRAINT'"
                            + " when 'n' then 'NOT NULL CONSTRAINT' else 'CONSTRAINT' end"));

    /** Like {@link #KINDS}, if it is the same for all rows. */
    static final Map<String, String> NAMES_OF_KINDS = Map.ofEntries(
            entry("pg_namespace", "SCHEMA"),
            entry("pg_attrdef", "DEFAULT"),
            entry("pg_rewrite", "RULE"),
            entry("pg_opclass", "OPERATOR CLASS"),
            entry("pg_opfamily", "OPERATOR FAMILY"),
            entry("pg_amop", "OPERATOR OF FAMILY"),
            entry("pg_amproc", "FUNCTION OF FAMILY"),
            entry("pg_am", "ACCESS METHOD"),
            entry("pg_language", "PROCEDURAL LANGUAGE"),
            entry("pg_ts_config", "TEXT SEARCH CONFIGURATION"),
            entry("pg_ts_config_map", "TEXT SEARCH CONFIGURATION MAPPING"),
            entry("pg_ts_dict", "TEXT SEARCH DICTIONARY"),
            entry("pg_ts_parser", "TEXT SEARCH PARSER"),
            entry("pg_ts_template", "TEXT SEARCH TEMPLATE"),
            entry("pg_statistic_ext", "STATISTICS"),
            entry("pg_foreign_data_wrapper", "FOREIGN DATA WRAPPER"),
            entry("pg_foreign_server", "SERVER"),
            entry("pg_enum", "ENUM LABEL"),
            entry("pg_inherits", "INHERITANCE"),
            entry("pg_publication_rel", "PUBLICATION TABLE"),
            entry("pg_publication_namespace", "PUBLICATION TABLES IN SCHEMA"),
            entry("pg_db_role_setting", "DATABASE PROPERTIES"));

    /** Names that do not consist of the natural key's columns; SQL. The first is the object it is a part of, or empty. */
    static final Map<String, List<String>> IDENTITIES = Map.of(
            "pg_constraint",
            List.of(
                    "coalesce(nullif(a.conrelid, 0)::regclass::text, nullif(a.contypid, 0)::regtype::text,"
                            + " a.connamespace::regnamespace::text)",
                    Sql.CONSTRAINT_NAME),
            "pg_trigger",
            List.of(
                    "a.tgrelid::regclass::text",
                    // Before 15, a partition's copy of a trigger is internal, too, and belongs to no constraint.
                    Sql.TRIGGER_NAME + " || case when a.tgisinternal and a.tgconstraint <> 0"
                            + " then ' ' || a.tgfoid::regproc || ' for ' || coalesce((select concat("
                            + Sql.CONSTRAINT_NAME.replace("a.", "c.") + ", ' of ', c.conrelid::regclass)"
                            + " from pg_constraint c where c.oid = a.tgconstraint), '') else '' end"),
            "pg_database",
            List.of("", "'(this database)'"),
            "pg_subscription",
            List.of("", "quote_ident(a.subname)"),
            "pg_db_role_setting",
            List.of("", "concat('(this database)', case when a.setrole <> 0 then ' ROLE ' || a.setrole::regrole end)"),
            "pg_cast",
            List.of("", "concat('(', a.castsource::regtype, ' AS ', a.casttarget::regtype, ')')"),
            "pg_user_mapping",
            List.of(
                    "",
                    "concat(case when a.umuser = 0 then 'PUBLIC' else a.umuser::regrole::text end, ' SERVER ',"
                            + " (select quote_ident(s.srvname) from pg_foreign_server s where s.oid = a.umserver))"),
            "pg_transform",
            List.of(
                    "",
                    "concat('FOR ', a.trftype::regtype, ' LANGUAGE ',"
                            + " (select quote_ident(l.lanname) from pg_language l where l.oid = a.trflang))"),
            "pg_enum",
            List.of("a.enumtypid::regtype::text", "quote_literal(a.enumlabel)"),
            "pg_attribute",
            List.of(
                    "a.attrelid::regclass::text",
                    "case when (select c.relkind in ('i', 'I') from pg_class c where c.oid = a.attrelid)"
                            + " then 'column ' || a.attnum else 'column ' || quote_ident(a.attname) end"));

    /**
     * What a role that is not a superuser reads instead of a catalog that it may not read.
     */
    static final Map<String, String> VIEWS =
            Map.of("pg_user_mapping", "(select umid as oid, umuser, srvid as umserver from pg_user_mappings)");

    /** Words for properties in sentences, where they differ from the column's name. */
    private static final Map<String, String> WORDS = Map.ofEntries(
            entry(DescriptionComparison.RAW, "columns (digest)"),
            entry("prosrc", "body"),
            entry("prosqlbody", "body"),
            entry("probin", "library"),
            entry("prosecdef", "SECURITY DEFINER"),
            entry("proleakproof", "LEAKPROOF"),
            entry("proisstrict", "STRICT"),
            entry("provolatile", "volatility"),
            entry("proparallel", "parallel safety"),
            entry("procost", "cost"),
            entry("prorows", "rows"),
            entry("prolang", "language"),
            entry("proconfig", "settings"),
            entry("proargnames", "argument names"),
            entry("proargdefaults", "argument defaults"),
            entry("prorettype", "result type"),
            entry("ev_action", "definition"),
            entry("ev_enabled", "enabled"),
            entry("tgqual", "definition"),
            entry("tgenabled", "enabled"),
            entry("evtenabled", "enabled"),
            entry("conbin", "expression"),
            entry("convalidated", "validated"),
            entry("confupdtype", "ON UPDATE"),
            entry("confdeltype", "ON DELETE"),
            entry("condeferrable", "DEFERRABLE"),
            entry("condeferred", "INITIALLY DEFERRED"),
            entry("adbin", "expression"),
            entry("atttypid", "type"),
            entry("atttypmod", "type modifier"),
            entry("attnotnull", "NOT NULL"),
            entry("attcollation", "collation"),
            entry("attstorage", "storage"),
            entry("attcompression", "compression"),
            entry("attstattarget", "statistics target"),
            entry("attgenerated", "generated"),
            entry("attidentity", "identity"),
            entry("attnum", "position"),
            entry("attoptions", "options"),
            entry("reloptions", "options"),
            entry("toastoptions", "TOAST options"),
            entry("relam", "access method"),
            entry("reltablespace", "tablespace"),
            entry("dattablespace", "tablespace"),
            entry("relpersistence", "persistence"),
            entry("relrowsecurity", "row security"),
            entry("relforcerowsecurity", "FORCE ROW LEVEL SECURITY"),
            entry("relreplident", "replica identity"),
            entry("relispopulated", "populated"),
            entry("relpartbound", "partition bound"),
            entry("indisvalid", "valid"),
            entry("indisunique", "unique"),
            entry("indisclustered", "CLUSTER"),
            entry("indisreplident", "replica identity"),
            entry("indkey", "columns"),
            entry("indpred", "predicate"),
            entry("indexprs", "expressions"),
            entry("indclass", "operator classes"),
            entry("polqual", "USING"),
            entry("polwithcheck", "WITH CHECK"),
            entry("polroles", "roles"),
            entry("polcmd", "command"),
            entry("polpermissive", "permissive"),
            entry("extversion", "version"),
            entry("inhparent", "parent"),
            entry("setconfig", "settings"),
            entry("datdba", "owner"),
            entry("umoptions", "options (digest)"),
            entry("subconninfo", "connection (digest)"),
            entry("subenabled", "enabled"));

    /** Catalogs whose rows are only parts of objects. */
    private static final Set<String> NOT_COUNTED = Set.of(
            "pg_attribute",
            "pg_index",
            "pg_sequence",
            "pg_foreign_table",
            "pg_partitioned_table",
            "pg_aggregate",
            "pg_range",
            "pg_inherits",
            "pg_enum",
            "pg_amop",
            "pg_amproc",
            "pg_ts_config_map");

    private static final Pattern SIMPLY_QUOTED = Pattern.compile("(?<!\")\"([a-z_][a-z0-9_$]*)\"(?!\")");

    private CatalogRules() {}

    /**
     * The address of an object: its catalog and its OID.
     *
     * @param column the column with the number of a table's column; empty when objects of this kind have no columns
     */
    record Address(String catalog, String object, String column) {}

    /** Fragments that several rules share. */
    static final class Sql {

        static final String THIS_DATABASE = "(select d.oid from pg_database d where d.datname = current_database())";

        /** Temporary relations and TOAST tables with their indexes. */
        static final String UNDEFINED_RELATIONS =
                "select oid from pg_class where relpersistence = 't' or relnamespace in"
                        + " (select oid from pg_namespace where nspname ~ '^pg_toast')";

        static final String TRIGGER_NAME = "case when a.tgconstraint <> 0 and a.tgisinternal and a.tgname ~ '_[0-9]+$'"
                + " then regexp_replace(quote_ident(a.tgname), '[0-9]+', 'N', 'g') else quote_ident(a.tgname) end";

        static final String TOPMOST_CONSTRAINT = "(with recursive u as ("
                + "select p.oid, p.conparentid, p.conname, p.conrelid from pg_constraint p where p.oid = a.conparentid"
                + " union all select p.oid, p.conparentid, p.conname, p.conrelid from u"
                + " join pg_constraint p on p.oid = u.conparentid)"
                + " select quote_ident(u.conname) || ' of ' || u.conrelid::regclass from u where u.conparentid = 0)";

        /** A partition's part of a foreign key has an arbitrary name, or its own if it existed before. */
        static final String CONSTRAINT_NAME =
                "case when a.contype = 'f' and a.conparentid <> 0 then concat('part of ', " + TOPMOST_CONSTRAINT
                        + ", ' to ', a.confrelid::regclass) else quote_ident(a.conname) end";

        private Sql() {}

        /** A table's columns by name. */
        static String attributes(String numbers, String relation) {
            return "(select json_agg(coalesce(quote_ident(z.attname), u.x::text) order by u.o) from unnest(" + numbers
                    + "::int2[]) with ordinality u (x, o) left join pg_attribute z on z.attrelid = " + relation
                    + " and z.attnum = u.x)";
        }

        /** 64 bits; equal on all platforms, and available where MD5 is forbidden. */
        static String shortDigest(String value) {
            return "substr(encode(sha256(textsend(" + value + ")), 'hex'), 1, 16)";
        }

        /** With the salt of this description: equal values have equal digests, and digests cannot be looked up. */
        static String digest(String value) {
            return "encode(sha256(textsend(:salt || " + value + "::text)), 'hex')";
        }
    }

    /** {@code owner} for owners, {@code privileges} for ACLs, a word from the list, or else the column. */
    static String word(String column) {
        String word = WORDS.get(column);
        if (word != null) {
            return word;
        }
        if (column.endsWith("owner")) {
            return "owner";
        }
        return column.endsWith("acl") ? "privileges" : column;
    }

    /** Removes quotes from names that need none. */
    static String withoutSimpleQuotes(String text) {
        return SIMPLY_QUOTED.matcher(text).replaceAll("$1");
    }

    /** Whether the column names roles, which a restore without roles does not restore. */
    static boolean isOfRoles(String column) {
        String name = column.substring(column.indexOf('.') + 1);
        return name.endsWith("acl") || name.endsWith("owner") || name.equals("datdba") || name.equals("initprivs");
    }

    /** Whether the row is an object that people would count, not a part or a property of one. */
    static boolean isObject(DescribedRow row) {
        return row.aspect() == null && !NOT_COUNTED.contains(row.catalog());
    }

    private static Map<String, String> reasons(Map<String, String> byReason) {
        Map<String, String> byName = new HashMap<>();
        byReason.forEach((reason, names) -> List.of(names.split(" ", -1)).forEach(name -> byName.put(name, reason)));
        return Map.copyOf(byName);
    }
}
