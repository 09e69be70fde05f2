package io.github.pgbackup.expectation;

import io.github.pgbackup.Spelling;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Explains why the source contradicts an expectation too: which objects exist instead of the one that it names. It
 * queries the restored database, to spare production.
 */
public final class Mistakes {

    private static final String SOURCE_AGREES = "The source says the same; the expectation is outdated or misspelt";

    /** Maximum number of expectations to explain; more wrong ones usually have a common reason. */
    private static final int MAX_EXPLAINED = 100;

    /**
     * Every object that an expectation can name, except columns. Names are unique within kind, schema, table and
     * arguments.
     */
    private static final String OBJECTS = """
            select case c.relkind when 'v' then 'view' when 'm' then 'materializedView' when 'S' then 'sequence'
                        when 'i' then 'index' when 'I' then 'index' when 'c' then 'type' else 'table' end,
                   n.nspname, null, c.relname, null
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relkind <> 't'
            union all
            select 'constraint', n.nspname, coalesce(c.relname, t.typname), o.conname, null
            from pg_catalog.pg_constraint o join pg_catalog.pg_namespace n on n.oid = o.connamespace
            left join pg_catalog.pg_class c on c.oid = o.conrelid left join pg_catalog.pg_type t on t.oid = o.contypid
            where o.contype <> 't'
            union all
            select 'function', n.nspname, null, p.proname, (
                select coalesce(string_agg(pg_catalog.format_type(a.type, null), ', ' order by a.position), '')
                from unnest(p.proargtypes) with ordinality as a(type, position))
            from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
            union all
            select 'trigger', n.nspname, c.relname, t.tgname, null
            from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal and t.tgparentid = 0
            union all
            select 'policy', n.nspname, c.relname, p.polname, null
            from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            union all
            select 'type', n.nspname, null, t.typname, null
            from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
            where t.typrelid = 0 and t.typelem = 0
            union all
            select 'schema', null, null, nspname, null from pg_catalog.pg_namespace
            union all
            select 'extension', null, null, extname, null from pg_catalog.pg_extension
            union all
            select 'role', null, null, rolname, null from pg_catalog.pg_roles""";

    private static final String COLUMNS = """
            select 'column', n.nspname, c.relname, a.attname, null
            from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where n.nspname = ? and c.relname = ? and a.attnum > 0 and not a.attisdropped""";

    /** SQLSTATE class of syntax errors and of names that do not exist. */
    private static final String SYNTAX_OR_NAME = "42";

    private final Session session;
    private @Nullable List<Named> objects;
    private int explained;

    /**
     * @param session in a read-only transaction on the restored database
     */
    public Mistakes(Session session) {
        this.session = session;
    }

    /** An object of the database, with the tag of its kind. */
    private record Named(
            String kind,
            @Nullable String schema,
            @Nullable String table,
            String name,
            @Nullable String arguments) {

        boolean isOf(ObjectKind wanted) {
            return kind.equals(wanted.tag());
        }

        /** The name as written in an expectation. */
        String written() {
            List<String> parts = Optional.ofNullable(schema).stream().collect(Collectors.toList());
            Optional.ofNullable(table).ifPresent(parts::add);
            parts.add(name);
            String path = QualifiedName.of(parts.toArray(String[]::new)).toString();
            return arguments == null ? path : path + "(" + arguments + ")";
        }
    }

    /** A sentence about a claim that both the restored database and the source contradict. */
    public String hint(Expectation expectation, Claim claim) throws SQLException {
        boolean missing =
                claim.aspect().equals(Claim.PRESENT) && claim.expected().equals(Claim.YES);
        if (!missing && expectation instanceof ObjectExpectation || explained++ >= MAX_EXPLAINED) {
            return SOURCE_AGREES + ".";
        }
        String detail;
        session.execute("savepoint mistake");
        try {
            session.execute("set local search_path = ''");
            detail = expectation instanceof ObjectExpectation object
                    ? alternative(object.objectKind(), object.objectName())
                    : inQuery((QueryExpectation) expectation);
        } catch (PSQLException e) {
            if (e.getServerErrorMessage() == null) {
                throw e;
            }
            detail = ""; // a failed hint must not end the run
        }
        session.execute("rollback to savepoint mistake");
        return SOURCE_AGREES + (detail.isEmpty() ? "." : ": " + detail);
    }

