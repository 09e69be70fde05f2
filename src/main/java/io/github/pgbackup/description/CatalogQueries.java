package io.github.pgbackup.description;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.description.CatalogRules.Address;
import io.github.pgbackup.description.CatalogSchema.Catalog;
import io.github.pgbackup.description.CatalogSchema.Reference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Generates one statement per catalog, regardless of the number of objects. Each row gets a key from its identity. An OID becomes
 * the identity of what it refers to, a column number its name, an ACL the list of its grants, a parsed expression its text.
 */
final class CatalogQueries {

    /** Types whose values are OIDs or column numbers, or have no stable text: they need a rule. */
    private static final Set<String> NEED_A_RULE =
            Set.of("oid", "oid[]", "oidvector", "int2vector", "xid", "pg_node_tree", "aclitem[]", "regproc");

    /** Lower OIDs are fixed in PostgreSQL's sources. From here on, initdb assigns them, depending on the system. */
    private static final int FIRST_FREE_OID = 12_000;

    /**
     * The last transaction of initdb, which creates template0 at its end. Whether a row is newer only decides how much is reported
     * about it: its digest is compared in any case.
     */
    private static final String LAST_XID_OF_INITDB =
            "(select least(1000, min(z.xmin::text::bigint)) from pg_database z where z.datname = 'template0')";

    private static final Pattern OF_THE_ROW = Pattern.compile("\\ba\\.");

    private final CatalogSchema schema;
    private final Set<String> hidden = new TreeSet<>();
    private final Set<String> withoutRule = new TreeSet<>();
    private int aliases;

    /** The label of a row as SQL: its kind, the object it is a part of (may be empty), and its name. */
    private record Identity(String kind, String part, String name) {

        String label() {
            return "concat_ws(' ', " + kind + ", " + (part.isEmpty() ? "" : part + ", ") + name + ")";
        }
    }

    private CatalogQueries(CatalogSchema schema) {
        this.schema = schema;
    }

    /**
     * The statements, and the columns that the session's role may not read, which are therefore not described.
     *
     * @param hidden in the form {@code pg_user_mapping.umoptions}
     */
    record Generated(List<CatalogQuery> queries, Set<String> hidden) {}

    /**
     * Generates the statements.
     *
     * @throws CannotVerifyException when this server's catalogs have a column for which there is no rule
     */
    static Generated of(CatalogSchema schema) {
        CatalogQueries generator = new CatalogQueries(schema);
        List<CatalogQuery> queries = schema.catalogs().values().stream()
                .filter(catalog -> !CatalogRules.EXCLUDED.containsKey(catalog.name()))
                .filter(catalog -> !generator.isHidden(catalog))
                .map(generator::query)
                .toList();
        if (!generator.withoutRule.isEmpty()) {
            throw new CannotVerifyException(
                    "PostgreSQL " + schema.major()
                            + " has catalog columns that this version of the plugin cannot describe: "
                            + String.join(", ", generator.withoutRule) + ".",
                    Remedy.USE_A_NEWER_PLUGIN);
        }
        return new Generated(queries, generator.hidden);
    }

    /** Up to 13, some tables of the information schema are readable by superusers only. */
    private boolean isHidden(Catalog catalog) {
        boolean whole = catalog.name().startsWith("information_schema.")
                && !catalog.hidden().isEmpty();
        if (whole) {
            catalog.hidden().forEach(column -> hidden.add(catalog.name() + "." + column));
        }
        return whole;
    }

    /** The catalog, or the view that replaces one that the role may not read. */
    private static String rows(Catalog catalog) {
        return catalog.hidden().isEmpty()
                ? catalog.name()
                : CatalogRules.VIEWS.getOrDefault(catalog.name(), catalog.name());
    }

    private static boolean readsOid(Catalog catalog) {
        return !catalog.hidden().contains("oid") || !rows(catalog).equals(catalog.name());
    }

    private Catalog catalog(String name) {
        return Objects.requireNonNull(schema.catalogs().get(name), name);
    }

