package io.github.pgbackup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.test.Contents;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RolesScriptTest {

    @Test
    void reads_what_pg_dumpall_writes() {
        List<Role> roles = RolesScript.read("""
                \\restrict abc
                SET default_transaction_read_only = off;
                CREATE ROLE app;
                ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE CREATEDB LOGIN NOREPLICATION NOBYPASSRLS PASSWORD 'SCRAM-SHA-256$4096:x;y';
                CREATE ROLE "Big Boss";
                ALTER ROLE "Big Boss" WITH SUPERUSER NOINHERIT NOCREATEROLE NOCREATEDB NOLOGIN NOREPLICATION BYPASSRLS VALID UNTIL '2030-01-01 00:00:00+00';
                ALTER ROLE app SET search_path TO 'superuser';
                COMMENT ON ROLE app IS 'CREATE ROLE no;';
                CREATE TABLESPACE fast OWNER app LOCATION '/fast';
                GRANT "Big Boss" TO app WITH ADMIN OPTION, INHERIT FALSE GRANTED BY postgres;
                GRANT SELECT ON t TO app;
                \\unrestrict abc
                """);

        assertThat(roles)
                .containsExactly(
                        new Role(
                                "app",
                                false,
                                false,
                                true,
                                false,
                                true,
                                true,
                                false,
                                false,
                                -1,
                                null,
                                List.of(new Role.Membership("Big Boss", true, false, null))),
                        new Role(
                                "Big Boss", false, true, false, false, false, false, false, true, -1, null, List.of()));
    }

    @Test
    void finds_every_role_that_an_archive_names() {
        List<Role> roles = RolesScript.namedBy(Contents.of(
                entry(1, "TABLE", "CREATE TABLE public.t (a int DEFAULT 1);\n"),
                entry(2, "ACL", """
                        GRANT SELECT ON TABLE public.t TO reader;
                        REVOKE ALL ON TABLE public.t FROM PUBLIC;
                        SET SESSION AUTHORIZATION "Giver";
                        GRANT ALL ON TABLE public.t TO taker WITH GRANT OPTION;
                        """),
                entry(3, "POLICY", "CREATE POLICY p ON public.t FOR SELECT TO one, two USING ((a = 1));\n"),
                entry(
                        4,
                        "DEFAULT ACL",
                        "ALTER DEFAULT PRIVILEGES FOR ROLE maker IN SCHEMA public GRANT SELECT ON TABLES  TO user1;\n"),
                entry(5, "USER MAPPING", "CREATE USER MAPPING FOR mapped SERVER s OPTIONS (\n    \"user\" 'x'\n);\n"),
                entry(6, "DATABASE PROPERTIES", "ALTER ROLE setter IN DATABASE shop SET work_mem TO '1MB';\n"),
                entry(7, "USER MAPPING", "CREATE USER MAPPING FOR public SERVER s;\n")));

        assertThat(roles)
                .extracting(Role::name)
                .containsExactlyInAnyOrder(
                        "app", "reader", "Giver", "taker", "one", "two", "maker", "user1", "mapped", "setter");
        assertThat(roles).noneMatch(Role::superuser);
    }

    @Test
    void an_object_that_only_a_superuser_can_own_is_owned_by_one() {
        assertThat(RolesScript.namedBy(Contents.of(entry(1, "EVENT TRIGGER", "CREATE EVENT TRIGGER e ...;"))))
                .singleElement()
                .matches(Role::superuser);
    }

    private static Entry entry(int dumpId, String description, String definition) {
        return Contents.entry(dumpId, description, "x", definition);
    }
}
