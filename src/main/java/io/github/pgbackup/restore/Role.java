package io.github.pgbackup.restore;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A role of the source, without its password.
 *
 * @param name the unquoted name
 * @param bootstrap whether it is the role that initdb created (OID 10)
 * @param connectionLimit -1 for none
 * @param validUntil when its password expires, as printed by the server; null for never
 * @param memberOf its memberships in other roles
 */
public record Role(
        String name,
        boolean bootstrap,
        boolean superuser,
        boolean inherit,
        boolean createRole,
        boolean createDatabase,
        boolean login,
        boolean replication,
        boolean bypassRowSecurity,
        int connectionLimit,
        @Nullable String validUntil,
        List<Membership> memberOf) {

    public Role {
        memberOf = List.copyOf(memberOf);
    }

    /**
     * A membership in another role.
     *
     * @param role the role that is granted
     * @param admin whether the member may grant it to others
     * @param inherit whether the member has its privileges; null from a server before 16, where the member's own
     *     attribute decides
     * @param set whether the member may SET ROLE to it; null from a server before 16, where every member may
     */
    public record Membership(
            String role,
            boolean admin,
            @Nullable Boolean inherit,
            @Nullable Boolean set) {}

    /** Whether PostgreSQL itself provides the role; the set depends on the version. */
    public boolean isPredefined() {
        return isPredefined(name);
    }

    static boolean isPredefined(String name) {
        return name.startsWith("pg_");
    }
}
