package io.github.pgbackup.production;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.baseline.SourceDescription;
import io.github.pgbackup.comparison.DatabaseObservations;
import io.github.pgbackup.comparison.DatabaseObservations.SequenceObservation;
import io.github.pgbackup.comparison.ExtensionVersions;
import io.github.pgbackup.comparison.ForeignReads;
import io.github.pgbackup.comparison.HashOnServer;
import io.github.pgbackup.comparison.RowHash;
import io.github.pgbackup.comparison.SourceCatalog;
import io.github.pgbackup.comparison.SourceObservations;
import io.github.pgbackup.comparison.TableName;
import io.github.pgbackup.container.ContainerState;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Facts;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.expectation.AbsentNames;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Introspection;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.manifest.Answer;
import io.github.pgbackup.manifest.Manifest;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.restore.Role;
import io.github.pgbackup.restore.RoleProvisioning;
import io.github.pgbackup.restore.RoleSettings;
import io.github.pgbackup.source.BlockingLimits;
import io.github.pgbackup.source.ExtensionLibraries;
import io.github.pgbackup.source.Identity;
import io.github.pgbackup.source.ParallelRestore;
import io.github.pgbackup.source.Probe;
import io.github.pgbackup.source.ProductionWatcher;
import io.github.pgbackup.source.ServerIdentity;
import io.github.pgbackup.source.Snapshot;
import io.github.pgbackup.source.Source;
import io.github.pgbackup.source.Visibility;
import io.github.pgbackup.stage.Interruption;
import io.github.pgbackup.stage.Problems;
import io.github.pgbackup.stage.Run;
import io.github.pgbackup.text.Counted;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The source as a run queries it: its identity, one snapshot, the observations under that snapshot, and whether the
 * source is unchanged at the end. Other sessions wait for us no longer than {@code maximumBlocking} or, if they block
 * nobody else themselves, {@code maximumSnapshotBlocking}.
 */
public final class Production implements AutoCloseable {

    /** The observations from before pg_dump starts. */
    public record Before(
            Map<TableName, SequenceObservation> sequences,
            List<Role> roles,
            RoleSettings settings,
            ExtensionLibraries libraries,
            ParallelRestore parallel) {}

    /**
     * The source's answers under the snapshot.
     *
     * @param observations the observations for the comparison
     */
    public record Answers(
            Probe probe,
            Map<Expectation, Map<String, Observation>> expectations,
            SourceObservations observations,
            List<String> doesNotContain) {}

    /** Chooses a function for hashing the source's rows. */
    public interface Hashing {
        RowHash choose(Session source) throws Exception;
    }

    /** The source at the end of the run. */
    private record After(Probe probe, Map<Expectation, Map<String, Observation>> expectations) {}

    private final Run run;
    private final SourceOpener sources;
    private final Source source;
    private final Facts facts;
    private @Nullable Snapshot snapshot;
    private boolean snapshotReported;
    private Map<String, String> assigned = Map.of();
    private @Nullable ProductionWatcher watcher;

    private Production(Run run, SourceOpener sources, Source source, Facts facts) {
        this.run = run;
        this.sources = sources;
        this.source = source;
        this.facts = facts;
    }

    /**
     * Checks that this is the expected server and that our role sees everything.
     *
     * @param facts receives the findings, now and later
     * @throws CannotVerifyException when it is a different server, or the role does not see everything
     */
    public static Production guard(Run run, SourceOpener sources, Facts facts)
            throws SQLException, InterruptedException {
        Source source = sources.open(Objects.requireNonNull(run.plan().source()));
        ServerIdentity identity = source.identity();
        facts.add(section(source, run.plan()));
        List<Identity.Finding> findings = run.plan().identity().findings(identity, source.container());
        findings.forEach(finding ->
                facts.add(Check.of("identity", finding.name(), finding.expected(), finding.actual(), finding.holds())));
        Optional<CannotVerifyException> refusal = Identity.refusal(findings);
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        try (Session session = source.connect()) {
            run.interruption().onInterrupt(session::cancel);
            List<Visibility.Obstacle> obstacles = Visibility.obstacles(session);
            if (!obstacles.isEmpty()) {
                throw new CannotVerifyException(
                        "The source's role does not see everything, so a dump by it would not be complete.\n"
                                + obstacles.stream()
                                        .map(Visibility.Obstacle::fact)
                                        .collect(Collectors.joining("\n")),
                        Remedy.all(obstacles.stream()
                                .map(Visibility.Obstacle::remedy)
                                .toList()));
            }
        }
        run.console().info("  " + source.describe() + " as " + identity.role() + ", PostgreSQL " + identity.version());
        return new Production(run, sources, source, facts);
    }

