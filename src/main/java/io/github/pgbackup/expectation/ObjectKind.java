package io.github.pgbackup.expectation;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The kinds of objects an expectation can name: how they are found in a database's catalog and in an archive.
 *
 * <p>The catalog query takes schemas, tables and names, an array each, and returns a row for each object found, with the
 * place of what was asked ({@code ordinal}, from 1) and its columns named as the tags whose values they hold. An archive's entries are told by their description and tag as {@code pg_dump} writes them.
 */
@SuppressWarnings("ImmutableEnumChecker") // all lists and sets are made by List.of and Set.of
public enum ObjectKind {
    SCHEMA(
            "schema",
            1,
            1,
            "a schema's name",
            List.of(),
            "select asked.ordinal, nspname from pg_catalog.pg_namespace, asked where nspname = asked.name",
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
            select asked.ordinal, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
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
            from asked
            join pg_catalog.pg_namespace n on n.nspname = asked.schema
            join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = asked.relation
                 and c.relkind in ('r','p','f','v','m')
            join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = asked.name
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
            select asked.ordinal, pg_catalog.pg_get_constraintdef(o.oid) as definition, o.convalidated::text as valid
            from asked
            join pg_catalog.pg_namespace n on n.nspname = asked.schema
            join pg_catalog.pg_constraint o on o.connamespace = n.oid and o.conname = asked.name
            left join pg_catalog.pg_class c on c.oid = o.conrelid
            left join pg_catalog.pg_type t on t.oid = o.contypid
            where o.contype <> 't' and (asked.relation is null or asked.relation in (c.relname, t.typname))""",
            Set.of("CONSTRAINT", "FK CONSTRAINT", "CHECK CONSTRAINT")),
    INDEX("index", 2, 2, "schema.index", List.of("definition", "valid"), """
            select asked.ordinal, pg_catalog.pg_get_indexdef(i.indexrelid) as definition,
                   (i.indisvalid and i.indisready and i.indislive)::text as valid
            from asked
            join pg_catalog.pg_namespace n on n.nspname = asked.schema
            join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = asked.name
            join pg_catalog.pg_index i on i.indexrelid = c.oid""", Set.of("INDEX", "CONSTRAINT")),
    FUNCTION(
            "function",
            2,
            2,
            "schema.function or schema.function(argument types)",
            List.of(),
            """
            select asked.ordinal, (
                    select coalesce(string_agg(pg_catalog.format_type(a.type, null), ',' order by a.position), '')
                    from unnest(p.proargtypes) with ordinality as a(type, position)) as arguments
            from asked
            join pg_catalog.pg_namespace n on n.nspname = asked.schema
            join pg_catalog.pg_proc p on p.pronamespace = n.oid and p.proname = asked.name""",
            Set.of("FUNCTION", "PROCEDURE", "AGGREGATE")),
    TRIGGER("trigger", 2, 3, "schema.table.trigger", List.of(), """
            select asked.ordinal, t.tgname
            from asked
            join pg_catalog.pg_namespace n on n.nspname = asked.schema
            join pg_catalog.pg_class c on c.relnamespace = n.oid
                 and c.relname = coalesce(asked.relation, c.relname)
            join pg_catalog.pg_trigger t on t.tgrelid = c.oid and t.tgname = asked.name
                 -- Before 15 the triggers that a partition has from its parent are marked internal.
                 and (not t.tgisinternal or t.tgparentid <> 0)""", Set.of("TRIGGER")),
    SEQUENCE("sequence", 2, 2, "schema.sequence", List.of("lastValue"), relation("'S'"), Set.of("SEQUENCE")),
    TYPE("type", 2, 2, "schema.type", List.of(), """
            select asked.ordinal, t.typname
            from asked
            join pg_catalog.pg_namespace n on n.nspname = asked.schema
            join pg_catalog.pg_type t on t.typnamespace = n.oid and t.typname = asked.name
            left join pg_catalog.pg_class c on c.oid = t.typrelid
            where t.typrelid = 0 or c.relkind = 'c'""", Set.of("TYPE", "DOMAIN", "SHELL TYPE")),
    POLICY("policy", 2, 3, "schema.table.policy", List.of(), """
            select asked.ordinal, p.polname
            from asked
            join pg_catalog.pg_namespace n on n.nspname = asked.schema
            join pg_catalog.pg_class c on c.relnamespace = n.oid
                 and c.relname = coalesce(asked.relation, c.relname)
            join pg_catalog.pg_policy p on p.polrelid = c.oid and p.polname = asked.name""", Set.of("POLICY")),
    EXTENSION(
            "extension",
            1,
            1,
            "an extension's name",
            List.of("version"),
            "select asked.ordinal, extversion as version from pg_catalog.pg_extension, asked where extname = asked.name",
            Set.of("EXTENSION")),
    ROLE(
            "role",
            1,
            1,
            "a role's name",
            List.of(),
            "select asked.ordinal, rolname from pg_catalog.pg_roles, asked where rolname = asked.name",
            Set.of());

    private final String tag;

    private final int leastParts;
    private final int mostParts;
    private final String nameForm;
    private final List<String> aspects;
    private final String catalogQuery;
    private final Set<String> descriptions;

    ObjectKind(
            String tag,
            int leastParts,
            int mostParts,
            String nameForm,
            List<String> aspects,
            String catalogQuery,
            Set<String> descriptions) {
        this.tag = tag;
        this.leastParts = leastParts;
        this.mostParts = mostParts;
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

    /** What a user may write in {@code <name>}. */
    public String nameForm() {
        return nameForm;
    }

    /** The tags besides {@code name} and {@code present} that this kind takes. */
    public List<String> aspects() {
        return aspects;
    }

    boolean allowsParts(int parts) {
        return parts >= leastParts && parts <= mostParts;
    }

    String catalogQuery() {
        return "with asked(schema, relation, name, ordinal) as (select * from"
                + " unnest(?::text[], ?::text[], ?::text[]) with ordinality) " + catalogQuery;
    }

    Set<String> descriptions() {
        return descriptions;
    }

    private static String relation(String kinds) {
        return """
            select asked.ordinal, pg_catalog.pg_get_userbyid(c.relowner) as owner, c.relkind::text as kind,
                   c.relispopulated::text as populated, %s as pages, %s as foreign_tables
            from asked
            join pg_catalog.pg_namespace n on n.nspname = asked.schema
            join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = asked.name and c.relkind in (%s)""".formatted(Sql.PAGES, Sql.FOREIGN_TABLES, kinds);
    }

    private static final class Sql {

        /** Pages of relation {@code c} by an estimate; of what has rows elsewhere, or makes them, no number is enough. */
        private static final String PAGES = """
            case when c.relkind in ('r', 'm', 'S') and not c.relhassubclass then c.relpages else 2147483647 end""";

        /** Whether relation {@code c} is a foreign table or one of its partitions or children is. */
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
