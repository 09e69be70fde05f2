package io.github.pgbackup.restore;

import io.github.pgbackup.archive.ServerEncoding;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Creates the source's roles. Roles belong to a server, not to a database, so pg_dump omits them. Without them, a
 * restored table has another owner and no privileges, and a policy that names a missing role is lost.
 */
public final class RoleProvisioning {

    private static final int VERSION_WITH_MEMBERSHIP_OPTIONS = 16;
    private static final int VERSION_WITHOUT_LINE_BREAKS_IN_NAMES = 19;

    private RoleProvisioning() {}

    /**
     * A name in the bytes in which the server stores it, whatever the encoding of the database where it was created.
     */
    private static final String BYTES = "pg_catalog.encode(pg_catalog.replace(%s::text, pg_catalog.chr(92),"
            + " pg_catalog.repeat(pg_catalog.chr(92), 2))::bytea, 'hex')";

    /**
     * The roles of a server, with their memberships, including predefined roles; any role may read them. Excludes roles
     * whose names are invalid in the encoding of this database: they were created in a database with another encoding,
     * and nothing that refers to them can be restored here.
     */
    public static List<Role> rolesOf(Session session, PostgresVersion server) throws SQLException {
        CharsetDecoder names = ServerEncoding.charset(
                        String.valueOf(session.text("select pg_catalog.getdatabaseencoding()")))
                .orElse(StandardCharsets.UTF_8)
                .newDecoder();
        Map<String, List<Role.Membership>> membershipsOf = new HashMap<>();
        String options = server.major() >= VERSION_WITH_MEMBERSHIP_OPTIONS
                ? "bool_or(m.inherit_option), bool_or(m.set_option)"
                : "null::boolean, null::boolean";
        // Since 16, each grantor has a separate row; the member has what any of them grants.
        session.list(
                """
                select %s, %s, bool_or(m.admin_option), %s
                from pg_catalog.pg_auth_members m
                join pg_catalog.pg_roles member on member.oid = m.member
                join pg_catalog.pg_roles granted on granted.oid = m.roleid
                group by 1, 2
                order by 1, 2""".formatted(BYTES.formatted("member.rolname"), BYTES.formatted("granted.rolname"), options), row -> {
                    Optional<String> member = name(row, 1, names);
                    Optional<String> granted = name(row, 2, names);
                    return member.isPresent()
                            && granted.isPresent()
                            && membershipsOf
                                    .computeIfAbsent(member.get(), each -> new ArrayList<>())
                                    .add(new Role.Membership(
                                            granted.get(),
                                            row.getBoolean(3),
                                            nullableBoolean(row, 4),
                                            nullableBoolean(row, 5)));
                });
        List<Optional<Role>> roles = session.list("""
                select %s, oid = 10, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin,
                    rolreplication, rolbypassrls, rolconnlimit, rolvaliduntil::text
                from pg_catalog.pg_roles
                order by rolname""".formatted(BYTES.formatted("rolname")), row -> {
            Optional<String> name = name(row, 1, names);
            return name.isPresent() ? Optional.of(role(row, name.get(), membershipsOf)) : Optional.empty();
        });
        return roles.stream().flatMap(Optional::stream).toList();
    }

