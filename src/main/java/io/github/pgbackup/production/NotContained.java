package io.github.pgbackup.production;

import io.github.pgbackup.comparison.ForeignReads;
import io.github.pgbackup.comparison.TableName;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.postgres.UserSchemas;
import io.github.pgbackup.restore.Role;
import io.github.pgbackup.text.Counted;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Lists what the dump does not contain, so that nobody believes that it is saved. */
final class NotContained {

    private static final int NAMED = 10;

    private NotContained() {}

    static List<String> in(Session session, List<Role> roles, ForeignReads foreignReads) throws SQLException {
        List<String> left = new ArrayList<>();
        left.add(
                "Passwords and settings of the "
                        + roles.stream().filter(role -> !role.isPredefined()).count()
                        + " roles. The roles file next to the archive recreates the roles; pg_dumpall --globals-only saves the passwords and settings.");
        left.add("The server's configuration: postgresql.conf, pg_hba.conf, ALTER SYSTEM. Save these files.");
        left.add("Other databases of the server. Each needs a backup of its own.");
        relations(left, session, "c.relkind = 'f'", "Rows of foreign tables: %s. They are on other servers.");
        List<String> others = foreignReads.materializedViews().stream()
                .map(TableName::quoted)
                .sorted()
                .toList();
        List<String> computed = new ArrayList<>(relations(session, "c.relkind = 'm'"));
        computed.removeAll(others);
        add(left, computed, "Rows of materialized views: %s. They were recomputed from the restored tables.");
        add(
                left,
                others,
                "Rows of materialized views that read foreign tables: %s. They were not computed here, because the throw-away"
                        + " server cannot reach other servers; run REFRESH MATERIALIZED VIEW where they can be reached.");
        relations(
                left,
                session,
                "c.relpersistence = 'u' and c.relkind = 'r' and pg_catalog.pg_is_in_recovery()",
                "Rows of unlogged tables, which a standby does not have: %s. Dump the primary.");
        add(
                left,
                rowsOfExtensions(session),
                "Rows of tables that belong to an extension: %s. pg_dump leaves them out; after a restore, these tables have"
                        + " the rows that CREATE EXTENSION inserts.");
        // A role without superuser rights may read few columns of pg_subscription; on 13, not even its oid.
        long subscriptions = session.number("select count(*) from pg_catalog.pg_subscription where subdbid ="
                + " (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())");
        if (subscriptions > 0) {
            left.add(
                    "on".equals(session.text("select pg_catalog.current_setting('is_superuser')"))
                            ? "The state of " + Counted.of(subscriptions, "subscription")
                                    + ". They are restored disabled."
                            : Counted.of(subscriptions, "subscription")
                                    + "; only a superuser can dump them. Dump as a superuser, or create them again.");
        }
        return left;
    }

    private static List<String> rowsOfExtensions(Session session) throws SQLException {
        List<String> tables = session.list("""
                select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
                from pg_catalog.pg_depend d
                join pg_catalog.pg_class c on c.oid = d.objid
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype = 'e' and c.relkind = 'r'
                  and not (c.relpersistence = 'u' and pg_catalog.pg_is_in_recovery())
                  and not exists (select from pg_catalog.pg_extension where c.oid = any (extconfig))
                  and pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                  and pg_catalog.has_table_privilege(c.oid, 'SELECT')
                order by 1""", row -> row.getString(1));
        List<String> filled = new ArrayList<>();
        for (String table : tables) {
            long rows = session.number("select count(*) from only " + table);
            if (rows > 0) {
                filled.add(table + " (" + Counted.of(rows, "row") + ")");
            }
        }
        return filled;
    }

    private static void relations(List<String> left, Session session, String which, String sentence)
            throws SQLException {
        add(left, relations(session, which), sentence);
    }

    private static List<String> relations(Session session, String which) throws SQLException {
        return session.list(
                "select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)"
                        + " from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where "
                        + which + " and " + UserSchemas.CONDITION + " order by 1",
                row -> row.getString(1));
    }

    private static void add(List<String> left, List<String> names, String sentence) {
        if (!names.isEmpty()) {
            String some = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
            left.add(sentence.formatted(
                    names.size() > NAMED ? some + " and " + (names.size() - NAMED) + " more" : some));
        }
    }
}