    private CatalogQuery query(Catalog catalog) {
        List<Address> addresses = CatalogRules.ADDRESSES.getOrDefault(catalog.name(), List.of());
        Map<String, String> properties = properties(catalog, addresses);
        String relation = rows(catalog);
        List<String> conditions = new ArrayList<>(List.of(":filter"));
        Optional.ofNullable(CatalogRules.ROWS.get(catalog.name())).ifPresent(conditions::add);
        String row = addresses.isEmpty() ? row(catalog, conditions) : addressed(catalog, addresses, conditions);
        String columns = properties.entrySet().stream()
                .map(each -> each.getValue() + " as " + each.getKey())
                .collect(Collectors.joining(", "));
        String object = columns.isEmpty() ? "'{}'::json" : "(select to_json(p) from (select " + columns + ") p)";
        String from = " from " + relation + " a where " + String.join(" and ", conditions);
        String owner =
                addresses.isEmpty() ? owner(catalog) : "a." + addresses.get(0).object();
        String builtIn = builtIn(catalog, addresses, owner);
        Bootstrapped bootstrapped = bootstrapped(catalog, owner);
        String condition = "(" + builtIn + ")"
                + bootstrapped
                        .pristine()
                        .map(pristine -> " and not (" + pristine + ")")
                        .orElse("");
        List<String> cells = new ArrayList<>(List.of(
                row,
                // initdb assigns other OIDs on another system.
                "case when " + owner + "::oid < " + FIRST_FREE_OID + " then " + owner + "::bigint else 0 end",
                bootstrapped.raw()));
        cells.addAll(properties.values());
        return new CatalogQuery(
                catalog.name(),
                List.copyOf(properties.keySet()),
                "select " + row + ", " + owner + "::bigint, " + bootstrapped.raw() + ", " + object + from,
                "select " + row + ", " + owner + "::bigint, null::text, '{}'" + from,
                relation,
                from,
                builtIn,
                bootstrapped.raw(),
                bootstrapped.pristine(),
                builtInText(catalog, cells, from, condition));
    }

    private static Optional<CatalogQuery.BuiltInText> builtInText(
            Catalog catalog, List<String> cells, String from, String condition) {
        return CatalogRules.NEVER_PRISTINE.contains(catalog.name())
                        || !catalog.hidden().isEmpty()
                ? Optional.empty()
                : Optional.of(new CatalogQuery.BuiltInText(
                        condition,
                        "select json_build_array(" + String.join(", ", cells) + ")::text as r"
                                + from.replace(":filter", condition)));
    }

    /** How to compare rows from initdb without rendering them; see {@link CatalogQuery} for both. */
    private record Bootstrapped(String raw, Optional<String> pristine) {}

    /**
     * All servers of a major version have the same objects below {@link #FIRST_FREE_OID}. A row that refers only to those is equal
     * on two servers when its columns are equal. A row with an ACL is not compared this way, because the ACL contains the name of
     * initdb's superuser, which may be any.
     */
    private Bootstrapped bootstrapped(Catalog catalog, String owner) {
        List<String> key = rawKey(catalog);
        if (key.isEmpty() || !catalog.hidden().isEmpty() || CatalogRules.NEVER_PRISTINE.contains(catalog.name())) {
            return new Bootstrapped("null::text", Optional.empty());
        }
        List<String> columns = new ArrayList<>();
        List<String> conditions = new ArrayList<>();
        List<String> grants = new ArrayList<>();
        catalog.columns().forEach((column, type) -> {
            if (CatalogRules.EXCLUDED_COLUMNS.containsKey(catalog.name() + "." + column) && !key.contains(column)) {
                return;
            }
            columns.add("a." + column);
            if (target(catalog, column).isPresent()) {
                conditions.add("a." + column + "::oid < " + FIRST_FREE_OID);
            }
            if (type.equals("aclitem[]")) {
                grants.add("a." + column + " is null");
            }
        });
        String keys = key.stream().map(column -> "a." + column + "::text").collect(Collectors.joining(", "));
        String digest = CatalogRules.Sql.shortDigest("row(" + String.join(", ", columns) + ")::text");
        String fixed = conditions.isEmpty() ? "true" : String.join(" and ", conditions);
        return new Bootstrapped(
                "case when " + owner + "::oid < " + FIRST_FREE_OID + " then concat_ws(',', " + keys
                        + ") || ' ' || case when " + fixed + " then " + digest + " else '' end end",
                Optional.of(Stream.of(
                                Stream.of(
                                        owner + "::oid < " + FIRST_FREE_OID,
                                        "a.xmin::text::bigint <= " + LAST_XID_OF_INITDB),
                                conditions.stream(),
                                grants.stream())
                        .flatMap(Function.identity())
                        .collect(Collectors.joining(" and "))));
    }

