package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.plan.Tag;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queries that run as a role, to test the effect of privileges and policies. */
final class RoleQueryIT {

    private static final String DATABASE = "shop";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {13, 15, 18, 19})
    void a_query_only_sees_what_its_role_may_see(int major) throws Exception {
        try (ProductionServer production =
                ProductionServer.start(Programs.ofMajor(major).bin())) {
            production.createDatabase(DATABASE);
            production.execute(DATABASE, """
                    create role "App User" login;
                    create table orders (id int, owner name);
                    create table secrets (x int);
                    insert into orders values (1, 'App User'), (2, 'App User'), (3, 'other');
                    alter table orders enable row level security;
                    create policy own on orders using (owner = session_user);
                    grant select on orders to "App User";
                    """);
            VerificationReport report = run(production)
                    .expect(query("all", "select count(*) from orders", "3", null))
                    .expect(query("own", "select count(*) from orders", "2", "\"App User\""))
                    .expect(query("who", "select current_user || session_user", "App UserApp User", "\"App User\""))
                    .expect(query("others", "select count(*) from orders", "3", "\"App User\""))
                    .expect(query("secret", "select count(*) from secrets", "0", "\"App User\""))
                    .expect(query("nobody", "select count(*) from orders", "3", "nobody"))
                    .expect(query("again", "select current_user", production.superuser(), null))
                    .run();

            assertThat(report.outcome().problem()).isEmpty();
            assertThat(report.failedChecks())
                    .extracting(Check::name, Check::expected, Check::actual)
                    .containsExactlyInAnyOrder(
                            tuple("query others as \"App User\": returns", "3", "2"),
                            tuple(
                                    "query secret as \"App User\": returns",
                                    "0",
                                    "error: permission denied for table secrets (SQLSTATE 42501)"),
                            tuple("query nobody as nobody: returns", "3", "the role nobody does not exist"));
            // The source is only queried as our own role.
            assertThat(report.checks())
                    .filteredOn(check -> check.name().startsWith("query own"))
                    .singleElement()
                    .satisfies(check -> assertThat(
                                    check.observations().orElseThrow().source())
                            .isEqualTo(Observation.unknown("asked only of the restored database")));
            assertThat(report.context().orElseThrow().queries())
                    .contains(new VerificationReport.Query(
                            "own", "select count(*) from orders", "2", Optional.of("App User")));
        }
    }

    @Test
    void without_the_policy_the_query_fails() throws Exception {
        try (ProductionServer production = ProductionServer.start()) {
            production.createDatabase(DATABASE);
            production.execute(DATABASE, """
                    create role app login;
                    create table orders (id int, owner name);
                    insert into orders values (1, 'app'), (3, 'other');
                    alter table orders enable row level security;
                    create policy own on orders using (owner = session_user);
                    grant select on orders to app;
                    """);
            VerificationReport report = run(production)
                    .expect(query("own", "select count(*) from orders", "1", "app"))
                    .onRestored(session -> session.execute("alter table orders disable row level security"))
                    .run();

            assertThat(report.failedChecks())
                    .filteredOn(check -> check.group().equals("expectation"))
                    .extracting(Check::actual)
                    .containsExactly("2");
        }
    }

    private VerificationRun run(ProductionServer production) {
        return VerificationRun.of(production, DATABASE, directory);
    }

    private static Tag query(String name, String sql, String returns, String role) {
        return QueryTag.of(name, sql, returns, role);
    }
}
