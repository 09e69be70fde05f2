package io.github.pgbackup.use;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.backup.Backup;
import io.github.pgbackup.baseline.Baseline;
import io.github.pgbackup.comparison.TableName;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Introspection;
import io.github.pgbackup.expectation.ObjectExpectation;
import io.github.pgbackup.expectation.ObjectKind;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.fault.Fault;
import io.github.pgbackup.fault.Faults;
import io.github.pgbackup.fault.TestedFault;
import io.github.pgbackup.fault.TestedFault.Outcome;
import io.github.pgbackup.plan.ExpectationTestPlan;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.postgres.SqlState;
import io.github.pgbackup.server.RestoredDatabase;
import io.github.pgbackup.server.Target;
import io.github.pgbackup.stage.Run;
import io.github.pgbackup.text.Counted;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tests the expectations. It makes one fault at a time in the restored database, in a transaction that it rolls back,
 * and checks whether the expectations and the comparisons notice the fault. Faults of the archive come last: each of
 * them replaces the database with one that is restored from an altered archive.
 */
public final class Trial {

    /** Objects that a change of rows does not affect. */
    private static final Set<ObjectKind> WITHOUT_ROWS = EnumSet.of(
            ObjectKind.SCHEMA,
            ObjectKind.CONSTRAINT,
            ObjectKind.INDEX,
            ObjectKind.FUNCTION,
            ObjectKind.TRIGGER,
            ObjectKind.TYPE,
            ObjectKind.POLICY,
            ObjectKind.EXTENSION,
            ObjectKind.ROLE);

    /** SQLSTATE query_canceled: the statement time-out. */
    private static final String CANCELED = "57014";

    private static final String NO_TIME = "the budget was used up";

    private final Run run;
    private final ExpectationTestPlan plan;
    private final RestoredDatabase restored;
    private final PostgresServer target;
    private final Backup backup;
    private long startedAt = System.nanoTime();
    private final List<TestedFault> tested = new ArrayList<>();
    private int all;

    public Trial(Run run, ExpectationTestPlan plan, RestoredDatabase restored) {
        this.run = run;
        this.plan = plan;
        this.restored = restored;
        this.target = restored.server();
        this.backup = restored.backup();
    }

    /** Whether the expectations caught enough of the faults; empty when no minimum is configured. */
    public static Optional<Check> check(ExpectationTest test) {
        Integer minimum = test.minimumCaught();
        if (minimum == null) {
            return Optional.empty();
        }
        long caught = test.count(TestedFault.Outcome.CAUGHT);
        return Optional.of(Check.of(
                "expectation test",
                "share of the faults that the expectations catch",
                "at least " + minimum + " %",
                test.percentCaught() + " % (" + caught + " of " + test.viable() + ")",
                100 * caught >= minimum * test.viable()));
    }

    /**
     * Makes the faults. If it altered the archive, the restored database is not the same afterwards.
     *
     * @throws CannotVerifyException when none of the faults could be observed, or one was not rolled back completely
     */
    public ExpectationTest run(Baseline baseline) throws SQLException, IOException, InterruptedException {
        run.stages().telling(() -> tested.size() + " of " + all + " faults");
        Duration forArchives = ArchiveFaults.reserved(restored.result(), plan.budget());
        List<Fault> ofArchive;
        SoundCopy sound;
        try (Session session = Target.write(target, backup.database())) {
            run.interruption().onInterrupt(session::abort);
            List<Fault> chosen = choose(session);
            all = chosen.size();
            sound = SoundCopy.of(session, run.plan(), backup, target);
            startedAt = System.nanoTime();
            try (sound) {
                for (Fault fault : chosen) {
                    if (!fault.kind().isOfArchive()) {
                        add(test(session, sound, fault, plan.budget().minus(forArchives)));
                    }
                }
                if (!sound.isUnchanged()) {
                    throw new CannotVerifyException(
                            "After the faults were rolled back, the restored database is not what it was before.",
                            Remedy.REPORT_THE_DEFECT);
                }
            }
            ofArchive = ArchiveFaults.oneOfEachKind(chosen, sound);
        }
        ArchiveFaults archives = new ArchiveFaults(run, target, backup, sound);
        for (Fault fault : ofArchive) {
            add(
                    isOver(plan.budget()) || forArchives.isZero()
                            ? TestedFault.without(fault, Outcome.NOT_TRIED, NO_TIME)
                            : archives.test(fault));
        }
        ExpectationTest result = new ExpectationTest(
                plan.seed(),
                plan.budget(),
                elapsed(),
                baseline.kind().toString(),
                run.plan().comparison().toString(),
                plan.minimumCaught(),
                tested);
        if (result.viable() == 0) {
            throw new CannotVerifyException(
                    "None of " + Counted.of(result.faults().size(), "fault")
                            + " could be observed in the restored database, so nothing is known about the expectations.",
                    Remedy.ALLOW_MORE_TIME_FOR_FAULTS);
        }
        return result;
    }

    private void add(TestedFault fault) {
        tested.add(fault);
        run.console().debug("  fault " + fault.kind() + " " + fault.object() + ": " + fault.outcome());
    }

