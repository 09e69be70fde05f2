package io.github.pgbackup.use;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.rehearsal.LockMode;
import io.github.pgbackup.rehearsal.RehearsalLimits;
import io.github.pgbackup.rehearsal.RehearsalReport;
import io.github.pgbackup.rehearsal.RehearsalReport.Lock;
import io.github.pgbackup.rehearsal.RehearsalReport.Migration;
import io.github.pgbackup.rehearsal.RehearsalReport.Observation;
import io.github.pgbackup.rehearsal.RehearsalReport.Rows;
import io.github.pgbackup.rehearsal.RehearsalReport.Statement;
import io.github.pgbackup.rehearsal.RehearsalReport.Storage;
import io.github.pgbackup.rehearsal.RehearsalReport.Table;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RehearsalJudgementTest {

    @Test
    void without_limits_only_the_migrations_are_checked() {
        assertThat(RehearsalJudgement.checks(report(LockMode.ACCESS_EXCLUSIVE, 8_192L, true), RehearsalLimits.NONE))
                .containsExactly(Check.of("rehearsal", "migration V2__c.sql (2)", "succeeded", "succeeded", true));
        assertThat(RehearsalJudgement.checks(report(LockMode.ACCESS_EXCLUSIVE, 8_192L, false), RehearsalLimits.NONE))
                .containsExactly(Check.of("rehearsal", "migration V2__c.sql (2)", "succeeded", "failed", false));
    }

    @Test
    void an_exceeded_limit_is_a_failed_check_that_names_the_cause() {
        RehearsalLimits limits =
                new RehearsalLimits(Duration.ofMillis(289), Duration.ofMillis(287), Duration.ofMillis(1_249));

        assertThat(limits(LockMode.ACCESS_EXCLUSIVE, 8_192L, limits))
                .containsExactly(
                        Check.of(
                                "rehearsal",
                                "lock that blocks writes",
                                "at most 0.289 s",
                                "0.29 s: ACCESS EXCLUSIVE on public.a blocks reads and writes",
                                false),
                        Check.of("rehearsal", "statement", "at most 0.287 s", "0.288 s: alter table a", false),
                        Check.of("rehearsal", "duration of the migration", "at most 1.249 s", "1.25 s", false));
    }

    @Test
    void a_limit_that_is_not_exceeded_is_a_passed_check() {
        RehearsalLimits limits =
                new RehearsalLimits(Duration.ofMillis(290), Duration.ofMillis(288), Duration.ofMillis(1_250));

        assertThat(limits(LockMode.ACCESS_EXCLUSIVE, 8_192L, limits)).hasSize(3).allMatch(Check::passed);
    }

    /** A lock that allows others to read and write, and one on a table that no one else could see, block nobody. */
    @Test
    void a_lock_that_blocks_nobody_exceeds_nothing() {
        RehearsalLimits limits = new RehearsalLimits(Duration.ofMillis(1), null, null);

        assertThat(limits(LockMode.SHARE_UPDATE_EXCLUSIVE, 8_192L, limits))
                .containsExactly(Check.of(
                        "rehearsal",
                        "lock that blocks writes",
                        "at most 0.001 s",
                        "no table was locked against writes",
                        true));
        assertThat(limits(LockMode.ACCESS_EXCLUSIVE, null, limits)).allMatch(Check::passed);
        assertThat(limits(LockMode.SHARE, 8_192L, limits)).noneMatch(Check::passed);
    }

    @Test
    void without_a_migration_there_is_no_result() {
        RehearsalReport nothing = new RehearsalReport(
                List.of(),
                List.of(statement()),
                2,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Duration.ZERO,
                observation(null));

        assertThat(RehearsalJudgement.problem(nothing)).hasValueSatisfying(problem -> {
            assertThat(problem.fact())
                    .isEqualTo("Nothing was migrated: after 3 statements the restored database is unchanged.");
            assertThat(problem.remedy())
                    .isEqualTo(
                            "Bind the migration to a phase between those of the goals start and stop, and check in its"
                                    + " output which database it migrated.");
        });
        assertThat(RehearsalJudgement.problem(report(LockMode.SHARE, 8_192L, true)))
                .isEmpty();
    }

    @Test
    void without_its_observer_a_rehearsal_has_no_result() {
        RehearsalReport report = report(LockMode.SHARE, 8_192L, true);
        RehearsalReport lost = new RehearsalReport(
                report.migrations(),
                report.statements(),
                0,
                report.tables(),
                List.of(),
                List.of(),
                List.of(),
                report.duration(),
                observation("Sampling of the locks ended early: SQLSTATE 57P01."));

        assertThat(RehearsalJudgement.problem(lost))
                .hasValueSatisfying(problem ->
                        assertThat(problem.fact()).isEqualTo("Sampling of the locks ended early: SQLSTATE 57P01."));
    }

    private static List<Check> limits(LockMode mode, @Nullable Long bytes, RehearsalLimits limits) {
        return RehearsalJudgement.checks(report(mode, bytes, true), limits).stream()
                .filter(check -> !check.name().startsWith("migration "))
                .toList();
    }

    private static RehearsalReport report(LockMode mode, @Nullable Long bytes, boolean success) {
        Duration held = Duration.ofMillis(290);
        Lock lock = new Lock(mode, mode.blocks(), held, held, 1, Duration.ZERO, null);
        Table table = new Table(
                "public.a",
                "table",
                mode,
                List.of(lock),
                List.of(),
                Storage.KEPT,
                bytes,
                8_192L,
                bytes,
                0L,
                new Rows(1L, 1L, 0L));
        return new RehearsalReport(
                List.of(new Migration("flyway", "2", "c", "V2__c.sql", null, success)),
                List.of(statement()),
                0,
                List.of(table),
                List.of(),
                List.of(),
                List.of(),
                Duration.ofMillis(1_250),
                observation(null));
    }

    private static Statement statement() {
        Duration took = Duration.ofMillis(288);
        return new Statement("alter table a", "ALTER TABLE", 1, Duration.ZERO, 1, took, took, 0, null, null, null);
    }

    private static Observation observation(@Nullable String failure) {
        return new Observation(Duration.ofMillis(10), 9, Duration.ofMillis(11), 1, Duration.ofMillis(20), 0, failure);
    }
}