    /** The columns by which the catalog itself identifies its rows. */
    private static List<String> rawKey(Catalog catalog) {
        return catalog.hasOid()
                ? List.of("oid")
                : catalog.keys().stream().findFirst().orElse(List.of());
    }

    private Map<String, String> properties(Catalog catalog, List<Address> addresses) {
        Set<String> identifying = new TreeSet<>();
        addresses.forEach(each -> identifying.addAll(List.of(each.catalog(), each.object(), each.column())));
        Map<String, String> properties = new LinkedHashMap<>();
        catalog.columns().forEach((column, type) -> {
            String name = catalog.name() + "." + column;
            if (column.equals("oid")
                    || identifying.contains(column)
                    || CatalogRules.EXCLUDED_COLUMNS.containsKey(name)
                    || catalog.name().equals("pg_depend")) {
                return;
            }
            if (catalog.hidden().contains(column)) {
                hidden.add(name);
            } else {
                properties.put(column, render(catalog, column, type));
            }
        });
        properties.putAll(CatalogRules.ADDED.getOrDefault(catalog.name(), Map.of()));
        if (catalog.name().startsWith("information_schema.")) {
            return new LinkedHashMap<>(); // its rows have no key; each is its own identity
        }
        return properties;
    }

    /** Rows that are objects of their own. */
    private String row(Catalog catalog, List<String> conditions) {
        if (catalog.name().startsWith("information_schema.")) {
            return "'ROW', '" + catalog.name() + "', a::text, null, null, true, 0::bigint";
        }
        Identity identity = identity(catalog, "a");
        List<String> key = naturalKey(catalog);
        if (!catalog.name().equals("pg_class")) {
            for (String column : key) {
                if (target(catalog, column).filter("pg_class"::equals).isPresent()) {
                    conditions.add("a." + column + " not in (" + CatalogRules.Sql.UNDEFINED_RELATIONS + ")");
                }
            }
        }
        String owner = owner(catalog);
        String ownerCatalog = catalog.hasOid()
                ? catalog.name()
                : key.stream()
                        .flatMap(column -> target(catalog, column).stream())
                        .findFirst()
                        .orElse(catalog.name());
        return identity.kind() + ", " + (identity.part().isEmpty() ? "null" : identity.part()) + ", "
                + identity.name() + ", null, " + fold(catalog, identity) + ", " + builtIn(catalog, List.of(), owner)
                + ", '" + ownerCatalog + "'::regclass::oid::bigint";
    }

    /** The column with the OID of the object that the row describes. */
    private String owner(Catalog catalog) {
        if (catalog.hasOid() && readsOid(catalog)) {
            return "a.oid";
        }
        return sameAs(catalog)
                .orElse(naturalKey(catalog).stream()
                        .filter(column -> target(catalog, column).isPresent())
                        .findFirst()
                        .map(column -> "a." + column)
                        .orElse("0"));
    }

    private static String builtIn(Catalog catalog, List<Address> addresses, String owner) {
        if (catalog.name().startsWith("information_schema.")) {
            return "true";
        }
        return owner + " < 16384"
                + (addresses.size() > 1 ? " and a." + addresses.get(1).object() + " < 16384" : "");
    }

