package io.github.pgbackup.report;

import io.github.pgbackup.evidence.Audit;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Fact;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.evidence.VerificationReport.Archive;
import io.github.pgbackup.evidence.VerificationReport.Compared;
import io.github.pgbackup.evidence.VerificationReport.Context;
import io.github.pgbackup.evidence.VerificationReport.Coverage;
import io.github.pgbackup.evidence.VerificationReport.Ended;
import io.github.pgbackup.evidence.VerificationReport.Given;
import io.github.pgbackup.evidence.VerificationReport.GivenFile;
import io.github.pgbackup.evidence.VerificationReport.GradedError;
import io.github.pgbackup.evidence.VerificationReport.HandOver;
import io.github.pgbackup.evidence.VerificationReport.Problem;
import io.github.pgbackup.evidence.VerificationReport.Production;
import io.github.pgbackup.evidence.VerificationReport.Query;
import io.github.pgbackup.evidence.VerificationReport.Restore;
import io.github.pgbackup.evidence.VerificationReport.SeveralJobs;
import io.github.pgbackup.evidence.VerificationReport.Snapshot;
import io.github.pgbackup.evidence.VerificationReport.Source;
import io.github.pgbackup.evidence.VerificationReport.Stage;
import io.github.pgbackup.evidence.VerificationReport.Stored;
import io.github.pgbackup.evidence.VerificationReport.TableRows;
import io.github.pgbackup.evidence.VerificationReport.TakenBy;
import io.github.pgbackup.evidence.VerificationReport.Target;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.plan.Demands;
import io.github.pgbackup.provenance.BoundTo;
import io.github.pgbackup.provenance.RunBy;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A run that reached every part of a report and found a failure; the same with something else; other runs. */
final class Reports {

    /** A name that PostgreSQL allows and that every format must survive. */
    static final String HOSTILE =
            "t\n[INFO] <script>alert(\"1\")</script> '|`&amp;]]> \u0000\u001B[31m\u202E\uD800\uFFFE ü";

    static final String SHA256 = "a25d18da534031372912acca9ff8d2749e48f6585254feaa76949e4bc9f16548";

    private static final Source SOURCE = new Source(
            "directus",
            "workflow_admin",
            true,
            "15.18",
            "7711492108134469752",
            "127.0.0.1:5432",
            Instant.parse("2026-11-23T22:07:52Z"),
            false,
            "db.internal:5432");

    private static final Target TARGET = new Target(
            "local",
            "configured",
            "15.18",
            Map.of("TCP listeners", "none"),
            Map.of("server process", "8431 has ended"));

    private static final Fact DUMP = new Fact.DumpCommand(List.of("pg_dump", "--format=custom"));

    private static final Fact RESTORE = new Fact.RestoreCommand(List.of("pg_restore", "--dbname=postgres db"));

    private static final Check IDENTITY = Check.of("identity", "database", "directus", "directus", true);

    private static final BoundTo BOUND_TO =
            new BoundTo(Optional.of("1".repeat(40)), new TreeMap<>(Map.of("db/V1__units.sql", SHA256)));

    /** A hand-over that has not ended. */
    static final HandOver HAND_OVER =
            new HandOver("owner", false, "a relay", List.of("flyway"), Duration.ofHours(2), Optional.empty());

    private Reports() {}

    static VerificationReport failed() {
        return restored()
                .with(
                        new Fact.NotContained(
                                List.of("Other databases of the server. Each needs a backup of its own.")),
                        new Fact.Warning("Something to know."))
                .with(
                        IDENTITY,
                        expectation(
                                "table public.units: rows",
                                "86",
                                "85",
                                new Check.Observations(
                                        new Observation(Observation.State.HOLDS, "86"),
                                        new Observation(Observation.State.FAILS, "85"),
                                        Observation.unknown("not asked")),
                                Optional.empty()));
    }

