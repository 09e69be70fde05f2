package io.github.pgbackup.run;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.StoredArchive;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.baseline.DatabaseComparison;
import io.github.pgbackup.check.Findings;
import io.github.pgbackup.check.HistoryComparison;
import io.github.pgbackup.engine.Isolation;
import io.github.pgbackup.engine.Removal;
import io.github.pgbackup.evidence.Audit;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.evidence.VerificationReport.Problem;
import io.github.pgbackup.evidence.VerificationReport.SeveralJobs;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.expectation.QueryExpectation;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.fault.TestedFault;
import io.github.pgbackup.handover.RestoredConnection;
import io.github.pgbackup.handover.Tool;
import io.github.pgbackup.plan.RehearsalPlan;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.rehearsal.RehearsalLimits;
import io.github.pgbackup.rehearsal.RehearsalReport;
import io.github.pgbackup.restore.RestoreError;
import io.github.pgbackup.restore.RestoreResult;
import io.github.pgbackup.source.Probe;
import io.github.pgbackup.source.ServerIdentity;
import io.github.pgbackup.source.Source;
import io.github.pgbackup.stage.Stages;
import io.github.pgbackup.text.Counted;
import io.github.pgbackup.use.HandOver;
import io.github.pgbackup.use.RehearsalJudgement;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what becomes known in a run, so that a run that ends early still has a report of what it did. Stages that run at
 * once tell it what they find.
 */
public final class ReportBuilder {

    /** Checks before all others, in this order, however the stages that made them ran. */
    private static final List<String> FIRST_GROUPS = List.of("identity", "production", "archive");

    /** In a sentence. */
    private static final int NAMED = 5;

    private final String plugin;
    private final VerificationPlan plan;
    private final Instant startedAt = Instant.now();
    private final List<Check> checks = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private List<String> doesNotContain = List.of();
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

    ReportBuilder(String plugin, VerificationPlan plan) {
        this.plugin = plugin;
        this.plan = plan;
    }

    /** The plugin's version. */
    public String plugin() {
        return plugin;
    }

    public Instant startedAt() {
        return startedAt;
    }

    synchronized Verdict verdict() {
        if (problem != null) {
            return Verdict.NOT_VERIFIED;
        }
        return checks.stream().allMatch(Check::passed) ? Verdict.PASS : Verdict.FAIL;
    }

    /** The first problem is the one to solve; what follows it is its consequence. */
    synchronized void problem(CannotVerifyException found) {
        if (problem == null) {
            problem = new Problem(found.fact(), found.remedy());
        } else {
            warnings.add(found.fact());
        }
    }

    public synchronized void warning(String sentence) {
        warnings.add(sentence);
    }

    public synchronized void check(Check check) {
        checks.add(check);
    }

    public synchronized void doesNotContain(List<String> left) {
        doesNotContain = left;
    }

    public synchronized void source(Source reached) {
        ServerIdentity identity = reached.identity();
        source = new VerificationReport.Source(
                identity.database(),
                identity.role(),
                identity.superuser(),
                identity.version().toString(),
                identity.systemIdentifier().orElse(""),
                reached.container()
                        .map(container -> "container " + container.label())
                        .orElseGet(() -> identity.address().orElse("(Unix socket)")
                                + (identity.port().isPresent()
                                        ? ":" + identity.port().getAsInt()
                                        : "")),
                identity.startedAt(),
                identity.inRecovery(),
                Objects.requireNonNull(plan.source()).url().servers());
    }

    /** Now that it is let go. */
    public synchronized void snapshot(String id, Instant takenAt, Duration held) {
        Duration takenAfter = Duration.between(startedAt, Instant.now()).minus(held);
        snapshot = new VerificationReport.Snapshot(id, takenAt, takenAfter, held);
    }

    /** Also of a run that ended early: production held it all the same. */
    public synchronized void snapshotUnlessKnown(String id, Instant takenAt, Duration held) {
        if (snapshot == null) {
            snapshot(id, takenAt, held);
        }
    }

    public synchronized void archive(
            Archive taken, String path, ClientPrograms client, ServerIdentity identity, Duration duration) {
        archive = new VerificationReport.Archive(
                path,
                taken.sha256(),
                taken.size(),
                taken.format().toString(),
                taken.contents().compression().toString(),
                taken.contents().archiveVersion(),
                taken.contents().entries().size(),
                "pg_dump " + client.version(),
                identity.version().toString(),
                identity.role(),
                identity.superuser(),
                duration,
                true,
                null,
                null);
    }

    /**
     * One that was there already.
     *
     * @param files one, or several that make it together
     * @param takenAt of what instant it is, as far as manifest or header tell
     */
    public synchronized void archive(
            StoredArchive stored,
            List<StoredArchive> files,
            String found,
            Instant takenAt,
            @Nullable Path manifest,
            Duration duration) {
        TableOfContents contents = stored.archive().contents();
        archive = new VerificationReport.Archive(
                stored.path().toString(),
                stored.sha256(),
                stored.size(),
                contents.format().toString(),
                contents.compression().toString(),
                contents.archiveVersion(),
                contents.entries().size(),
                "pg_dump " + contents.dumpVersion(),
                contents.serverVersion(),
                null,
                null,
                duration,
                true,
                null,
                new VerificationReport.Given(
                        contents.databaseName(),
                        found,
                        stored.form(),
                        contents.createdAt().toString(),
                        takenAt,
                        manifest == null ? null : manifest.toString(),
                        files.size() < 2
                                ? null
                                : files.stream()
                                        .map(file -> new VerificationReport.GivenFile(
                                                file.path().toString(), file.sha256(), file.size(), file.form()))
                                        .toList()));
    }

