package io.github.pgbackup.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ClientSecurityTest {

    private static Installation client(String version) {
        return new Installation(Path.of("/opt/pg/bin"), PostgresVersion.parse(version));
    }

    @Test
    void warns_below_the_first_safe_release() {
        assertThat(ClientSecurity.warning(client("15.18")))
                .contains(
                        "The client programs 15.18 in /opt/pg/bin lack security fixes, so a hostile dump could run commands of its choice"
                                + " (CVE-2025-8714, CVE-2025-8715, CVE-2026-18408); update them to 15.19.");
    }

    @Test
    void warns_of_a_major_version_without_a_safe_release() {
        assertThat(ClientSecurity.warning(client("13.23")))
                .hasValueSatisfying(
                        warning -> assertThat(warning).endsWith("their major version is no longer maintained."));
    }

    @Test
    void is_silent_from_the_first_safe_release_on_and_for_newer_majors() {
        assertThat(ClientSecurity.warning(client("15.19"))).isEmpty();
        assertThat(ClientSecurity.warning(client("18.6"))).isEmpty();
        assertThat(ClientSecurity.warning(client("19beta1"))).isEmpty();
    }
}
