package io.github.pgbackup.rehearsal;

import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The right that a statement lacked. PostgreSQL's message names the object, without its schema and without the
 * privilege (SQLSTATE 42501). The catalogs say which objects have that name, and what the role may do with them. If
 * more than one answer is left, the text says so.
 */
final class MissingRight {

    private static final Pattern DENIED = Pattern.compile("permission denied for ([a-z -]+?) (\\S.*)");
    private static final Pattern NOT_OWNER = Pattern.compile("must be owner of ([a-z -]+?) (\\S.*)");
    private static final Pattern TEMPORARY =
            Pattern.compile("permission denied to create temporary tables in database \"(.+)\"");
    private static final Pattern PARAMETER = Pattern.compile("permission denied to set parameter \"(.+)\"");

    /** The message before 16, the message from 16 on, and the message of SET ROLE itself. */
    private static final Pattern MEMBERSHIP = Pattern.compile(
            "(?:must be member of role|must be able to SET ROLE|permission denied to set role) \"(.+)\"");

    private static final int FIRST_WITH_MAINTAIN = 17;
    private static final int FIRST_WITH_PARAMETERS = 15;

    private static final String OF_TABLES = "SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER";

    /** Kinds of objects, as PostgreSQL's messages name them. */
    private enum Kind {
        TABLE("table", "pg_class", "rel", "relkind in ('r', 'p')", "table", OF_TABLES),
        FOREIGN_TABLE("foreign table", "pg_class", "rel", "relkind = 'f'", "table", OF_TABLES),
        VIEW("view", "pg_class", "rel", "relkind = 'v'", "table", OF_TABLES),
        MATERIALIZED_VIEW("materialized view", "pg_class", "rel", "relkind = 'm'", "table", OF_TABLES),
        RELATION("relation", "pg_class", "rel", "relkind in ('r', 'p', 'f', 'v', 'm')", "table", OF_TABLES),
        SEQUENCE("sequence", "pg_class", "rel", "relkind = 'S'", "sequence", "USAGE,SELECT,UPDATE"),
        SCHEMA("schema", "pg_namespace", "nsp", "true", "schema", "USAGE,CREATE"),
        DATABASE("database", "pg_database", "dat", "datname = pg_catalog.current_database()", "database", "CREATE"),
        FUNCTION("function", "pg_proc", "pro", "prokind in ('f', 'w')", "function", "EXECUTE"),
        PROCEDURE("procedure", "pg_proc", "pro", "prokind = 'p'", "function", "EXECUTE"),
        AGGREGATE("aggregate", "pg_proc", "pro", "prokind = 'a'", "function", "EXECUTE"),
        ROUTINE("routine", "pg_proc", "pro", "true", "function", "EXECUTE"),
        TYPE("type", "pg_type", "typ", "typtype <> 'd'", "type", "USAGE"),
        DOMAIN("domain", "pg_type", "typ", "typtype = 'd'", "type", "USAGE"),
        LANGUAGE("language", "pg_language", "lan", "true", "language", "USAGE"),
        SERVER("foreign server", "pg_foreign_server", "srv", "true", "server", "USAGE"),
        TABLESPACE("tablespace", "pg_tablespace", "spc", "true", "tablespace", "CREATE");

        private final String words;
        private final String catalog;
        private final String prefix;
        private final String condition;
        private final String function;
        private final String privileges;

        Kind(String words, String catalog, String prefix, String condition, String function, String privileges) {
            this.words = words;
            this.catalog = catalog;
            this.prefix = prefix;
            this.condition = condition;
            this.function = function;
            this.privileges = privileges;
        }

        static Optional<Kind> called(String words) {
            return Arrays.stream(values())
                    .filter(kind -> kind.words.equals(words))
                    .findFirst();
        }

        /** Its name in GRANT, which has no word for a view. */
        String inGrant() {
            return switch (this) {
                case FOREIGN_TABLE, VIEW, MATERIALIZED_VIEW, RELATION -> "TABLE";
                case AGGREGATE -> "FUNCTION";
                case SERVER -> "FOREIGN SERVER";
                default -> name();
            };
        }

        boolean isLikeATable() {
            return function.equals("table");
        }

        String ownerColumn() {
            return this == DATABASE ? "datdba" : prefix + "owner";
        }

        /** Its name in ALTER … OWNER TO. */
        String inAlter() {
            return this == RELATION ? "TABLE" : name().replace('_', ' ');
        }
    }

