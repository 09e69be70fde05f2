package io.github.pgbackup.expectation;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The kinds of objects that an expectation can name, and how to find them in a database's catalog and in an archive.
 *
 * <p>The catalog query takes arrays of schemas, tables and names, and returns a row for each object found. The row
 * contains the position of the requested name ({@code ordinal}, from 1); other columns are named like the tags whose
 * values they contain. Entries of an archive are recognised by the description and tag that {@code pg_dump} writes.
 */
@SuppressWarnings("ImmutableEnumChecker") // all lists and sets are made by List.of and Set.of
public enum ObjectKind {
    SCHEMA(
            "schema",
            1,
            1,
            "a schema's name",
            List.of(),
            "select requested.ordinal, nspname from pg_catalog.pg_namespace, requested where nspname = requested.name",
            Set.of("SCHEMA")),
    TABLE(
            "table",
            2,
            2,
            "schema.table",
            List.of("rows", "owner"),
            relation("'r','p','f'"),
            Set.of("TABLE", "FOREIGN TABLE")),
    VIEW("view", 2, 2, "schema.view", List.of("rows", "owner"), relation("'v'"), Set.of("VIEW")),
    MATERIALIZED_VIEW(
            "materializedView",
            2,
            2,
            "schema.view",
            List.of("rows", "owner"),
            relation("'m'"),
            Set.of("MATERIALIZED VIEW")),
    COLUMN(
            "column",
            3,
            3,
            "schema.table.column",
            List.of("type", "nullable", "default", "nulls", "distinct", "values"),
            """
            select requested.ordinal, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
                   (with recursive base(type, modifier) as (
                        select a.atttypid, a.atttypmod
                        union all
                        -- OFFSET: looked up by its oid, instead of reading all types for each column.
                        select t.typbasetype, t.typtypmod from base, lateral (
                            select * from pg_catalog.pg_type t where t.oid = base.type offset 0) t where t.typtype = 'd')
                    select pg_catalog.format_type(base.type, base.modifier) from base, lateral (
                        select * from pg_catalog.pg_type t where t.oid = base.type offset 0) t
                    where t.typtype <> 'd') as base_type,
                   %s as foreign_tables,
                   case when a.attnotnull then 'false' else 'true' end as nullable,
                   coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), 'none') as \"default\",
                   %s as pages
            from requested
            join pg_catalog.pg_namespace n on n.nspname = requested.schema
            join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = requested.relation
                 and c.relkind in ('r','p','f','v','m')
            join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = requested.name
                 and a.attnum > 0 and not a.attisdropped
            left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum""".formatted(Sql.FOREIGN_TABLES, Sql.PAGES),
            Set.of("TABLE", "FOREIGN TABLE")),
    CONSTRAINT(
            "constraint",
            2,
            3,
            "schema.table.constraint",
            List.of("definition", "valid"),
            """
            select requested.ordinal, pg_catalog.pg_get_constraintdef(o.oid) as definition, o.convalidated::text as valid
            from requested
            join pg_catalog.pg_namespace n on n.nspname = requested.schema
            join pg_catalog.pg_constraint o on o.connamespace = n.oid and o.conname = requested.name
            left join pg_catalog.pg_class c on c.oid = o.conrelid
            left join pg_catalog.pg_type t on t.oid = o.contypid
            where o.contype <> 't' and (requested.relation is null or requested.relation in (c.relname, t.typname))""",
            Set.of("CONSTRAINT", "FK CONSTRAINT", "CHECK CONSTRAINT")),
    INDEX("index", 2, 2, "schema.index", List.of("definition", "valid"), """
            select requested.ordinal, pg_catalog.pg_get_indexdef(i.indexrelid) as definition,
                   (i.indisvalid and i.indisready and i.indislive)::text as valid
            from requested
            join pg_catalog.pg_namespace n on n.nspname = requested.schema
            join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = requested.name
            join pg_catalog.pg_index i on i.indexrelid = c.oid""", Set.of("INDEX", "CONSTRAINT")),
    FUNCTION(
            "function",
            2,
            2,
            "schema.function or schema.function(argument types)",
            List.of(),
            """
            select requested.ordinal, (
                    select coalesce(string_agg(pg_catalog.format_type(a.type, null), ',' order by a.position), '')
                    from unnest(p.proargtypes) with ordinality as a(type, position)) as arguments
            from requested
            join pg_catalog.pg_namespace n on n.nspname = requested.schema
            join pg_catalog.pg_proc p on p.pronamespace = n.oid and p.proname = requested.name""",
            Set.of("FUNCTION", "PROCEDURE", "AGGREGATE")),
    TRIGGER("trigger", 2, 3, "schema.table.trigger", List.of(), """
            select requested.ordinal, t.tgname
            from requested
            join pg_catalog.pg_namespace n on n.nspname = requested.schema
            join pg_catalog.pg_class c on c.relnamespace = n.oid
                 and c.relname = coalesce(requested.relation, c.relname)
            join pg_catalog.pg_trigger t on t.tgrelid = c.oid and t.tgname = requested.name
                 -- Before 15 the triggers that a partition has from its parent are marked internal.
                 and (not t.tgisinternal or t.tgparentid <> 0)""", Set.of("TRIGGER")),
    SEQUENCE("sequence", 2, 2, "schema.sequence", List.of("lastValue"), relation("'S'"), Set.of("SEQUENCE")),
    TYPE("type", 2, 2, "schema.type", List.of(), """
            select requested.ordinal, t.typname
            from requested
            join pg_catalog.pg_namespace n on n.nspname = requested.schema
            join pg_catalog.pg_type t on t.typnamespace = n.oid and t.typname = requested.name
            left join pg_catalog.pg_class c on c.oid = t.typrelid
            where t.typrelid = 0 or c.relkind = 'c'""", Set.of("TYPE", "DOMAIN", "SHELL TYPE")),
    POLICY("policy", 2, 3, "schema.table.policy", List.of(), """
            select requested.ordinal, p.polname
            from requested
            join pg_catalog.pg_namespace n on n.nspname = requested.schema
            join pg_catalog.pg_class c on c.relnamespace = n.oid
                 and c.relname = coalesce(requested.relation, c.relname)
            join pg_catalog.pg_policy p on p.polrelid = c.oid and p.polname = requested.name""", Set.of("POLICY")),
    EXTENSION(
            "extension",
            1,
            1,
            "an extension's name",
            List.of("version"),
            "select requested.ordinal, extversion as version from pg_catalog.pg_extension, requested where extname = requested.name",
            Set.of("EXTENSION")),
    ROLE(
            "role",
            1,
            1,
            "a role's name",
            List.of(),
            "select requested.ordinal, rolname from pg_catalog.pg_roles, requested where rolname = requested.name",
            Set.of());

