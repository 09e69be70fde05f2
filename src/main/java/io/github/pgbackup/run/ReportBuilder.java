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
import io.github.pgbackup.evidence.VerificationReport.Archive;
import io.github.pgbackup.evidence.VerificationReport.Compared;
import io.github.pgbackup.evidence.VerificationReport.Context;
import io.github.pgbackup.evidence.VerificationReport.Ended;
import io.github.pgbackup.evidence.VerificationReport.Problem;
import io.github.pgbackup.evidence.VerificationReport.Query;
import io.github.pgbackup.evidence.VerificationReport.Snapshot;
import io.github.pgbackup.evidence.VerificationReport.Stored;
import io.github.pgbackup.expectation.QueryExpectation;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.rehearsal.RehearsalReport;
import io.github.pgbackup.stage.Stages;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Collects what the steps of a run return, so that a run that ends early still reports what it did. Only the run adds to
 * it, but another thread can end a hand-over.
 */
final class ReportBuilder {

    /** The groups of checks that come first, in this order, whatever the order of the stages. */
    private static final List<String> FIRST_GROUPS = List.of("identity", "production", "archive");

    private final VerificationPlan plan;
    private final Stages stages;
    private VerificationReport report;

    ReportBuilder(String plugin, VerificationPlan plan, Stages stages) {
        this.plan = plan;
        this.stages = stages;
        this.report = VerificationReport.begun(plugin, stages.startedAt());
    }

    synchronized Verdict verdict() {
        return report.verdict();
    }

    /** What is known so far. */
    synchronized VerificationReport soFar() {
        return report;
    }

    /** The first problem is the one to solve; later problems follow from it and become warnings. */
    synchronized void problem(CannotVerifyException found) {
        add(
                report.outcome().problem().isEmpty()
                        ? new Problem(found.fact(), found.remedy())
                        : new Fact.Warning(found.fact()));
    }

    void warning(String sentence) {
        add(new Fact.Warning(sentence));
    }

    synchronized void add(Fact fact) {
        report = report.with(fact);
    }

    /** Adds what a step has found since the last call. */
    synchronized void add(Facts found) {
        found.take().forEach(this::add);
    }

    synchronized void add(List<Check> found) {
        report = report.withChecks(
                Stream.concat(report.checks().stream(), found.stream()).toList());
    }

    synchronized void archiveDeleted() {
        report.acquired().archive().map(Archive::deleted).ifPresent(this::add);
    }

    synchronized void archiveStored(Stored stored) {
        report.acquired().archive().map(archive -> archive.storedIn(stored)).ifPresent(this::add);
    }

    synchronized void removal(Removal removal) {
        report.restored()
                .target()
                .map(target -> target.removed(removal.facts()))
                .ifPresent(this::add);
        add(Check.of(
                "target",
                "removed afterwards, with its data",
                "yes",
                removal.complete() ? "yes" : "no: " + removal.facts(),
                removal.complete()));
    }

    synchronized void judged(Judgement judgement) {
        add(judgement.restore());
        add(judgement.comparison());
        add(judgement.checks());
        add(new Fact.NotContained(judgement.lost()));
        judgement.warnings().forEach(this::warning);
    }

    /** Adds the result of the test of the expectations. */
    synchronized void tested(ExpectationTest test) {
        report = report.with(test);
    }

    synchronized void handOverEnded(Duration lasted, int sessions) {
        report.used()
                .handOver()
                .map(handOver -> handOver.after(new Ended(lasted, sessions)))
                .ifPresent(this::add);
    }

    /** Adds what migrations did to the restored database. */
    synchronized void rehearsed(RehearsalReport seen) {
        report = report.with(seen);
    }

    synchronized VerificationReport build() {
        return report.withChecks(inOrder())
                .ended(stages.elapsed(), stages.finished())
                .with(context());
    }

    private List<Check> inOrder() {
        return report.checks().stream()
                .sorted(Comparator.comparingInt(check -> {
                    int first = FIRST_GROUPS.indexOf(check.group());
                    return first < 0 ? FIRST_GROUPS.size() : first;
                }))
                .toList();
    }

    private Context context() {
        return new Context(
                plan.demands(),
                plan.parameters(),
                plan.expectations().stream()
                        .filter(QueryExpectation.class::isInstance)
                        .map(QueryExpectation.class::cast)
                        .map(query -> new Query(
                                query.name(), query.sql(), query.returns(), Optional.ofNullable(query.role())))
                        .toList(),
                Optional.ofNullable(plan.trust().boundTo()),
                new Audit(
                        plan.trust().runBy(),
                        backupAge(),
                        Audit.notTested(plan, report.checked().comparison().map(Compared::coverage))));
    }

    /** The age of the backup when its restore began. For a dump that the run took, only this machine's clock counts. */
    private Optional<Duration> backupAge() {
        return report.acquired()
                .given()
                .map(given -> Duration.between(stages.startedAt(), given.takenAt()))
                .or(() -> report.acquired().snapshot().map(Snapshot::takenAfter))
                .flatMap(taken -> stages.finished().stream()
                        .filter(stage -> stage.name().equals(BackupVerification.RESTORE))
                        .findFirst()
                        .map(stage -> stage.startedAfter().minus(taken)));
    }
}