    private List<Fault> choose(Session session) throws SQLException {
        session.execute("begin read only");
        try {
            return new Faults(backup.archive().contents(), run.plan().expectations(), plan.seed()).choose(session);
        } finally {
            session.execute("rollback");
        }
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }

    private boolean isOver(Duration budget) {
        return elapsed().compareTo(budget) > 0;
    }

    private TestedFault test(Session session, SoundCopy sound, Fault fault, Duration budget)
            throws SQLException, IOException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (fault.unviable() != null) {
            return TestedFault.without(fault, Outcome.UNVIABLE, fault.unviable());
        }
        long left = budget.minus(elapsed()).toMillis();
        if (left <= 0) {
            return TestedFault.without(fault, Outcome.NOT_TRIED, NO_TIME);
        }
        session.execute("begin read write; set local session_replication_role = replica; set local statement_timeout = "
                + Math.min(left, Integer.MAX_VALUE));
        SoundCopy.Difference difference;
        List<String> caughtBy;
        try {
            WrittenTables before = WrittenTables.of(session, target.version());
            for (String statement : fault.statements()) {
                session.execute(statement);
            }
            WrittenTables written = WrittenTables.of(session, target.version()).since(before);
            difference = sound.compare(written);
            caughtBy = caughtBy(session, written, sound);
        } catch (SQLException e) {
            return notMade(fault, e);
        } finally {
            session.execute("rollback");
        }
        if (isOver(budget)) {
            // The time-out may be the reason why an expectation failed.
            return TestedFault.without(fault, Outcome.NOT_TRIED, NO_TIME);
        }
        if (!sound.isObservable(difference)) {
            return TestedFault.without(fault, Outcome.UNVIABLE, fault.kind().withoutEffect());
        }
        return result(session, fault, caughtBy, sound.answers(difference));
    }

    /** The result for a fault that the server refuses, such as one that violates a check constraint. */
    private static TestedFault notMade(Fault fault, SQLException e) throws SQLException {
        SqlState state = SqlState.of(e);
        if (SqlState.isLostConnection(e)
                || state.isOfAServerThatIsDown()
                || state.isOfTheSystem()
                || state.code().isEmpty()) {
            throw e;
        }
        if (state.is(CANCELED) || state.lacksResources()) {
            return TestedFault.without(
                    fault,
                    Outcome.NOT_TRIED,
                    state.is(CANCELED) ? NO_TIME : "the server lacks resources for it (SQLSTATE " + state + ")");
        }
        return TestedFault.without(fault, Outcome.UNVIABLE, "PostgreSQL refuses it (SQLSTATE " + state + ")");
    }

    private TestedFault result(Session session, Fault fault, List<String> caughtBy, SoundCopy.Answers answers)
            throws SQLException {
        boolean caught = !caughtBy.isEmpty();
        return new TestedFault(
                fault.kind().tag(),
                fault.object(),
                fault.sentence(),
                caught ? Outcome.CAUGHT : Outcome.MISSED,
                null,
                caughtBy,
                answers.source(),
                answers.archiveAlone(),
                answers.inContentAlone(),
                caught ? null : fault.suggestion(answer(session, fault)));
    }

    /** Runs the question in the same way as an expectation: a query sees the schema public. */
    private static String answer(Session session, Fault fault) throws SQLException {
        String question = fault.question();
        if (question == null) {
            return "";
        }
        session.execute("begin read only; set local search_path = public");
        try {
            String answer = String.valueOf(session.text(question));
            return switch (answer) {
                case "t" -> "true";
                case "f" -> "false";
                default -> answer;
            };
        } finally {
            session.execute("rollback");
        }
    }

    /** Tests the expectations that the fault can affect, in the same way as a verification. */
    private List<String> caughtBy(Session session, WrittenTables written, SoundCopy sound) throws SQLException {
        List<Expectation> reached = run.plan().expectations().stream()
                .filter(expectation -> written.definitions() || isReached(expectation, written, sound))
                .toList();
        session.execute("savepoint asked; set transaction read only");
        List<String> caughtBy = failing(new Introspection(reached).ask(session));
        session.execute("rollback to savepoint asked");
        return caughtBy;
    }

    private static boolean isReached(Expectation expectation, WrittenTables written, SoundCopy sound) {
        if (expectation instanceof ObjectExpectation object && WITHOUT_ROWS.contains(object.objectKind())) {
            return false;
        }
        Optional<TableName> table = expectation.table().map(Trial::tableName);
        return table.isEmpty()
                || sound.mayHoldRowsOfOthers(table.get())
                || written.tables().contains(table.get());
    }

    private static TableName tableName(QualifiedName name) {
        return new TableName(name.parts().get(0), name.last());
    }

    /** The expectations that do not hold. */
    static List<String> failing(Map<Expectation, Map<String, Observation>> observations) {
        return observations.entrySet().stream()
                .filter(each -> each.getValue().values().stream().anyMatch(Observation::fails))
                .map(each -> each.getKey().title())
                .collect(Collectors.toList());
    }
}