    /** A run that has restored its backup and checked nothing. */
    static VerificationReport restored() {
        return begun().with(
                        DUMP,
                        RESTORE,
                        SOURCE,
                        new Snapshot(
                                "00000003-00000027-1",
                                Instant.parse("2026-11-23T22:07:55Z"),
                                Duration.ofMillis(310),
                                Duration.ofMillis(396)),
                        archive(
                                "dump/directus_20261123T220754Z.dump",
                                Optional.of(new TakenBy("workflow_admin", true)),
                                Optional.of(new Stored(
                                        "/backups/directus_20261123T220754Z.dump",
                                        "/backups/directus_20261123T220754Z.roles.sql",
                                        "/backups/directus_20261123T220754Z.dump.manifest.json")),
                                Optional.empty()),
                        TARGET,
                        new Restore(
                                Duration.ofMillis(400),
                                Optional.of(Duration.ofMinutes(10)),
                                "provision",
                                1,
                                Optional.of(new SeveralJobs(4, Duration.ofMillis(300), List.of("TABLE DATA public.t"))),
                                1,
                                List.of(new GradedError(
                                        "ACL public.t", "role \"x\" does not exist", true, "nothing is missing"))),
                        new Compared(
                                "rows",
                                "snapshot",
                                Map.of("TABLE", 11),
                                Map.of("TABLE", 10),
                                Map.of("TABLE DATA", 2),
                                11,
                                2_605,
                                5,
                                new Coverage(4, 11),
                                List.of(
                                        tableRows("public.units", 86, 85, 16_384, 8_192),
                                        new TableRows(
                                                "public.lost",
                                                Optional.of(12L),
                                                Optional.empty(),
                                                Optional.of(8_192L),
                                                Optional.empty())),
                                List.of()),
                        new Production(
                                Map.of("snapshot session", "no transaction id was assigned"),
                                List.of(),
                                Map.of("tables", "11 sha256:00"),
                                Map.of("tables", "11 sha256:00")));
    }

    /** A run that has ended without any result. */
    private static VerificationReport begun() {
        return VerificationReport.begun("1.0.0", Instant.parse("2026-11-23T22:07:54.747Z"))
                .with(context(Optional.of(BOUND_TO)))
                .ended(Duration.ofMillis(2_685), List.of(new Stage("guard", Duration.ZERO, Duration.ofMillis(300))));
    }

    private static Context context(Optional<BoundTo> boundTo) {
        return new Context(
                new Demands(SHA256, "rows", "provision", Optional.of(Duration.ofMinutes(10)), 1, 0),
                Map.of("comparison", "rows"),
                List.of(
                        new Query("units", "select count(*) from units", "86", Optional.empty()),
                        new Query("own", "select count(*) from units", "2", Optional.of("app"))),
                boundTo,
                new Audit(
                        new RunBy(
                                "ci",
                                Optional.of("ada"),
                                Optional.of("https://ci.example/1"),
                                Optional.of("1".repeat(40))),
                        Optional.of(Duration.ofMillis(1_300)),
                        List.of("Applications: none was run against the restored database.")));
    }

    private static Archive archive(
            String path, Optional<TakenBy> takenBy, Optional<Stored> stored, Optional<Given> given) {
        return new Archive(
                path,
                SHA256,
                54_191,
                "custom",
                "gzip",
                "1.14",
                84,
                "pg_dump 15.18",
                "15.18",
                takenBy,
                Duration.ofMillis(210),
                true,
                stored,
                given);
    }

    /** The check of an expectation; it passes if the restored database holds what is expected. */
    static Check expectation(
            String name, String expected, String actual, Check.Observations observations, Optional<String> hint) {
        return new Check(
                "expectation",
                name,
                expected,
                actual,
                observations.restored().holds(),
                false,
                Optional.of(observations),
                Optional.empty(),
                hint);
    }

    /** A table that exists in the source and in the restored database. */
    static TableRows tableRows(String table, long source, long restored, long sourceBytes, long restoredBytes) {
        return new TableRows(
                table,
                Optional.of(source),
                Optional.of(restored),
                Optional.of(sourceBytes),
                Optional.of(restoredBytes));
    }

    /** A passed run that verified an existing archive. */
    static VerificationReport ofArchive() {
        return ofArchive(
                "none",
                Optional.empty(),
                List.of(new GivenFile("/backups/directus.schema.gz", "0".repeat(64), 1_000, "custom in gzip")));
    }

