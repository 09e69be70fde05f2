package io.github.pgbackup.source;

import io.github.pgbackup.Remedy;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists what pg_dump would read but the session's role cannot. This is checked before the dump: without privileges,
 * pg_dump fails at the first table, and row-level security would omit rows.
 */
public final class Visibility {

    /** Maximum number of names in a message; the rest is counted. */
    private static final int MAX_NAMES = 20;

    private static final String SCHEMAS = """
            select quote_ident(n.nspname) from pg_catalog.pg_namespace n
            where not has_schema_privilege(n.oid, 'USAGE')
              and exists (select from pg_catalog.pg_class c
                          where c.relnamespace = n.oid and c.relkind in ('r', 'p', 'S') and %s)
            order by 1
            """.formatted(DumpedRelations.CONDITION);

    private static final String TABLES =
            relations("c.relkind in ('r', 'p') and not has_table_privilege(c.oid, 'SELECT')");

    /** A CASE, whose order the planner must keep: the function fails for relations that are not sequences. */
    private static final String SEQUENCES =
            relations("case when c.relkind = 'S' then not has_sequence_privilege(c.oid, 'SELECT') end");

    private static final String ROW_SECURITY = relations("c.relkind in ('r', 'p') and row_security_active(c.oid)");

    /**
     * Follows the rules of the large object functions, because PostgreSQL before 18 has no has_largeobject_privilege.
     * pg_read_all_data covers large objects since 19.
     */
    private static final String LARGE_OBJECTS = """
            select m.oid::text from pg_catalog.pg_largeobject_metadata m
            where not (select rolsuper from pg_catalog.pg_roles where rolname = current_user)
              and not pg_has_role(m.lomowner, 'USAGE')
              and not exists (select from aclexplode(m.lomacl) a
                              where a.privilege_type = 'SELECT'
                                and (a.grantee = 0 or pg_has_role(a.grantee, 'USAGE')))
              and current_setting('lo_compat_privileges') = 'off'
              and not exists (select from pg_catalog.pg_roles r
                              where r.rolname = 'pg_read_all_data' and pg_has_role(r.oid, 'USAGE')
                                and current_setting('server_version_num')::int >= 190000)
            order by m.oid
            """;

    private Visibility() {}

    /** A kind of object that the role cannot read completely. */
    public record Obstacle(String fact, Remedy remedy) {}

    /** One for each kind of unreadable object; empty when everything can be read. */
    public static List<Obstacle> obstacles(Session session) throws SQLException {
        String role = String.valueOf(session.text("select quote_ident(current_user)"));
        List<Obstacle> obstacles = new ArrayList<>();
        add(obstacles, session, SCHEMAS, "has no USAGE on", "schema", Remedy.grant("USAGE ON SCHEMA", role));
        add(obstacles, session, TABLES, "cannot read", "table", Remedy.grant("SELECT ON TABLE", role));
        add(obstacles, session, SEQUENCES, "cannot read", "sequence", Remedy.grant("SELECT ON SEQUENCE", role));
        add(obstacles, session, LARGE_OBJECTS, "cannot read", "large object", Remedy.grantLargeObjects());
        add(
                obstacles,
                session,
                ROW_SECURITY,
                "cannot see every row, because of row-level security, of",
                "table",
                Remedy.bypassRowSecurity(role));
        return List.copyOf(obstacles);
    }

    private static void add(
            List<Obstacle> obstacles, Session session, String sql, String lacks, String kind, Remedy remedy)
            throws SQLException {
        List<String> names = session.list(sql, row -> row.getString(1));
        if (names.isEmpty()) {
            return;
        }
        String role = session.text("select current_user");
        obstacles.add(new Obstacle(
                "Role `" + role + "` " + lacks + " " + names.size() + " " + kind + (names.size() == 1 ? "" : "s")
                        + ": " + String.join(", ", names.subList(0, Math.min(MAX_NAMES, names.size())))
                        + (names.size() > MAX_NAMES ? " and " + (names.size() - MAX_NAMES) + " more" : "") + ".",
                remedy));
    }

    private static String relations(String hidden) {
        return """
                select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
                from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where %s and %s
                order by n.nspname, c.relname
                """.formatted(hidden, DumpedRelations.CONDITION);
    }
}