    private final String tag;

    private final int minimumParts;
    private final int maximumParts;
    private final String nameForm;
    private final List<String> aspects;
    private final String catalogQuery;
    private final Set<String> descriptions;

    ObjectKind(
            String tag,
            int minimumParts,
            int maximumParts,
            String nameForm,
            List<String> aspects,
            String catalogQuery,
            Set<String> descriptions) {
        this.tag = tag;
        this.minimumParts = minimumParts;
        this.maximumParts = maximumParts;
        this.nameForm = nameForm;
        this.aspects = aspects;
        this.catalogQuery = catalogQuery;
        this.descriptions = descriptions;
    }

    public static Optional<ObjectKind> ofTag(String tag) {
        return Arrays.stream(values()).filter(kind -> kind.tag.equals(tag)).findFirst();
    }

    public static List<String> tags() {
        return Arrays.stream(values()).map(ObjectKind::tag).toList();
    }

    public String tag() {
        return tag;
    }

    /** The form of a {@code <name>}. */
    public String nameForm() {
        return nameForm;
    }

    /** The tags of this kind in addition to {@code name} and {@code present}. */
    public List<String> aspects() {
        return aspects;
    }

    boolean allowsParts(int parts) {
        return parts >= minimumParts && parts <= maximumParts;
    }

    String catalogQuery() {
        return "with requested(schema, relation, name, ordinal) as (select * from"
                + " unnest(?::text[], ?::text[], ?::text[]) with ordinality) " + catalogQuery;
    }

    Set<String> descriptions() {
        return descriptions;
    }

    private static String relation(String kinds) {
        return """
            select requested.ordinal, pg_catalog.pg_get_userbyid(c.relowner) as owner, c.relkind::text as kind,
                   c.relispopulated::text as populated, %s as pages, %s as foreign_tables
            from requested
            join pg_catalog.pg_namespace n on n.nspname = requested.schema
            join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = requested.name and c.relkind in (%s)""".formatted(Sql.PAGES, Sql.FOREIGN_TABLES, kinds);
    }

    private static final class Sql {

        /** Estimated pages of relation {@code c}; a huge number if its rows are elsewhere or computed. */
        private static final String PAGES = """
            case when c.relkind in ('r', 'm', 'S') and not c.relhassubclass then c.relpages else 2147483647 end""";

        /** Whether relation {@code c}, or one of its partitions or children, is a foreign table. */
        private static final String FOREIGN_TABLES = """
            exists (with recursive tree(oid) as (
                        select c.oid
                        union
                        select i.inhrelid from tree, lateral (
                            select * from pg_catalog.pg_inherits i where i.inhparent = tree.oid offset 0) i)
                    select from tree
                    where (select f.relkind from pg_catalog.pg_class f where f.oid = tree.oid) = 'f')::text""";
    }
}