    /** A PASS for an archive that was compared with its manifest. */
    static VerificationReport ofManifest() {
        return ofArchive("manifest", Optional.of("/backups/directus.dump.gz.manifest.json"), List.of());
    }

    private static VerificationReport ofArchive(String baseline, Optional<String> manifest, List<GivenFile> files) {
        return begun().with(context(Optional.empty()))
                .with(
                        DUMP,
                        RESTORE,
                        archive(
                                "/backups/directus.dump.gz",
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(new Given(
                                        "directus",
                                        "the newest of 3 that match /backups/directus*",
                                        "custom in gzip",
                                        "2026-11-23T03:00:01",
                                        Instant.parse("2026-11-23T02:00:01Z"),
                                        manifest,
                                        files))),
                        TARGET,
                        restore(0, List.of()),
                        new Compared(
                                "rows",
                                baseline,
                                Map.of("TABLE", 1),
                                Map.of(),
                                Map.of(),
                                1,
                                86,
                                0,
                                new Coverage(1, 1),
                                List.of(new TableRows(
                                        "public.units",
                                        Optional.of(86L),
                                        Optional.of(86L),
                                        Optional.empty(),
                                        Optional.of(8_192L))),
                                List.of()),
                        IDENTITY);
    }

    static Restore restore(int exitStatus, List<GradedError> errors) {
        return new Restore(
                Duration.ofMillis(400), Optional.empty(), "provision", 1, Optional.empty(), exitStatus, errors);
    }

    /** The same run, ended before it could say anything about the backup. */
    static VerificationReport notVerified() {
        return notVerified(List.of(IDENTITY));
    }

    /** The same run with the checks that it had made by then. */
    static VerificationReport notVerified(List<Check> checks) {
        return withoutSource().with(SOURCE).withChecks(checks);
    }

    private static VerificationReport withoutSource() {
        return begun().with(new Problem(
                "No client of PostgreSQL 18 was found.", List.of("15.18 is installed"), "Install one."));
    }

    /** A run that ended before it reached its source. */
    static VerificationReport withoutSource(Map<String, String> parameters) {
        Context context = context(Optional.of(BOUND_TO));
        return withoutSource()
                .with(new Context(context.demands(), parameters, List.of(), context.boundTo(), context.audit()));
    }

    /** The same run with other checks. */
    static VerificationReport withChecks(Check... checks) {
        return failed().withChecks(List.of(checks));
    }

    /** A passed run. */
    static VerificationReport passed() {
        return withChecks(IDENTITY);
    }

    /** A passed run that is not bound to anything. */
    static VerificationReport unbound() {
        return passed().with(context(Optional.empty()));
    }

    /** The same run with an outdated expectation. */
    static VerificationReport outOfDate() {
        Observation observation = new Observation(Observation.State.FAILS, "86");
        return withChecks(expectation(
                "table public.units: rows",
                "85",
                "86",
                new Check.Observations(observation, observation, observation),
                Optional.of("The source says the same; the expectation is outdated or misspelt.")));
    }

    /** The same run with other tables. */
    static VerificationReport withTables(TableRows... tables) {
        return failed().with(compared(List.of(tables)));
    }

    private static Compared compared(List<TableRows> tables) {
        return new Compared(
                "rows",
                "snapshot",
                Map.of("TABLE", tables.size()),
                Map.of("TABLE", tables.size()),
                Map.of(),
                tables.size(),
                1,
                0,
                new Coverage(tables.size(), tables.size()),
                tables,
                List.of());
    }

    /** The same run at another time. */
    static VerificationReport startedAt(VerificationReport report, Instant startedAt) {
        return with(report, "outcome", with(report.outcome(), "startedAt", startedAt));
    }

    /** The same run without its archive. */
    static VerificationReport withoutArchiveKept(VerificationReport report) {
        return report.with(report.acquired().archive().orElseThrow().deleted());
    }

