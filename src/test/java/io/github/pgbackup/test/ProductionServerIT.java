package io.github.pgbackup.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.Driver;

final class ProductionServerIT {

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void the_directus_scenario_loads_into_every_major(Programs programs) {
        try (ProductionServer production = ProductionServer.start(programs.bin(), "workflow_admin")) {
            DirectusScenario.create(production, "directus");

            assertThat(production.query("directus", "SELECT current_setting('server_version_num')::int / 10000"))
                    .isEqualTo(Integer.toString(programs.major()));
            assertThat(production.query(
                            "directus",
                            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'cutter_governance'"))
                    .isEqualTo("6");
            assertThat(production.query("directus", "SELECT count(*) FROM cutter_governance.canonical_address_alias"))
                    .isEqualTo("0");
            assertThat(production.query(
                            "directus",
                            "SELECT concat_ws(' ', count(*), min(authority), max(authority), count(authority),"
                                    + " min(canonical_address_format_version), count(canonical_address_format_version),"
                                    + " max(updated_at) AT TIME ZONE 'UTC') FROM public.tac_logical_unit"))
                    .isEqualTo("86 draft draft 86 canonical-address-v1 86 2026-05-16 02:27:27.789235");
            assertThat(production.query(
                            "directus",
                            "SELECT concat_ws(' ', count(*), count(authority), min(canonical_address_format_version),"
                                    + " count(canonical_address_format_version)) FROM sandbox_tac.logical_unit"))
                    .isEqualTo("76 0 canonical-address-v1 76");
        }
    }

    @Test
    void a_closed_server_is_gone_with_its_files() {
        ProductionServer production = ProductionServer.start();
        Path data = Path.of(production.query("postgres", "SHOW data_directory"));
        assertThat(data).isDirectory();

        production.close();

        assertThat(Files.exists(data.getParent())).isFalse();
        assertThatThrownBy(() -> production.connect("postgres")).isInstanceOf(SQLException.class);
    }

    @Test
    void a_password_is_required() {
        ProductionServer production = ProductionServer.shared();
        assertThatThrownBy(() -> production.connect("postgres", "postgres", "wrong"))
                .isInstanceOf(SQLException.class)
                .hasMessage("FATAL: password authentication failed for user \"postgres\"");
    }

    @Test
    void a_pooler_in_transaction_mode_gives_the_settings_of_one_session_to_another() throws SQLException {
        ProductionServer production = ProductionServer.shared();
        try (Pooler pooler = Pooler.start(production)) {
            Properties user = new Properties();
            user.setProperty("user", production.superuser());
            user.setProperty("password", production.password());
            try (Connection first = new Driver().connect(pooler.url("postgres"), user);
                    Connection second = new Driver().connect(pooler.url("postgres"), user);
                    Statement set = first.createStatement();
                    Statement show = second.createStatement()) {
                set.execute("SET work_mem = '7MB'");
                try (ResultSet row = show.executeQuery("SHOW work_mem")) {
                    row.next();
                    assertThat(row.getString(1)).isEqualTo("7MB");
                }
            }
        }
    }
}