    /** The object that a missing row disappears with, apart from the one that it is a part of by name. */
    private String fold(Catalog catalog, Identity identity) {
        return switch (catalog.name()) {
            case "pg_class" ->
                "case when a.relkind in ('i', 'I') then"
                        + " (select i.indrelid::regclass::text from pg_index i where i.indexrelid = a.oid) end";
            case "pg_type" ->
                "case when a.typrelid <> 0 then a.typrelid::regclass::text"
                        + " when a.typelem <> 0 then a.typelem::regtype::text end";
            case "pg_index" -> "a.indrelid::regclass::text";
            case "pg_amop" -> name("pg_opfamily", "a.amopfamily");
            case "pg_amproc" -> name("pg_opfamily", "a.amprocfamily");
            case "pg_trigger" ->
                "coalesce((select case when a.tgisinternal then concat_ws(' ', c.conrelid::regclass, "
                        + CatalogRules.Sql.CONSTRAINT_NAME.replace("a.", "c.") + ") end"
                        + " from pg_constraint c where c.oid = a.tgconstraint), a.tgrelid::regclass::text)";
            default -> identity.part().isEmpty() ? "null" : identity.part();
        };
    }

    /** Rows that describe another object. */
    private String addressed(Catalog catalog, List<Address> addresses, List<String> conditions) {
        Address object = addresses.get(0);
        conditions.add("not (a." + object.catalog() + " = 'pg_class'::regclass and a." + object.object() + " in ("
                + CatalogRules.Sql.UNDEFINED_RELATIONS + "))");
        conditions.add("not (a." + object.catalog() + " = 'pg_largeobject'::regclass)");
        String aspect = switch (catalog.name()) {
            case "pg_depend" ->
                "case a.deptype when 'e' then 'member of ' when 'x' then 'depends on '"
                        + " when 'i' then 'identity of ' else 'owned by ' end || "
                        + label(addresses.get(1));
            case "pg_description", "pg_shdescription" -> "'comment'";
            case "pg_seclabel", "pg_shseclabel" -> "'security label of ' || a.provider";
            default -> "'" + CatalogRules.word(catalog.name()) + "'";
        };
        return "null, null, " + label(object) + ", " + aspect + ", null, "
                + builtIn(catalog, addresses, "a." + object.object()) + ", a." + object.catalog()
                + "::bigint";
    }

    /** The label of any object; UNKNOWN if its catalog has no row for it. */
    private String label(Address address) {
        String class_ = "a." + address.catalog();
        String oid = "a." + address.object();
        StringBuilder sql = new StringBuilder("coalesce(case ").append(class_);
        for (Catalog each : schema.catalogs().values()) {
            boolean excluded = CatalogRules.EXCLUDED.containsKey(each.name());
            if (each.hasOid() && !excluded && readsOid(each)) {
                String alias = alias();
                sql.append(" when '" + each.name() + "'::regclass then (select "
                        + identity(each, alias).label() + " from " + rows(each) + " " + alias + " where " + alias
                        + ".oid = " + oid + ")");
            }
        }
        sql.append(" end, 'UNKNOWN ' || ").append(class_).append("::regclass)");
        if (!address.column().isEmpty()) {
            sql.append(" || coalesce((select ' column ' || quote_ident(z.attname) from pg_attribute z where a."
                    + address.column() + " <> 0 and " + class_ + " = 'pg_class'::regclass and z.attrelid = " + oid
                    + " and z.attnum = a." + address.column() + "), '')");
        }
        return sql.toString();
    }