    /** A sentence about similar objects; empty when there are none. */
    private String alternative(ObjectKind kind, ObjectName name) throws SQLException {
        String schema = name.schema();
        if (schema != null && matching(isOf(ObjectKind.SCHEMA, schema)).isEmpty()) {
            String elsewhere = elsewhere(kind, name);
            return "there is no schema " + QualifiedName.quote(schema) + "."
                    + (elsewhere.isEmpty() ? didYouMean(schema, each -> each.isOf(ObjectKind.SCHEMA)) : elsewhere);
        }
        String table = name.table();
        Predicate<Named> inSchema = each -> Objects.equals(each.schema(), schema);
        Predicate<Named> relation = inSchema.and(
                each -> List.of("table", "view", "materializedView", "type").contains(each.kind()));
        if (table != null
                && matching(relation.and(each -> each.name().equals(table))).isEmpty()) {
            return "there is no table " + QualifiedName.of(String.valueOf(schema), table) + "."
                    + didYouMean(table, relation);
        }
        if (kind == ObjectKind.COLUMN) {
            return inside(didYouMean(name.name(), session.list(COLUMNS, Mistakes::named, schema, table), each -> true));
        }
        Predicate<Named> sameParent = inSchema.and(each -> table == null || table.equals(each.table()));
        List<Named> sameName = matching(sameParent.and(each -> each.name().equals(name.name())));
        List<Named> overloaded =
                sameName.stream().filter(each -> each.isOf(kind)).toList();
        if (!overloaded.isEmpty()) {
            return "there is " + joined(overloaded, Named::written) + ".";
        }
        // The row type of a table and the index of a key occupy names that other kinds of objects may have.
        if (!sameName.isEmpty()) {
            return joined(sameName, each -> each.written() + " is " + described(each.kind())) + ".";
        }
        String nearest = didYouMean(name.name(), sameParent.and(each -> each.isOf(kind)));
        return inside(nearest.isEmpty() ? elsewhere(kind, name) : nearest);
    }

    /** The same name in another schema or on another table. */
    private String elsewhere(ObjectKind kind, ObjectName name) throws SQLException {
        List<Named> same = matching(isOf(kind, name.name()));
        return same.isEmpty() ? "" : " There is " + joined(same, Named::written) + ".";
    }

    /** A sentence in lower case, to follow a colon. */
    private static String inside(String sentence) {
        String text = sentence.strip();
        return text.isEmpty() ? "" : Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }

    private String didYouMean(String name, Predicate<Named> which) throws SQLException {
        return didYouMean(name, objects(), which);
    }

    private static String didYouMean(String name, List<Named> all, Predicate<Named> which) {
        List<Named> candidates = all.stream().filter(which).toList();
        String nearest =
                Spelling.nearest(name, candidates.stream().map(Named::name).toList());
        return candidates.stream()
                .filter(each -> each.name().equals(nearest))
                .findFirst()
                .map(each -> " Did you mean " + each.written() + "?")
                .orElse("");
    }

    private static Predicate<Named> isOf(ObjectKind kind, String name) {
        return each -> each.isOf(kind) && each.name().equals(name);
    }

    private static String joined(List<Named> objects, Function<Named, String> text) {
        int most = 3;
        String first = objects.stream().limit(most).map(text).collect(Collectors.joining(" and "));
        return objects.size() > most ? first + " and " + (objects.size() - most) + " more" : first;
    }

    /** {@code a materialized view (<materializedView>)}. */
    private static String described(String tag) {
        String words = tag.equals("materializedView") ? "materialized view" : tag;
        return ("aeiou".indexOf(words.charAt(0)) >= 0 ? "an " : "a ") + words + " (<" + tag + ">)";
    }

    private List<Named> matching(Predicate<Named> which) throws SQLException {
        return objects().stream().filter(which).toList();
    }

    private List<Named> objects() throws SQLException {
        List<Named> all = objects;
        if (all == null) {
            all = session.list("select * from (" + OBJECTS + ") as object order by 2, 3, 4, 5", Mistakes::named);
            objects = all;
        }
        return all;
    }

    private static Named named(java.sql.ResultSet row) throws SQLException {
        return new Named(row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getString(5));
    }

    /** The server's explanation of a query that it rejects; the query is planned but not run. */
    private String inQuery(QueryExpectation query) throws SQLException {
        Optional<String> statement = query.statement(session);
        if (statement.isEmpty()) {
            return "it must be a single query.";
        }
        session.execute("set local search_path = public");
        try (Statement explain = session.connection().createStatement()) {
            explain.setEscapeProcessing(false);
            explain.execute("explain " + statement.get());
            return "";
        } catch (PSQLException e) {
            ServerErrorMessage error = e.getServerErrorMessage();
            String state = String.valueOf(e.getSQLState());
            if (error == null || !state.startsWith(SYNTAX_OR_NAME)) {
                throw e;
            }
            String hint = error.getHint();
            if (hint != null) {
                return "PostgreSQL's hint is: " + hint;
            }
            return switch (state) {
                // undefined_table, undefined_function, undefined_object
                case "42P01", "42883", "42704" ->
                    "queries run with search_path = public; qualify names in other schemas.";
                default -> "";
            };
        }
    }
}