    /** An object with that name. */
    private record Found(String identity, String owner, boolean ofSuperuser, boolean owned, List<String> lacking) {}

    private final Session session;
    private final PostgresVersion server;
    private final String role;

    /**
     * Creates an instance that queries the catalogs.
     *
     * @param session of a superuser on the database
     * @param role that ran the statements
     */
    MissingRight(Session session, PostgresVersion server, String role) {
        this.session = session;
        this.server = server;
        this.role = role;
    }

    /**
     * Names the right.
     *
     * @param sql the statement, with or without its constants
     * @return a statement that grants the right, with a remark if needed; or why the right is not known; without a full
     *     stop
     */
    String of(Failure failure, String sql) {
        try {
            return named(failure, sql);
        } catch (SQLException e) {
            return "not known: the catalogs could not be read (SQLSTATE " + e.getSQLState() + ")";
        }
    }

    private String named(Failure failure, String sql) throws SQLException {
        String message = failure.message();
        String to = " TO " + QualifiedName.quote(role);
        Matcher denied = DENIED.matcher(message);
        Matcher owner = NOT_OWNER.matcher(message);
        Matcher membership = MEMBERSHIP.matcher(message);
        Matcher parameter = PARAMETER.matcher(message);
        Matcher temporary = TEMPORARY.matcher(message);
        if (denied.matches() && Kind.called(denied.group(1)).isPresent()) {
            return privilege(Kind.called(denied.group(1)).get(), denied.group(2), failure.nested() ? "" : sql);
        } else if (owner.matches() && owner.group(1).equals("index")) {
            return ownerOfIndex(owner.group(2));
        } else if (owner.matches() && Kind.called(owner.group(1)).isPresent()) {
            return owner(Kind.called(owner.group(1)).get(), owner.group(2));
        } else if (membership.matches()) {
            return "GRANT " + QualifiedName.quote(membership.group(1)) + to;
        } else if (temporary.matches()) {
            return "GRANT TEMPORARY ON DATABASE " + QualifiedName.quote(temporary.group(1)) + to;
        } else if (parameter.matches() && server.major() >= FIRST_WITH_PARAMETERS) {
            return "GRANT SET ON PARAMETER " + parameter.group(1) + to;
        } else if (message.equals("permission denied to create role")) {
            return "ALTER ROLE " + QualifiedName.quote(role) + " CREATEROLE";
        } else if (message.equals("permission denied to create database")) {
            return "ALTER ROLE " + QualifiedName.quote(role) + " CREATEDB";
        }
        return "not known: PostgreSQL's message does not name the object"
                + (failure.hint().isEmpty()
                        ? ""
                        : "; PostgreSQL's hint is: " + failure.hint().replaceFirst("\\.$", ""));
    }

    private String privilege(Kind kind, String name, String sql) throws SQLException {
        List<Found> lacking = new ArrayList<>();
        for (Found found : find(kind, name)) {
            List<String> needed = found.lacking().stream()
                    .filter(privilege -> mayNeed(kind, privilege, sql.strip().toLowerCase(Locale.ROOT)))
                    .toList();
            if (!needed.isEmpty()) {
                lacking.add(new Found(found.identity(), found.owner(), found.ofSuperuser(), found.owned(), needed));
            }
        }
        if (lacking.isEmpty()) {
            return "not known: " + QualifiedName.quote(role) + " has every right on " + kind.words + " " + name
                    + " in the restored database; the migration created it, or the statement ran as another role";
        }
        String grants = String.join(
                " or ",
                lacking.stream()
                        .map(found -> "GRANT " + String.join(", ", found.lacking()) + " ON " + kind.inGrant() + " "
                                + found.identity() + " TO " + QualifiedName.quote(role))
                        .toList());
        boolean several = lacking.stream().anyMatch(found -> found.lacking().size() > 1);
        return grants
                + (lacking.size() > 1 ? " (PostgreSQL does not name the schema)" : "")
                + (several ? " (it has none of these, and PostgreSQL does not say which it needs)" : "");
    }

    private String owner(Kind kind, String name) throws SQLException {
        List<Found> others =
                find(kind, name).stream().filter(found -> !found.owned()).toList();
        if (others.isEmpty()) {
            return "not known: the restored database has no " + kind.words + " " + name + " that another role owns";
        }
        return String.join(
                        " or ",
                        others.stream()
                                .map(found -> "ALTER " + kind.inAlter() + " " + found.identity() + " OWNER TO "
                                        + QualifiedName.quote(role)
                                        + (found.ofSuperuser()
                                                ? ""
                                                : ", or GRANT " + QualifiedName.quote(found.owner()) + " TO "
                                                        + QualifiedName.quote(role)))
                                .toList())
                + (others.size() > 1 ? " (PostgreSQL does not name the schema)" : "");
    }