    /** The label of a row; a row whose only key is another object's OID describes that object. */
    private Identity identity(Catalog catalog, String alias) {
        List<String> own = CatalogRules.IDENTITIES.get(catalog.name());
        String kind = Optional.ofNullable(CatalogRules.KINDS.get(catalog.name()))
                .map(sql -> as(sql, alias))
                .orElseGet(() -> "'" + kind(catalog.name()) + "'");
        if (catalog.name().equals("pg_attribute")) {
            kind = "(select " + as(Objects.requireNonNull(CatalogRules.KINDS.get("pg_class")), "c_")
                    + " from pg_class c_ where c_.oid = " + alias + ".attrelid)";
        }
        if (own != null) {
            return new Identity(kind, as(own.get(0), alias), as(own.get(1), alias));
        }
        String naming = CatalogRules.NAMING_TYPES.get(catalog.name());
        if (naming != null) {
            return new Identity(kind, "", alias + ".oid::" + naming + "::text");
        }
        Optional<String> same = sameAs(catalog);
        if (same.isPresent()) {
            Catalog target = catalog(target(catalog, naturalKey(catalog).get(0)).orElseThrow());
            String other = alias();
            Identity identity = identity(target, other);
            String from = " from " + target.name() + " " + other + " where " + other + ".oid = " + as(same.get(), alias)
                    + ")";
            return new Identity("(select " + identity.kind() + from, "", "(select " + identity.name() + from);
        }
        List<String> key = naturalKey(catalog);
        List<String> parts = new ArrayList<>();
        List<String> names = new ArrayList<>();
        Optional<String> schemaColumn =
                key.stream().filter(column -> column.endsWith("namespace")).findFirst();
        Optional<String> nameColumn = key.stream().filter(catalog::isName).findFirst();
        List<String> remaining = new ArrayList<>(key);
        if (nameColumn.isPresent()) {
            schemaColumn.ifPresent(remaining::remove); // it is part of the name
        }
        for (String column : remaining) {
            if (nameColumn.filter(column::equals).isPresent() && schemaColumn.isPresent()) {
                names.add("case when " + alias + "." + schemaColumn.get()
                        + " = 'pg_catalog'::regnamespace then '' else " + alias + "." + schemaColumn.get()
                        + "::regnamespace || '.' end || quote_ident(" + alias + "." + column + ")");
            } else if (target(catalog, column).filter("pg_class"::equals).isPresent() && parts.isEmpty()) {
                parts.add(value(catalog, column, alias));
            } else {
                names.add(value(catalog, column, alias));
            }
        }
        String name = names.size() == 1 ? names.get(0) : "concat_ws(' ', " + String.join(", ", names) + ")";
        return parts.isEmpty() ? new Identity(kind, "", name) : new Identity(kind, parts.get(0), name);
    }

    private static String kind(String catalog) {
        return Optional.ofNullable(CatalogRules.NAMES_OF_KINDS.get(catalog))
                .orElseGet(
                        () -> catalog.replaceFirst("^pg_", "").replace('_', ' ').toUpperCase(Locale.ROOT));
    }

    /** The column with the OID of the object that the row belongs to, when nothing else identifies the row. */
    private Optional<String> sameAs(Catalog catalog) {
        List<String> key = naturalKey(catalog);
        return catalog.hasOid()
                        || key.size() != 1
                        || target(catalog, key.get(0)).isEmpty()
                ? Optional.empty()
                : Optional.of("a." + key.get(0));
    }

    /** The unique key without the row's own OID; preferably one with a name, or else with the first columns. */
    private static List<String> naturalKey(Catalog catalog) {
        List<String> columns = List.copyOf(catalog.columns().keySet());
        return catalog.keys().stream()
                .min(Comparator.comparing((List<String> key) -> key.contains("oid"))
                        .thenComparing(key -> key.stream().noneMatch(catalog::isName))
                        .thenComparing(key -> columns.indexOf(key.get(0))))
                .orElse(catalog.hasOid() ? List.of("oid") : List.of());
    }

    private static Optional<String> target(Catalog catalog, String column) {
        return Optional.ofNullable(catalog.references().get(column))
                .filter(reference -> !reference.array() && reference.relation().isEmpty())
                .map(Reference::target);
    }

    /** A key column as text. */
    private String value(Catalog catalog, String column, String alias) {
        Reference reference = catalog.references().get(column);
        if (reference != null && !reference.array()) {
            return refer(reference, column, alias);
        }
        return catalog.isName(column) ? "quote_ident(" + alias + "." + column + ")" : alias + "." + column + "::text";
    }

