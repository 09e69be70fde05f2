package io.github.pgbackup.use;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.expectation.Claim;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Introspection;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.rehearsal.RehearsalLimits;
import io.github.pgbackup.rehearsal.RehearsalReport;
import io.github.pgbackup.rehearsal.RehearsalReport.BlockedTable;
import io.github.pgbackup.rehearsal.RehearsalReport.Lock;
import io.github.pgbackup.rehearsal.RehearsalReport.Migration;
import io.github.pgbackup.rehearsal.RehearsalReport.Statement;
import io.github.pgbackup.server.Target;
import io.github.pgbackup.text.Counted;
import io.github.pgbackup.text.ExactDuration;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The conclusions from a rehearsal. */
public final class RehearsalJudgement {

    public static final String GROUP = "rehearsal";

    private RehearsalJudgement() {}

    /** Why the migrations cannot be judged; empty when they can. */
    public static Optional<CannotVerifyException> problem(RehearsalReport report) {
        String failure = report.observation().failure();
        if (failure != null) {
            return Optional.of(new CannotVerifyException(failure, Remedy.SEE_WHY_THE_SERVER_WAS_LOST));
        }
        if (report.nothingMigrated()) {
            long statements =
                    report.statements().stream().mapToLong(Statement::calls).sum() + report.uncountedStatements();
            return Optional.of(new CannotVerifyException(
                    "Nothing was migrated: after " + Counted.of(statements, "statement")
                            + " the restored database is unchanged.",
                    Remedy.MIGRATE_BETWEEN_START_AND_STOP));
        }
        return Optional.empty();
    }

    /** A warning about locks that were not observed; empty when all were observed. */
    public static Optional<String> warning(RehearsalReport report) {
        long unseen = report.observation().unseen();
        return unseen == 0
                ? Optional.empty()
                : Optional.of(
                        "The locks of " + Counted.of(unseen, "transaction")
                                + " of the migration were not observed; they may have been short, or savepoints of other transactions.");
    }

    /** A check for each migration and for each limit; for an exceeded limit, one for each item that exceeds it. */
    public static List<Check> checks(RehearsalReport report, RehearsalLimits limits) {
        List<Check> checks = new ArrayList<>();
        for (Migration migration : report.migrations()) {
            checks.add(Check.of(
                    GROUP,
                    "migration " + migration.script() + (migration.id().isEmpty() ? "" : " (" + migration.id() + ")"),
                    "succeeded",
                    migration.success() ? "succeeded" : "failed",
                    migration.success()));
        }
        limit(
                checks,
                "lock that blocks writes",
                limits.maximumLock(),
                report.blockedTables(),
                blocked -> new Measured(words(blocked), blocked.lock().longest()),
                "no table was locked against writes");
        limit(
                checks,
                "statement",
                limits.maximumStatement(),
                report.slowest(Integer.MAX_VALUE),
                statement -> new Measured(statement.sql(), statement.longest()),
                "no statement took a millisecond");
        limit(
                checks,
                "duration of the migration",
                limits.maximumDuration(),
                List.of(report.duration()),
                duration -> new Measured("", duration),
                "");
        return checks;
    }

    /** An item that was measured, and how long it took. */
    private record Measured(String what, Duration took) {

        String words() {
            String time = ExactDuration.of(took);
            return what.isEmpty() ? time : time + ": " + what;
        }
    }

    private interface Measuring<T> {
        Measured measure(T thing);
    }

    /** Adds the checks for a limit; expects the items with the longest first. */
    private static <T> void limit(
            List<Check> checks,
            String name,
            @Nullable Duration most,
            List<T> things,
            Measuring<T> measuring,
            String none) {
        if (most == null) {
            return;
        }
        List<Measured> measured = things.stream().map(measuring::measure).toList();
        List<Measured> over = measured.stream()
                .filter(each -> each.took().compareTo(most) > 0)
                .toList();
        String expected = "at most " + ExactDuration.of(most);
        if (over.isEmpty()) {
            checks.add(Check.of(
                    GROUP,
                    name,
                    expected,
                    measured.isEmpty() ? none : measured.get(0).words(),
                    true));
        }
        over.forEach(each -> checks.add(Check.of(GROUP, name, expected, each.words(), false)));
    }

    private static String words(BlockedTable blocked) {
        Lock lock = blocked.lock();
        return lock.mode() + " on " + blocked.table() + (lock.on() == null ? "" : " by its index " + lock.on()) + " "
                + lock.blocks();
    }

    /**
     * Tests the expectations in the migrated database. A migrated database has no archive and no source to compare
     * with.
     *
     * @return a check for each claim
     */
    public static List<Check> ask(PostgresServer server, String database, List<Expectation> expectations)
            throws SQLException {
        if (expectations.isEmpty()) {
            return List.of();
        }
        Map<Expectation, Map<String, Observation>> observations;
        try (Session session = Target.read(server, database)) {
            observations = new Introspection(expectations).ask(session);
        }
        List<Check> checks = new ArrayList<>();
        for (Expectation expectation : expectations) {
            for (Claim claim : expectation.claims()) {
                Observation observation = Objects.requireNonNull(observations.get(expectation))
                        .getOrDefault(claim.aspect(), Observation.unknown("not asked"));
                checks.add(Check.of(
                        GROUP,
                        expectation.title() + " after the migration: " + claim.aspect(),
                        claim.expected(),
                        observation.text(),
                        observation.holds()));
            }
        }
        return checks;
    }
}