    /** An index has the same owner as its table. */
    private String ownerOfIndex(String name) throws SQLException {
        List<String> tables = session.list(
                "select distinct t.relname::text from pg_catalog.pg_index i"
                        + " join pg_catalog.pg_class c on c.oid = i.indexrelid join pg_catalog.pg_class t on t.oid = i.indrelid"
                        + " where c.relname = ?",
                row -> row.getString(1),
                name);
        return tables.size() == 1
                ? owner(Kind.RELATION, tables.get(0))
                : "not known: " + tables.size() + " tables have an index " + name;
    }

    /** Objects with that name. The name of a type or a function outside the search path begins with its schema. */
    private List<Found> find(Kind kind, String name) throws SQLException {
        String privileges = String.join(
                ", ",
                privileges(kind).stream()
                        .map(privilege -> "case when not pg_catalog.has_" + kind.function + "_privilege(r.oid, o.oid, '"
                                + privilege + "') then '" + privilege + "' end")
                        .toList());
        return session.list(
                """
                select (pg_catalog.pg_identify_object('pg_catalog.%1$s'::pg_catalog.regclass, o.oid, 0)).identity,
                       w.rolname, w.rolsuper, pg_catalog.pg_has_role(r.oid, w.oid, 'USAGE'),
                       pg_catalog.array_to_string(array[%3$s], ',')
                from pg_catalog.%1$s o join pg_catalog.pg_roles w on w.oid = o.%5$s, pg_catalog.pg_roles r
                where r.rolname = ? and o.%2$sname = ? and %4$s
                order by 1""".formatted(kind.catalog, kind.prefix, privileges, kind.condition, kind.ownerColumn()),
                row -> new Found(
                        row.getString(1),
                        row.getString(2),
                        row.getBoolean(3),
                        row.getBoolean(4),
                        row.getString(5).isEmpty()
                                ? List.of()
                                : List.of(row.getString(5).split(",", -1))),
                role,
                name.substring(kind.catalog.equals("pg_type") ? name.lastIndexOf('.') + 1 : 0));
    }

    private List<String> privileges(Kind kind) {
        boolean maintain = kind.isLikeATable() && server.major() >= FIRST_WITH_MAINTAIN;
        return List.of((kind.privileges + (maintain ? ",MAINTAIN" : "")).split(",", -1));
    }

    /**
     * Whether a statement may need a privilege, judged by its first word (manual, "Notes" of each command). An unknown
     * statement may need any privilege.
     */
    private static boolean mayNeed(Kind kind, String privilege, String sql) {
        String first = sql.replaceFirst("(?s)[^a-z].*", "");
        if (kind == Kind.SCHEMA) {
            return privilege.equals("USAGE")
                    || Set.of("", "create", "alter", "do", "call").contains(first);
        }
        if (!kind.isLikeATable()) {
            return true;
        }
        Set<String> needed = switch (first) {
            case "select" -> sql.contains(" for ") ? Set.of("SELECT", "UPDATE") : Set.of("SELECT");
            case "insert" ->
                sql.matches("(?s).*\\b(select|returning|conflict|from)\\b.*")
                        ? Set.of("INSERT", "SELECT", "UPDATE")
                        : Set.of("INSERT");
            case "update" -> Set.of("UPDATE", "SELECT");
            case "delete" -> Set.of("DELETE", "SELECT");
            case "truncate" -> Set.of("TRUNCATE");
            case "copy" -> sql.contains(" from ") ? Set.of("INSERT") : Set.of("SELECT");
            case "alter" -> Set.of("REFERENCES");
            case "create" ->
                sql.matches("(?s)create\\s+(or\\s+replace\\s+)?(constraint\\s+)?trigger\\b.*")
                        ? Set.of("TRIGGER")
                        : Set.of(sql.matches("(?s).*\\breferences\\b.*") ? "REFERENCES" : "SELECT");
            case "refresh", "vacuum", "analyze", "cluster", "reindex" -> Set.of("MAINTAIN");
            default -> Set.of(privilege);
        };
        return needed.contains(privilege);
    }
}