    /** The same record with another value of a component. */
    static <R extends Record> R with(R record, String component, @Nullable Object value) {
        try {
            RecordComponent[] components = record.getClass().getRecordComponents();
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Object[] values = new Object[components.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = components[i].getName().equals(component)
                        ? value
                        : components[i].getAccessor().invoke(record);
            }
            @SuppressWarnings("unchecked") // this component belongs to that record
            Constructor<R> constructor = (Constructor<R>) record.getClass().getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    /** The same run, which handed over the restored database and stopped it. */
    static VerificationReport handedOver() {
        return failed().with(HAND_OVER.after(new Ended(Duration.ofMillis(4_200), 3)));
    }

    /** A pass with an exception. */
    static VerificationReport tolerated() {
        return withChecks(Check.tolerated("POLICY app.orders p", "there", "missing", "made after restore"));
    }

    static VerificationReport hostile() {
        return withNames(HOSTILE);
    }

    /** One name for everything that users have named. */
    static VerificationReport withNames(String name) {
        Map<String, String> facts = Map.of(name, name);
        List<String> names = List.of(name);
        Optional<String> some = Optional.of(name);
        return VerificationReport.begun(name, Instant.EPOCH)
                .ended(Duration.ofSeconds(1), List.of(new Stage(name, Duration.ZERO, Duration.ZERO)))
                .with(
                        new Problem(name, names, name),
                        new Fact.Warning(name),
                        new Source(name, name, false, name, name, name, Instant.EPOCH, true, name),
                        new Snapshot(name, Instant.EPOCH, Duration.ZERO, Duration.ZERO),
                        new Archive(
                                name,
                                name,
                                1,
                                name,
                                name,
                                name,
                                1,
                                name,
                                name,
                                Optional.of(new TakenBy(name, true)),
                                Duration.ZERO,
                                false,
                                Optional.of(new Stored(name, name, name)),
                                Optional.of(new Given(
                                        name,
                                        name,
                                        name,
                                        name,
                                        Instant.EPOCH,
                                        some,
                                        List.of(new GivenFile(name, name, 1, name))))),
                        new Production(facts, names, facts, facts),
                        new Fact.DumpCommand(names),
                        new Fact.NotContained(names),
                        new Target(name, name, name, facts, facts),
                        new Restore(
                                Duration.ZERO,
                                Optional.empty(),
                                name,
                                1,
                                Optional.of(new SeveralJobs(4, Duration.ZERO, names)),
                                1,
                                List.of(new GradedError(name, name, false, name))),
                        new Fact.RestoreCommand(names),
                        new Compared(
                                name,
                                name,
                                Map.of(name, 1),
                                Map.of(name, 1),
                                Map.of(name, 1),
                                1,
                                1,
                                1,
                                new Coverage(1, 1),
                                List.of(new TableRows(
                                        name, Optional.of(1L), Optional.empty(), Optional.of(1L), Optional.empty())),
                                names),
                        Check.difference(name, name, name))
                .with(Rehearsals.of(name))
                .with(new Context(
                        new Demands(name, name, name, Optional.empty(), 1, 1),
                        facts,
                        List.of(new Query(name, name, name, some)),
                        Optional.of(new BoundTo(some, new TreeMap<>(facts))),
                        new Audit(new RunBy(name, some, some, some), Optional.of(Duration.ZERO), names)));
    }

    /** This many tables, each with a check of its rows; all of them pass or fail. */
    static VerificationReport large(int tables, boolean passed) {
        List<Check> checks = new ArrayList<>();
        List<TableRows> rows = new ArrayList<>();
        for (int i = 0; i < tables; i++) {
            String table = "reporting_department.quarterly_aggregate_of_orders_" + i;
            Observation observation = new Observation(
                    passed ? Observation.State.HOLDS : Observation.State.FAILS, String.valueOf(1_000_000 - i));
            checks.add(expectation(
                    "table " + table + ": rows",
                    observation.text(),
                    observation.text(),
                    new Check.Observations(observation, observation, observation),
                    Optional.empty()));
            rows.add(tableRows(table, 1_000_000L - i, passed ? 1_000_000L - i : 0L, 81_920_000L - i, 65_536_000L - i));
        }
        return failed().with(compared(rows)).withChecks(checks);
    }
}