    public synchronized void dumpCommand(List<String> line) {
        dumpCommand = line;
    }

    public synchronized void restoreCommand(List<String> line) {
        restoreCommand = line;
    }

    public synchronized void archiveDeleted() {
        VerificationReport.Archive taken = archive;
        if (taken != null) {
            archive = with(taken, false, taken.stored());
        }
    }

    synchronized void archiveStored(VerificationReport.Stored stored) {
        VerificationReport.Archive taken = archive;
        if (taken != null) {
            archive = with(taken, taken.kept(), stored);
        }
    }

    private static VerificationReport.Archive with(
            VerificationReport.Archive taken, boolean kept, VerificationReport.@Nullable Stored stored) {
        return new VerificationReport.Archive(
                taken.path(),
                taken.sha256(),
                taken.bytes(),
                taken.format(),
                taken.compression(),
                taken.archiveVersion(),
                taken.entries(),
                taken.client(),
                taken.serverVersion(),
                taken.role(),
                taken.superuser(),
                taken.duration(),
                kept,
                stored,
                taken.given());
    }

    public synchronized void target(String engine, String reason, ServerIdentity identity, Isolation isolation) {
        Map<String, String> facts = new LinkedHashMap<>(isolation.facts());
        facts.put("identity", identity.describe());
        target =
                new VerificationReport.Target(engine, reason, identity.version().toString(), facts, Map.of());
    }

    public synchronized void removal(Removal removal) {
        VerificationReport.Target started = target;
        if (started != null) {
            target = new VerificationReport.Target(
                    started.engine(), started.reason(), started.serverVersion(), started.isolation(), removal.facts());
        }
        check(Check.of(
                "target",
                "gone afterwards, with its data",
                "yes",
                removal.complete() ? "yes" : "no: " + removal.facts(),
                removal.complete()));
    }

    /**
     * Judges.
     *
     * @param judged what decides
     * @param severalJobs what was found before, when a restore with several jobs called for one with one job; else null
     */
    synchronized void restored(VerificationPlan plan, Findings judged, @Nullable Findings severalJobs) {
        RestoreResult result = judged.restored();
        DatabaseComparison compared = judged.comparison();
        restore = new VerificationReport.Restore(
                result.duration(),
                plan.restore().maximumDuration(),
                plan.restore().roles().toString(),
                result.jobs(),
                severalJobs == null ? null : severalJobs(severalJobs, judged),
                result.exitStatus(),
                compared.grade(result.errors()));
        if (plan.archive() != null) {
            // Of an archive that the run took its hash vouches for its end.
            checks.add(Check.of(
                    "restore",
                    "pg_restore read the archive to its end",
                    "yes",
                    result.reachedTheEnd() ? "yes" : "no: " + lastError(result),
                    result.reachedTheEnd()));
        }
        Duration budget = plan.restore().maximumDuration();
        if (budget != null) {
            checks.add(Check.of(
                    "restore",
                    "recovery time",
                    "at most " + budget,
                    result.duration().truncatedTo(ChronoUnit.MILLIS).toString(),
                    result.duration().compareTo(budget) <= 0));
        }
        checks.addAll(judged.expectations());
        comparison = compared.facts();
        List<String> left = new ArrayList<>(doesNotContain);
        left.addAll(compared.lost());
        doesNotContain = left;
        checks.addAll(compared.checks());
        if (plan.comparison().includes(io.github.pgbackup.plan.Comparison.ROWS)) {
            restore.errors().stream()
                    .filter(error -> !error.harmless() && error.entry().isEmpty())
                    .forEach(error -> checks.add(Check.of(
                            "restore",
                            "errors of pg_restore that name no entry",
                            "none",
                            error.message() + " (" + error.reason() + ")",
                            false)));
        }
        result.miscount().ifPresent(warnings::add);
        if (comparison.tables() > 0
                && comparison.rows() == 0
                && plan.expectations().isEmpty()) {
            warnings.add((plan.archive() == null ? "The source has " : "The archive has ")
                    + Counted.of(comparison.tables(), "table") + " and not a single row, and there are no"
                    + " <expectations>: that it is the database that was meant, nothing here can tell.");
        }
    }

    /**
     * What migrations did to the restored database.
     *
     * @param expected what the migrated copy said to what is expected of it
     */
    synchronized void rehearsed(RehearsalReport seen, RehearsalLimits limits, List<Check> expected) {
        rehearsal = seen;
        checks.addAll(RehearsalJudgement.checks(seen, limits));
        checks.addAll(expected);
        RehearsalJudgement.problem(seen).ifPresent(this::problem);
        if (seen.observation().unseen() > 0) {
            warnings.add("The locks of " + Counted.of(seen.observation().unseen(), "transaction")
                    + " of the migration were not seen; they may have been short, or savepoints of others.");
        }
    }