    private String refer(Reference reference, String column, String alias) {
        if (reference.relation().isPresent()) {
            return "(select quote_ident(z.attname) from pg_attribute z where z.attrelid = " + alias + "."
                    + reference.relation().get() + " and z.attnum = " + alias + "." + column + ")";
        }
        return name(reference.target(), alias + "." + column);
    }

    /** The name of the object with an OID; null for none. */
    private String name(String catalog, String oid) {
        if (catalog.equals("pg_authid")) {
            return "case when " + oid + " = 0 then 'public' else " + oid + "::regrole::text end";
        }
        if (catalog.equals("pg_tablespace")) {
            return "(select quote_ident(k.spcname) from pg_tablespace k where k.oid = " + oid + ")";
        }
        String naming = CatalogRules.NAMING_TYPES.get(catalog);
        if (naming != null) {
            return "nullif(" + oid + ", 0)::" + naming + "::text";
        }
        String alias = alias();
        Identity identity = identity(catalog(catalog), alias);
        return "(select concat_ws(' ', " + (identity.part().isEmpty() ? "" : identity.part() + ", ") + identity.name()
                + ") from " + catalog + " " + alias + " where " + alias + ".oid = " + oid + ")";
    }

    private String render(Catalog catalog, String column, String type) {
        String name = catalog.name() + "." + column;
        String value = "a." + column;
        String own = CatalogRules.RENDERED.get(name);
        if (own != null) {
            return own;
        }
        if (type.equals("aclitem[]")) {
            String usual = CatalogRules.DEFAULT_ACL.get(catalog.name());
            boolean ofObject = usual != null;
            String acl = ofObject ? "coalesce(" + value + ", acldefault(" + usual + "))" : value;
            String grants = "(select json_agg(i::text order by i::text collate \"C\") from unnest(" + acl + ") i)";
            return ofObject ? grants : unlessNull(value, grants);
        }
        if (type.equals("text[]") && column.endsWith("options")) {
            // Since 15.20 and its sister releases, servers stamp columns with an option that dumps never contain.
            return unlessNull(
                    value,
                    "(select json_agg(o order by o collate \"C\") from unnest(" + value
                            + ") o where not starts_with(o, 'pg_attver='))");
        }
        if (type.equals("pg_node_tree")) {
            return "pg_get_expr(" + value + ", " + relation(catalog) + ")";
        }
        Reference reference = catalog.references().get(column);
        if (reference != null) {
            if (!reference.array()) {
                return refer(reference, column, "a");
            }
            return reference.relation().isPresent()
                    ? CatalogRules.Sql.attributes(
                            value, "a." + reference.relation().get())
                    : "(select json_agg(" + name(reference.target(), "u.x") + " order by u.o) from unnest(" + value
                            + "::oid[]) with ordinality u (x, o))";
        }
        if (type.equals("regproc")) {
            return name("pg_proc", value + "::oid");
        }
        if (NEED_A_RULE.contains(type)) {
            withoutRule.add(name + " (" + type + ")");
        }
        return catalog.isName(column) ? "quote_ident(" + value + ")" : value;
    }

    /** Skips a subquery of an array that is null in most rows. */
    private static String unlessNull(String value, String sql) {
        return "case when " + value + " is not null then " + sql + " end";
    }

    /** The relation whose columns an expression of this catalog may refer to; 0 for none. */
    private static String relation(Catalog catalog) {
        if (catalog.name().equals("pg_class")) {
            return "a.oid";
        }
        @Nullable String found = null;
        for (Reference reference : catalog.references().values()) {
            if (reference.relation().isPresent()) {
                found = reference.relation().get();
            }
        }
        if (found == null) {
            List<String> key = naturalKey(catalog);
            found = catalog.references().entrySet().stream()
                    .filter(each -> each.getValue().target().equals("pg_class") && key.contains(each.getKey()))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse(null);
        }
        return found == null ? "0" : "a." + found;
    }

    private String alias() {
        aliases++;
        return "k" + aliases;
    }

    /** Rewrites an SQL fragment about the row {@code a} for another alias. */
    private static String as(String sql, String alias) {
        return OF_THE_ROW.matcher(sql).replaceAll(alias + ".");
    }
}
