package io.github.pgbackup.run;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.check.Judgement;
import io.github.pgbackup.engine.Removal;
import io.github.pgbackup.evidence.Audit;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Fact;
import io.github.pgbackup.evidence.Facts;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.evidence.VerificationReport.Problem;
import io.github.pgbackup.expectation.QueryExpectation;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.rehearsal.RehearsalReport;
import io.github.pgbackup.stage.Stages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects what the steps of a run return, so that a run that ends early still reports what it did. Only the run adds to
 * it, but another thread can end a hand-over.
 */
final class ReportBuilder {

    /** The groups of checks that come first, in this order, whatever the order of the stages. */
    private static final List<String> FIRST_GROUPS = List.of("identity", "production", "archive");

    private final String plugin;
    private final VerificationPlan plan;
    private final Stages stages;
    private final List<Check> checks = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<String> doesNotContain = new ArrayList<>();
    private @Nullable Problem problem;
    private VerificationReport.@Nullable Source source;
    private VerificationReport.@Nullable Snapshot snapshot;
    private VerificationReport.@Nullable Archive archive;
    private VerificationReport.@Nullable Target target;
    private VerificationReport.@Nullable Restore restore;
    private VerificationReport.@Nullable Compared comparison;
    private VerificationReport.@Nullable Production production;
    private @Nullable ExpectationTest expectationTest;
    private VerificationReport.@Nullable HandOver handOver;
    private @Nullable RehearsalReport rehearsal;
    private @Nullable List<String> dumpCommand;
    private @Nullable List<String> restoreCommand;

    ReportBuilder(String plugin, VerificationPlan plan, Stages stages) {
        this.plugin = plugin;
        this.plan = plan;
        this.stages = stages;
    }

    synchronized Verdict verdict() {
        if (problem != null) {
            return Verdict.NOT_VERIFIED;
        }
        return checks.stream().allMatch(Check::passed) ? Verdict.PASS : Verdict.FAIL;
    }

    /** The first problem is the one to solve; later problems follow from it and become warnings. */
    synchronized void problem(CannotVerifyException found) {
        if (problem == null) {
            problem = new Problem(found.fact(), List.of(), found.remedy());
        } else {
            warnings.add(found.fact());
        }
    }

    synchronized void warning(String sentence) {
        warnings.add(sentence);
    }

    /** Adds what a step has found since the last call. */
    synchronized void add(Facts found) {
        found.take().forEach(this::add);
    }

    synchronized void add(List<Check> found) {
        checks.addAll(found);
    }

    synchronized void add(Fact fact) {
        if (fact instanceof Check check) {
            checks.add(check);
        } else if (fact instanceof Fact.Warning warning) {
            warnings.add(warning.sentence());
        } else if (fact instanceof Fact.NotContained left) {
            doesNotContain.clear();
            doesNotContain.addAll(left.left());
        } else if (fact instanceof Fact.DumpCommand command) {
            dumpCommand = command.words();
        } else if (fact instanceof Fact.RestoreCommand command) {
            restoreCommand = command.words();
        } else if (fact instanceof VerificationReport.Source section) {
            source = section;
        } else if (fact instanceof VerificationReport.Snapshot section) {
            snapshot = section;
        } else if (fact instanceof VerificationReport.Archive section) {
            archive = section;
        } else if (fact instanceof VerificationReport.Target section) {
            target = section;
        } else if (fact instanceof VerificationReport.Production section) {
            production = section;
        }
    }

    synchronized VerificationReport.@Nullable Source source() {
        return source;
    }

    synchronized VerificationReport.@Nullable Archive archive() {
        return archive;
    }

    synchronized VerificationReport.@Nullable Compared comparison() {
        return comparison;
    }

    synchronized void archiveDeleted() {
        if (archive != null) {
            archive = archive.deleted();
        }
    }

    synchronized void archiveStored(VerificationReport.Stored stored) {
        if (archive != null) {
            archive = archive.storedIn(stored);
        }
    }

    synchronized void removal(Removal removal) {
        if (target != null) {
            target = target.removed(removal.facts());
        }
        checks.add(Check.of(
                "target",
                "removed afterwards, with its data",
                "yes",
                removal.complete() ? "yes" : "no: " + removal.facts(),
                removal.complete()));
    }

    synchronized void judged(Judgement judgement) {
        restore = judgement.restore();
        comparison = judgement.comparison();
        checks.addAll(judgement.checks());
        doesNotContain.addAll(judgement.lost());
        warnings.addAll(judgement.warnings());
    }

    /** Adds the result of the test of the expectations. */
    synchronized void tested(ExpectationTest test) {
        expectationTest = test;
    }

    /** Notes that others can connect to the restored database from now on. */
    synchronized void handedOver(VerificationReport.HandOver begun) {
        handOver = begun;
    }

    synchronized void handOverEnded(Duration lasted, int sessions) {
        if (handOver != null) {
            handOver = handOver.ended(lasted, sessions);
        }
    }

    /** Adds what migrations did to the restored database. */
    synchronized void rehearsed(RehearsalReport seen) {
        rehearsal = seen;
    }

    private VerificationReport.Method method() {
        return new VerificationReport.Method(
                plan.parameters(),
                dumpCommand,
                restoreCommand,
                plan.expectations().stream()
                        .filter(QueryExpectation.class::isInstance)
                        .map(QueryExpectation.class::cast)
                        .map(query ->
                                new VerificationReport.Query(query.name(), query.sql(), query.returns(), query.role()))
                        .toList());
    }

    private List<Check> inOrder() {
        return checks.stream()
                .sorted(Comparator.comparingInt(check -> {
                    int first = FIRST_GROUPS.indexOf(check.group());
                    return first < 0 ? FIRST_GROUPS.size() : first;
                }))
                .toList();
    }

    synchronized VerificationReport build() {
        return new VerificationReport(
                plugin,
                verdict(),
                stages.startedAt(),
                stages.elapsed(),
                problem,
                source,
                snapshot,
                archive,
                target,
                restore,
                comparison,
                production,
                inOrder(),
                stages.finished(),
                doesNotContain,
                warnings,
                plan.demands(),
                method(),
                plan.trust().boundTo(),
                new Audit(plan.trust().runBy(), backupAge(stages.finished()), Audit.notTested(plan, comparison)),
                expectationTest,
                handOver,
                rehearsal);
    }

    /** The age of the backup when its restore began. For a dump that the run took, only this machine's clock counts. */
    private @Nullable Duration backupAge(List<VerificationReport.Stage> finished) {
        Duration taken;
        if (archive != null && archive.given() != null) {
            taken = Duration.between(stages.startedAt(), archive.given().takenAt());
        } else if (snapshot != null) {
            taken = snapshot.takenAfter();
        } else {
            return null;
        }
        return finished.stream()
                .filter(stage -> stage.name().equals(BackupVerification.RESTORE))
                .findFirst()
                .map(stage -> stage.startedAfter().minus(taken))
                .orElse(null);
    }
}
