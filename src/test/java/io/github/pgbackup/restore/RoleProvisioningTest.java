package io.github.pgbackup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.restore.Role.Membership;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RoleProvisioningTest {

    private static final PostgresVersion PG_15 = PostgresVersion.ofNumber(150018);
    private static final PostgresVersion PG_18 = PostgresVersion.ofNumber(180001);
    private static final Set<String> TARGET = Set.of("postgres", "pg_monitor");

    private static final Role POSTGRES =
            new Role("postgres", true, true, true, true, true, true, true, true, -1, null, List.of());
    private static final Role MONITOR = role("pg_monitor", membership("pg_read_all_stats", false));

    @Test
    void roles_are_created_without_login_and_quoted() {
        Role odd = new Role("My \"App\"", false, true, false, true, true, true, true, true, 5, null, List.of());
        assertThat(RoleProvisioning.statements(List.of(POSTGRES, MONITOR, odd, role("app")), PG_15, TARGET))
                .containsExactly(
                        "CREATE ROLE \"My \"\"App\"\"\" NOLOGIN SUPERUSER NOINHERIT CREATEROLE CREATEDB REPLICATION"
                                + " BYPASSRLS",
                        "CREATE ROLE \"app\" NOLOGIN NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB NOREPLICATION"
                                + " NOBYPASSRLS");
    }

    @Test
    void memberships_follow_once_all_roles_exist() {
        assertThat(RoleProvisioning.statements(
                        List.of(role("a", membership("z", true), membership("pg_monitor", false)), role("z")),
                        PG_15,
                        TARGET))
                .endsWith("GRANT \"z\" TO \"a\" WITH ADMIN OPTION", "GRANT \"pg_monitor\" TO \"a\"");
    }

    @Test
    void a_predefined_role_that_the_target_lacks_is_not_granted() {
        assertThat(RoleProvisioning.statements(List.of(role("a", membership("pg_maintain", false))), PG_15, TARGET))
                .noneMatch(statement -> statement.startsWith("GRANT"));
    }

    @Test
    void a_role_with_a_line_break_in_its_name_is_created_if_the_server_accepts_it() {
        List<Role> roles = List.of(role("two\nlines"), role("a", membership("two\nlines", false)), role("b"));

        assertThat(RoleProvisioning.statements(roles, PG_18, TARGET)).hasSize(4);
        assertThat(RoleProvisioning.statements(roles, PostgresVersion.parse("19.0"), TARGET))
                .containsExactly(
                        RoleProvisioning.statements(List.of(role("a")), PG_18, TARGET)
                                .get(0),
                        RoleProvisioning.statements(List.of(role("b")), PG_18, TARGET)
                                .get(0));
    }

    @Test
    void since_16_a_membership_says_whether_it_inherits_and_may_be_set() {
        Membership fromOlder = membership("z", false);
        Membership fromNewer = new Membership("z", true, false, false);
        Role member = new Role(
                "a", false, false, false, false, false, true, false, false, -1, null, List.of(fromOlder, fromNewer));
        assertThat(RoleProvisioning.statements(List.of(member), PG_18, TARGET))
                .endsWith(
                        "GRANT \"z\" TO \"a\" WITH ADMIN FALSE, INHERIT FALSE, SET TRUE",
                        "GRANT \"z\" TO \"a\" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE");
    }

    @Test
    void the_roles_file_has_everything_that_a_new_server_needs_except_passwords() {
        Role app = new Role(
                "app",
                false,
                false,
                true,
                false,
                false,
                true,
                false,
                false,
                10,
                "2027-01-01 00:00:00+00",
                List.of(membership("pg_maintain", false)));
        assertThat(RoleProvisioning.script(List.of(POSTGRES, MONITOR, app), PG_15))
                .isEqualTo("""
                        -- Roles and memberships, without passwords.

                        ALTER ROLE "postgres" LOGIN SUPERUSER INHERIT CREATEROLE CREATEDB REPLICATION BYPASSRLS;
                        CREATE ROLE "app" LOGIN NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS \
                        CONNECTION LIMIT 10 VALID UNTIL '2027-01-01 00:00:00+00';
                        GRANT "pg_maintain" TO "app";
                        """);
    }

    private static Role role(String name, Membership... memberOf) {
        return new Role(name, false, false, true, false, false, true, false, false, -1, null, List.of(memberOf));
    }

    private static Membership membership(String role, boolean admin) {
        return new Membership(role, admin, null, null);
    }
}
