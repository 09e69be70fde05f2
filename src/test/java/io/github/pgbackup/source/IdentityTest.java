package io.github.pgbackup.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.container.ContainerState;
import io.github.pgbackup.postgres.PostgresVersion;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class IdentityTest {

    private static final ServerIdentity ACTUAL = server("7370000000000000000", "2026-11-23T10:00:00.123456Z");

    @Test
    void facts_that_are_not_configured_are_not_checked() {
        assertThat(new Identity(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty())
                        .findings(ACTUAL, Optional.empty()))
                .isEmpty();
    }

    @Test
    void each_fact_that_holds_says_so() {
        Identity expected = new Identity(
                Optional.of("directus"),
                Optional.of("workflow_admin"),
                Optional.of(true),
                Optional.of(new Identity.ServerVersion("[16,17)", version -> version.major() == 16)),
                Optional.of("7370000000000000000"),
                Optional.of("postgres"));

        assertThat(expected.findings(ACTUAL, Optional.of(container("postgres"))))
                .allMatch(Identity.Finding::holds)
                .extracting(Identity.Finding::sentence)
                .containsExactly(
                        "identity: database is `directus`",
                        "identity: role is `workflow_admin`",
                        "identity: superuser is `true`",
                        "identity: server version is `16.4`",
                        "identity: system identifier is `7370000000000000000`",
                        "identity: container is `postgres (0123456789ab)`");
    }

    @Test
    void each_fact_that_does_not_hold_says_what_was_expected() {
        Identity expected = new Identity(
                Optional.of("Directus"),
                Optional.of("bob"),
                Optional.of(false),
                Optional.of(new Identity.ServerVersion("[17,)", version -> version.major() >= 17)),
                Optional.of("1"),
                Optional.of("postgres"));

        assertThat(expected.findings(ACTUAL, Optional.empty()))
                .noneMatch(Identity.Finding::holds)
                .extracting(Identity.Finding::sentence)
                .containsExactly(
                        "identity: database is `directus`, expected `Directus`",
                        "identity: role is `workflow_admin`, expected `bob`",
                        "identity: superuser is `true`, expected `false`",
                        "identity: server version is `16.4`, expected `[17,)`",
                        "identity: system identifier is `7370000000000000000`, expected `1`",
                        "identity: container is `none, it is reached by a URL`, expected `postgres`");
    }

    @Test
    void a_standby_or_clone_is_another_server_though_its_system_identifier_is_equal() {
        assertThat(ACTUAL.sameServer(server("7370000000000000000", "2026-11-23T10:00:00.123457Z")))
                .isFalse();
        assertThat(ACTUAL.sameServer(server("7370000000000000001", "2026-11-23T10:00:00.123456Z")))
                .isFalse();
        assertThat(ACTUAL.sameServer(server("7370000000000000000", "2026-11-23T10:00:00.123456Z")))
                .isTrue();
        assertThat(ACTUAL.sameServer(server(null, "2026-11-23T10:00:00.123456Z")))
                .isTrue();
    }

    @Test
    void a_server_is_described_in_one_line() {
        assertThat(ACTUAL.describe())
                .isEqualTo("address 10.0.0.7, port 5432, system identifier 7370000000000000000,"
                        + " started at 2026-11-23T10:00:00.123456Z");
    }

    @Test
    void a_container_is_known_by_its_name_or_the_first_twelve_digits_of_its_id() {
        assertThat(ContainerState.isCalled("postgres (0123456789ab)", "postgres"))
                .isTrue();
        assertThat(ContainerState.isCalled("postgres (0123456789ab)", "0123456789abcdef"))
                .isTrue();
        assertThat(ContainerState.isCalled("postgres (0123456789ab)", "0123456789"))
                .isFalse();
        assertThat(ContainerState.isCalled("postgres (0123456789ab)", "postgres-2"))
                .isFalse();
    }

    private static ContainerState container(String name) {
        return new ContainerState(
                "0123456789abcdef",
                name,
                "postgres:16",
                "running",
                true,
                Instant.parse("2026-11-23T10:00:00Z"),
                Map.of(),
                Set.of(),
                "bridge",
                Set.of("bridge"),
                List.of(),
                Map.of());
    }

    private static ServerIdentity server(String systemIdentifier, String startedAt) {
        return new ServerIdentity(
                "directus",
                "workflow_admin",
                true,
                "postgres",
                PostgresVersion.ofNumber(160004),
                Optional.ofNullable(systemIdentifier),
                Optional.of("10.0.0.7"),
                OptionalInt.of(5432),
                Instant.parse(startedAt),
                false,
                Optional.empty());
    }
}