    /** What became of the faults that were made, and whether enough of them were caught. */
    synchronized void tested(ExpectationTest test) {
        expectationTest = test;
        Integer minimum = test.minimumCaught();
        if (minimum != null) {
            checks.add(Check.of(
                    "expectation test",
                    "share of the faults that the expectations catch",
                    "at least " + minimum + " %",
                    test.percentCaught() + " % (" + test.count(TestedFault.Outcome.CAUGHT) + " of " + test.viable()
                            + ")",
                    100 * test.count(TestedFault.Outcome.CAUGHT) >= minimum * test.viable()));
        }
    }

    /** The restored database can be reached from now on. */
    synchronized void handedOver(HandOver opened, RehearsalPlan rehearsal) {
        handOver = new VerificationReport.HandOver(
                opened.connection().login().user(),
                opened.superuser(),
                "a relay in Maven's JVM at " + RestoredConnection.HOST
                        + ", on a random port and with a random password (SCRAM-SHA-256); the server itself has no port and"
                        + " no network",
                rehearsal.tools().stream().map(Tool::toString).sorted().toList(),
                rehearsal.maximumLifetime(),
                null,
                null);
    }

    synchronized void handOverEnded(Duration lasted, int sessions) {
        VerificationReport.HandOver begun = handOver;
        if (begun != null) {
            handOver = new VerificationReport.HandOver(
                    begun.role(),
                    begun.superuser(),
                    begun.way(),
                    begun.tools(),
                    begun.maximumLifetime(),
                    lasted,
                    sessions);
        }
    }

    /** Judges by the runs before this one. */
    synchronized void compareWith(HistoryComparison history) throws IOException {
        VerificationReport.Source of = source;
        VerificationReport.Archive taken = archive;
        VerificationReport.Compared counted = comparison;
        if (taken != null && counted != null) {
            HistoryComparison.Result result = history.compare(
                    taken.given() == null
                            ? Objects.requireNonNull(of).database()
                            : taken.given().database(),
                    of == null ? "" : of.server(),
                    startedAt,
                    taken.sha256(),
                    counted.tableRows());
            checks.addAll(result.checks());
            warnings.addAll(result.warnings());
        }
    }

    private static String lastError(RestoreResult result) {
        List<RestoreError> errors = result.errors();
        return errors.isEmpty()
                ? "it exited with " + result.exitStatus()
                : errors.get(errors.size() - 1).message();
    }

    private SeveralJobs severalJobs(Findings first, Findings judged) {
        int jobs = first.restored().jobs();
        List<String> lost = first.lostUnlike(judged);
        if (!lost.isEmpty()) {
            warnings.add("pg_restore with " + Counted.of(jobs, "job") + " changes or loses "
                    + String.join(", ", lost.stream().limit(NAMED).toList())
                    + (lost.size() > NAMED ? " and " + (lost.size() - NAMED) + " more" : "")
                    + "; restore with one job (--jobs=1) on the worst day.");
        }
        return new SeveralJobs(jobs, first.restored().duration(), lost);
    }

    public synchronized void production(
            Map<String, String> sessions, Probe probe, Map<Expectation, Map<String, Observation>> observations) {
        production = new VerificationReport.Production(sessions, List.of(), state(probe, observations), Map.of());
    }

    public synchronized void productionAfter(
            Probe before, Probe after, Map<Expectation, Map<String, Observation>> observations, String transactionId) {
        VerificationReport.Production known = production;
        if (known == null) {
            return;
        }
        Map<String, String> sessions = new LinkedHashMap<>(known.sessions());
        sessions.put("probe session", transactionId);
        Map<String, String> now = state(after, observations);
        List<String> changed = new ArrayList<>(Probe.difference(before, after));
        known.before().forEach((name, was) -> {
            String is = now.get(name);
            if (is != null && !is.equals(was) && !after.observations().containsKey(name)) {
                changed.add(name + ": " + was + " before, " + is + " after");
            }
        });
        production = new VerificationReport.Production(sessions, changed, known.before(), now);
    }

    private static Map<String, String> state(Probe probe, Map<Expectation, Map<String, Observation>> observations) {
        Map<String, String> state = new LinkedHashMap<>(probe.observations());
        observations.forEach((expectation, aspects) -> aspects.forEach((aspect, observation) ->
                state.put(expectation.kind() + " " + expectation.name() + ": " + aspect, observation.text())));
        return state;
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

    synchronized VerificationReport build(Stages stages) {
        return new VerificationReport(
                plugin,
                verdict(),
                startedAt,
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

    /** Of a dump that the run took by the clock of this machine alone. */
    private @Nullable Duration backupAge(List<VerificationReport.Stage> finished) {
        Duration taken;
        if (archive != null && archive.given() != null) {
            taken = Duration.between(startedAt, archive.given().takenAt());
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
