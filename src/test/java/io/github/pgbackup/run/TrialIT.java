package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.fault.TestedFault;
import io.github.pgbackup.fault.TestedFault.Outcome;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The test of the expectations, apart from its faults. */
final class TrialIT {

    /** A small budget, which excludes faults of the archive: each of them takes a restore. */
    private static final String WITHOUT_ARCHIVES = "PT5S";

    @AutoClose
    static final ProductionServer PRODUCTION =
            ProductionServer.start(Programs.newest().bin());

    @TempDir
    Path directory;

    @Test
    void faults_beyond_the_budget_count_as_not_tried(TestInfo test) {
        String database = database(test, """
                do $$ begin
                    for i in 1..60 loop
                        execute format('create table t%s as select 1 as a, 2 as b, 3 as c', i);
                    end loop;
                end $$""");

        ExpectationTest little = run(database)
                .with("budget", "PT0.5S")
                .run()
                .used()
                .expectationTest()
                .orElseThrow();

        assertThat(little.viable()).isPositive();
        assertThat(little.duration()).isLessThan(Duration.ofSeconds(5));
        assertThat(little.faults().size())
                .isEqualTo((int) (little.viable() + little.count(Outcome.UNVIABLE) + little.count(Outcome.NOT_TRIED)));
        assertThat(little.faults().stream()
                        .filter(fault -> fault.outcome() == Outcome.NOT_TRIED)
                        .map(TestedFault::reason))
                .isNotEmpty()
                .containsOnly("the budget was used up");
    }

    @Test
    void fewer_caught_faults_than_the_minimum_fail(TestInfo test) {
        String database = database(test, "create table a (one int); insert into a values (1), (2)");

        VerificationReport tooFew = run(database)
                .expect("table", "public.a")
                .with("minimumCaught", "90")
                .run();

        assertThat(tooFew.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(tooFew.failedChecks().stream().map(Check::sentence))
                .singleElement()
                .asString()
                .matches("expectation test: share of the faults that the expectations catch: expected at least 90 %,"
                        + " actual \\d+ % \\(\\d+ of \\d+\\)\\.");
    }

    @Test
    void without_an_observable_fault_nothing_is_verified(TestInfo test) {
        VerificationReport report = run(database(test, "select 1")).run();

        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.problemText())
                .matches(
                        "(?s)None of \\d+ faults? could be observed in the restored database, so nothing is known about the"
                                + " expectations\\.\n.*");
        assertThat(report.used().expectationTest()).isEmpty();
    }

    @Test
    void a_backup_that_fails_is_not_tested(TestInfo test) {
        VerificationReport report = run(database(test, "create table a (one int)"))
                .expect("table", "public.b")
                .run();

        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(report.used().expectationTest()).isEmpty();
    }

    /** Tests the check at the end of every test of expectations, that the restored database is unchanged. */
    @Test
    void a_change_that_is_not_rolled_back_is_noticed(TestInfo test) {
        String database = database(test, "create table a (one int); insert into a values (1), (2)");

        for (String change : List.of(
                "update public.a set one = 3 where one = 2", "alter table public.a alter column one set default 7")) {
            VerificationReport report =
                    run(database).afterFault("owner-lost", change).run();

            assertThat(report.problemText())
                    .as(change)
                    .startsWith(
                            "After the faults were rolled back, the restored database is not what it was before.\n");
        }
    }

    @Test
    void a_fault_that_a_constraint_refuses_is_unviable(TestInfo test) {
        String database =
                database(test, "create table a (one int check (one is not null)); insert into a values (1), (2), (3)");

        VerificationReport report = run(database)
                .expect("table", "public.a")
                .with("minimumCaught", "10")
                .run();

        BackupVerificationIT.assertPassed(report);
        assertThat(report.used().expectationTest().orElseThrow().faults())
                .filteredOn(fault -> fault.kind().equals("column-null"))
                .singleElement()
                .satisfies(fault -> {
                    assertThat(fault.outcome()).isEqualTo(Outcome.UNVIABLE);
                    assertThat(fault.reason()).isEqualTo("PostgreSQL refuses it (SQLSTATE 23514)");
                });
    }

    private static String database(TestInfo test, String sql) {
        String database = test.getTestMethod().orElseThrow().getName();
        database = database.substring(0, Math.min(63, database.length()));
        PRODUCTION.createDatabase(database);
        PRODUCTION.execute(database, sql);
        return database;
    }

    private VerificationRun run(String database) {
        return VerificationRun.of(PRODUCTION, database, directory)
                .expect(QueryTag.of("nothing", "select 1", "1"))
                .with("budget", WITHOUT_ARCHIVES)
                .tested();
    }
}