    private static Optional<String> name(ResultSet row, int column, CharsetDecoder names) throws SQLException {
        try {
            byte[] bytes = HexFormat.of().parseHex(row.getString(column));
            return Optional.of(names.decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static Role role(ResultSet row, String name, Map<String, List<Role.Membership>> membershipsOf)
            throws SQLException {
        return new Role(
                name,
                row.getBoolean(2),
                row.getBoolean(3),
                row.getBoolean(4),
                row.getBoolean(5),
                row.getBoolean(6),
                row.getBoolean(7),
                row.getBoolean(8),
                row.getBoolean(9),
                row.getInt(10),
                row.getString(11),
                membershipsOf.getOrDefault(name, List.of()));
    }

    private static @Nullable Boolean nullableBoolean(ResultSet row, int column) throws SQLException {
        boolean value = row.getBoolean(column);
        return row.wasNull() ? null : value;
    }

    /**
     * The statements that create the roles on a throw-away server, where nobody can log in with them.
     *
     * @param roles of the source
     * @param target version of the throw-away server
     * @param existing the roles of the throw-away server: its bootstrap superuser and its predefined roles
     */
    public static List<String> statements(List<Role> roles, PostgresVersion target, Set<String> existing) {
        List<String> statements = new ArrayList<>();
        for (Role role : roles) {
            if (!role.isPredefined() && !existing.contains(role.name()) && isAccepted(role.name(), target)) {
                statements.add("CREATE ROLE " + quote(role.name()) + " NOLOGIN" + attributes(role));
            }
        }
        statements.addAll(memberships(roles, target, existing));
        return statements;
    }

    /** Whether a server accepts the name for a role; PostgreSQL 19 and newer reject one with a line break. */
    public static boolean isAccepted(String role, PostgresVersion target) {
        return target.major() < VERSION_WITHOUT_LINE_BREAKS_IN_NAMES || !role.contains("\n") && !role.contains("\r");
    }

    /**
     * A script like that of {@code pg_dumpall --roles-only --no-role-passwords}, for the roles file next to the
     * archive.
     */
    public static String script(List<Role> roles, PostgresVersion source) {
        StringBuilder script = new StringBuilder("-- Roles and memberships, without passwords.\n\n");
        for (Role role : roles) {
            if (role.isPredefined()) {
                continue;
            }
            String limit = role.connectionLimit() < 0 ? "" : " CONNECTION LIMIT " + role.connectionLimit();
            String validUntil = role.validUntil() == null ? "" : " VALID UNTIL '" + role.validUntil() + "'";
            // The bootstrap superuser exists wherever the script is run, provided that it has the same name there.
            script.append(role.bootstrap() ? "ALTER ROLE " : "CREATE ROLE ")
                    .append(quote(role.name()))
                    .append(role.login() ? " LOGIN" : " NOLOGIN")
                    .append(attributes(role))
                    .append(limit)
                    .append(validUntil)
                    .append(";\n");
        }
        for (String statement : memberships(roles, source, Set.of())) {
            script.append(statement).append(";\n");
        }
        return script.toString();
    }

    private static String attributes(Role role) {
        return (role.superuser() ? " SUPERUSER" : " NOSUPERUSER")
                + (role.inherit() ? " INHERIT" : " NOINHERIT")
                + (role.createRole() ? " CREATEROLE" : " NOCREATEROLE")
                + (role.createDatabase() ? " CREATEDB" : " NOCREATEDB")
                + (role.replication() ? " REPLICATION" : " NOREPLICATION")
                + (role.bypassRowSecurity() ? " BYPASSRLS" : " NOBYPASSRLS");
    }

    private static List<String> memberships(List<Role> roles, PostgresVersion target, Set<String> existing) {
        List<String> statements = new ArrayList<>();
        for (Role member : roles) {
            if (member.isPredefined() || !isAccepted(member.name(), target)) {
                // Predefined roles such as pg_monitor: the throw-away server has its own.
                continue;
            }
            for (Role.Membership membership : member.memberOf()) {
                boolean missing = Role.isPredefined(membership.role())
                        && !existing.isEmpty()
                        && !existing.contains(membership.role());
                if (!missing && isAccepted(membership.role(), target)) {
                    statements.add("GRANT " + quote(membership.role()) + " TO " + quote(member.name())
                            + options(member, membership, target));
                }
            }
        }
        return statements;
    }

    private static String options(Role member, Role.Membership membership, PostgresVersion target) {
        if (target.major() < VERSION_WITH_MEMBERSHIP_OPTIONS) {
            return membership.admin() ? " WITH ADMIN OPTION" : "";
        }
        boolean inherit = membership.inherit() == null ? member.inherit() : membership.inherit();
        boolean set = membership.set() == null || membership.set();
        return " WITH ADMIN %s, INHERIT %s, SET %s".formatted(sql(membership.admin()), sql(inherit), sql(set));
    }

    private static String sql(boolean value) {
        return value ? "TRUE" : "FALSE";
    }

    private static String quote(String role) {
        return QualifiedName.of(role).quoteAll();
    }
}