    private static VerificationReport.Source section(Source reached, VerificationPlan plan) {
        ServerIdentity identity = reached.identity();
        return new VerificationReport.Source(
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

    public Source source() {
        return source;
    }

    /** The name of the source, for the beginning of a sentence. */
    public String name() {
        return "The source " + source.describe();
    }

    /** Runs a query and names this server if the connection is lost; needed for queries that run concurrently. */
    public <T> T ask(Callable<T> question) throws Exception {
        try {
            return question.call();
        } catch (SQLException e) {
            throw Problems.of(e, run.interruption().reason(), name());
        }
    }

    /** Size of the whole database on disk in bytes, including indexes. */
    public long databaseSize() throws SQLException, InterruptedException {
        try (Session session = source.connect()) {
            run.interruption().onInterrupt(session::cancel);
            return session.number("select pg_catalog.pg_database_size(current_database())");
        }
    }

    public Snapshot takeSnapshot() throws InterruptedException, SQLException {
        Snapshot taken = Snapshot.take(source, run.plan().lockWaitTimeout());
        snapshot = taken;
        run.interruption().onInterrupt(taken::abandon);
        watcher = watch(taken.session(), "dump");
        run.console()
                .info("  " + taken.id() + ", " + Counted.of(taken.tables(), "table") + " locked in ACCESS SHARE mode");
        return taken;
    }

    private ProductionWatcher watch(Session session, String what) throws SQLException {
        return ProductionWatcher.start(
                source,
                session.pid(),
                new BlockingLimits(run.plan().maximumBlocking(), run.plan().maximumSnapshotBlocking()),
                sentence -> run.interruption()
                        .interrupt(new Interruption.Reason(
                                "The " + what + " was cancelled to protect production: " + sentence,
                                Remedy.RAISE_MAXIMUM_BLOCKING,
                                true)),
                sentence -> run.interruption()
                        .interrupt(new Interruption.Reason(sentence, Remedy.LOOK_AT_THE_NETWORK, true)));
    }

    /**
     * Lets the watcher use the snapshot's session. With several jobs, pg_dump opens one more connection than it has
     * jobs. To keep to two connections more than jobs, the watcher shares this session until the dump has ended.
     */
    public void lendSession(Snapshot snapshot) {
        if (watcher != null) {
            watcher.lend(snapshot.session());
        }
    }

    /**
     * Reads sequences before pg_dump does: snapshots do not cover them, and the archive's values must not be behind.
     */
    public Before inspectBefore(Snapshot snapshot) throws SQLException {
        Session session = snapshot.session();
        return new Before(
                run.plan().comparison().includes(Comparison.ROWS) ? DatabaseObservations.sequences(session) : Map.of(),
                RoleProvisioning.rolesOf(session, source.identity().version()),
                run.plan().rehearsal() == null ? RoleSettings.NONE : RoleSettings.of(session),
                ExtensionLibraries.of(session),
                ParallelRestore.of(session));
    }

    /** Describes the source before pg_dump reads the catalogs; empty when definitions are not compared. */
    public Optional<SourceDescriber> describe(Snapshot snapshot) throws SQLException, IOException {
        return run.plan().comparison().includes(Comparison.SCHEMA)
                ? Optional.of(SourceDescriber.start(
                        snapshot.session(), source.identity().superuser(), run.folder()::description))
                : Optional.empty();
    }

    /**
     * Reads everything that is compared later, under the snapshot.
     *
     * @param hashing chooses the function for hashing rows, if they are hashed
     */
    public Answers answers(Snapshot snapshot, Before before, Hashing hashing) throws Exception {
        if (watcher != null) {
            watcher.takeBack();
        }
        Session session = snapshot.session();
        Comparison comparison = run.plan().comparison();
        Probe probe = Probe.inTransaction(session);
        Map<Expectation, Map<String, Observation>> expectations =
                Introspection.ofSource(run.plan().expectations()).ask(session);
        facts.warn(AbsentNames.warnings(run.plan().expectations(), session));
        RowHash hash = comparison.includes(Comparison.CONTENT) ? hashing.choose(session) : null;
        DatabaseObservations rows = null;
        if (comparison.includes(Comparison.ROWS)) {
            DatabaseObservations.Tables tables = DatabaseObservations.Tables.of(session);
            rows = DatabaseObservations.of(
                    session, tables, tables.ask(session, hash, false), hash != null, before.sequences());
        }
        ForeignReads foreignReads = ForeignReads.of(session);
        return new Answers(
                probe,
                expectations,
                new SourceObservations(
                        hash == null ? null : HashOnServer.of(hash, session),
                        comparison.includes(Comparison.SCHEMA) ? SourceCatalog.of(session) : null,
                        ExtensionVersions.of(session),
                        foreignReads,
                        rows),
                NotContained.in(session, before.roles(), foreignReads));
    }

    /** Counts the rows of each table, the only observations that can be compared with an older backup. */
    public Answers counts(Snapshot snapshot) throws SQLException {
        Session session = snapshot.session();
        Probe probe = Probe.inTransaction(session);
        DatabaseObservations.Tables tables = DatabaseObservations.Tables.of(session);
        DatabaseObservations rows =
                DatabaseObservations.of(session, tables, tables.ask(session, null, false), false, Map.of());
        return new Answers(
                probe,
                Map.of(),
                new SourceObservations(null, null, ExtensionVersions.of(session), ForeignReads.of(session), rows),
                List.of());
    }

    /** Releases the snapshot and with it all locks; proves that none of our sessions has written. */
    public Answers release(Snapshot snapshot, Answers answers) throws SQLException {
        ProductionWatcher.Observations observations = watcher == null ? null : watcher.observations();
        if (watcher != null) {
            watcher.close();
        }
        Map<String, String> sessions = new LinkedHashMap<>();
        Optional<String> ofSnapshot = snapshot.release();
        sessions.put("snapshot session", transactionId(ofSnapshot));
        report(snapshot);
        if (observations != null) {
            sessions.put(
                    "pg_dump's and all our other sessions",
                    observations.transactionIds().isEmpty()
                            ? "no transaction id seen in " + Counted.of(observations.samples(), "sample")
                            : "transaction ids " + observations.transactionIds());
            facts.warn(observations.failure());
        }
        assigned = sessions;
        facts.add(new VerificationReport.Production(
                sessions, List.of(), state(answers.probe(), answers.expectations()), Map.of()));
        boolean none = ofSnapshot.isEmpty()
                && (observations == null || observations.transactionIds().isEmpty());
        facts.add(Check.of(
                "production",
                "transaction ids assigned to our sessions",
                "none",
                none ? "none" : sessions.toString(),
                none));
        return answers;
    }

    /** Reports the snapshot after its release. */
    private void report(Snapshot released) {
        snapshotReported = true;
        Duration held = released.age();
        Duration takenAfter =
                Duration.between(run.stages().startedAt(), Instant.now()).minus(held);
        facts.add(new VerificationReport.Snapshot(released.id(), released.takenAt(), takenAfter, held));
    }

    private static Map<String, String> state(Probe probe, Map<Expectation, Map<String, Observation>> observations) {
        Map<String, String> state = new LinkedHashMap<>(probe.observations());
        observations.forEach((expectation, aspects) -> aspects.forEach((aspect, observation) ->
                state.put(expectation.kind() + " " + expectation.name() + ": " + aspect, observation.text())));
        return state;
    }

    /** The manifest of the source, for a later verification of the archive. */
    public Manifest manifest(
            Manifest.Archive archive,
            Snapshot snapshot,
            Before before,
            Answers answers,
            Optional<SourceDescription> definitions) {
        ServerIdentity identity = source.identity();
        return new Manifest(
                archive,
                new Manifest.Source(
                        identity.database(),
                        identity.version().toString(),
                        identity.role(),
                        identity.superuser(),
                        identity.systemIdentifier().orElse(null),
                        identity.inRecovery(),
                        snapshot.id(),
                        snapshot.takenAt()),
                new Manifest.Content(
                        run.plan().comparison(),
                        before.roles(),
                        answers.observations(),
                        Answer.of(answers.expectations()),
                        answers.doesNotContain()),
                definitions
                        .map(each -> new Manifest.Definitions(each.salt(), each.descriptions()))
                        .orElse(null));
    }

    private static String transactionId(Optional<String> id) {
        return id.map(assigned -> "transaction id " + assigned).orElse("no transaction id was assigned");
    }

    public void inspectAfterwards(Answers answers) throws SQLException, InterruptedException {
        try (Session session = source.connect();
                ProductionWatcher watcher = watch(session, "final inspection")) {
            run.interruption().onInterrupt(session::cancel);
            session.answersWithin(Duration.ZERO);
            Introspection introspection =
                    Introspection.ofSource(List.copyOf(answers.expectations().keySet()));
            After after = Snapshot.ask(
                    session, run.plan().lockWaitTimeout(), live -> new After(Probe.of(live), introspection.ask(live)));
            String id = session.text("select pg_catalog.pg_current_xact_id_if_assigned()::text");
            facts.add(afterwards(answers, after, transactionId(Optional.ofNullable(id))));
            facts.warn(watcher.observations().failure());
        }
        source.container().ifPresent(before -> {
            String actual = sources.container(Objects.requireNonNull(run.plan().source()))
                    .inspect()
                    .map(ContainerState::incarnation)
                    .orElse("it is gone");
            facts.add(Check.of(
                    "production",
                    "container " + before.name(),
                    before.incarnation(),
                    actual,
                    before.incarnation().equals(actual)));
        });
    }

    private VerificationReport.Production afterwards(Answers answers, After after, String transactionId) {
        Map<String, String> all = new LinkedHashMap<>(assigned);
        all.put("probe session", transactionId);
        Map<String, String> was = state(answers.probe(), answers.expectations());
        Map<String, String> now = state(after.probe(), after.expectations());
        List<String> changed = new ArrayList<>(Probe.difference(answers.probe(), after.probe()));
        was.forEach((name, before) -> {
            String is = now.get(name);
            if (is != null
                    && !is.equals(before)
                    && !after.probe().observations().containsKey(name)) {
                changed.add(name + ": " + before + " before, " + is + " after");
            }
        });
        return new VerificationReport.Production(all, changed, was, now);
    }

    @Override
    public void close() {
        if (watcher != null) {
            watcher.close();
        }
        if (snapshot != null) {
            snapshot.close();
            if (!snapshotReported) {
                report(snapshot); // production held it even if the run ended early
            }
        }
    }
}
