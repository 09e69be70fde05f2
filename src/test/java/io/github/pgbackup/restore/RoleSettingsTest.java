package io.github.pgbackup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RoleSettingsTest {

    @Test
    void settings_are_read_from_what_pg_dumpall_writes() {
        RoleSettings settings = RoleSettings.read("""
                CREATE ROLE app;
                ALTER ROLE app WITH NOSUPERUSER LOGIN;
                ALTER ROLE app SET search_path TO 'app', 'public';
                ALTER ROLE "My App" SET "app.tenant" TO 'it''s; 5';
                ALTER ROLE app IN DATABASE shop SET work_mem TO '8MB';
                ALTER ROLE app SET statement_timeout = '5s';
                """);

        assertThat(settings.statements("app"))
                .containsExactly(
                        "ALTER ROLE app SET search_path TO 'app' , 'public'",
                        "ALTER ROLE app SET statement_timeout = '5s'");
        assertThat(settings.statements("My App"))
                .containsExactly("ALTER ROLE \"My App\" SET \"app.tenant\" TO 'it''s; 5'");
        assertThat(settings.statements("nobody")).isEmpty();
    }

    @Test
    void nothing_but_values_is_taken_for_a_setting() {
        assertThat(RoleSettings.read("""
                ALTER ROLE app SET search_path FROM CURRENT;
                ALTER ROLE app RESET ALL;
                ALTER ROLE app SET work_mem TO (SELECT 1);
                ALTER ROLE app SET work_mem;
                """).ofRoles()).isEmpty();
    }
}
