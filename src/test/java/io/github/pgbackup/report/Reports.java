package io.github.pgbackup.report;

import io.github.pgbackup.evidence.Audit;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.plan.Demands;
import io.github.pgbackup.provenance.BoundTo;
import io.github.pgbackup.provenance.RunBy;
import io.github.pgbackup.rehearsal.RehearsalReport;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A report with every part. */
final class Reports {

    /** A name that PostgreSQL allows and that every format must survive. */
    static final String HOSTILE =
            "t\n[INFO] <script>alert(\"1\")</script> '|`&amp;]]> \u0000\u001B[31m\u202E\uD800\uFFFE ü";

    static final String SHA256 = "a25d18da534031372912acca9ff8d2749e48f6585254feaa76949e4bc9f16548";

    private static final Demands DEMANDS = new Demands(SHA256, "rows", "provision", Duration.ofMinutes(10), 1, 0);

    private Reports() {}

    static VerificationReport failed() {
        Observation holds = new Observation(Observation.State.HOLDS, "86");
        Observation fails = new Observation(Observation.State.FAILS, "85");
        return new VerificationReport(
                "1.0.0",
                Verdict.FAIL,
                Instant.parse("2026-11-23T22:07:54.747Z"),
                Duration.ofMillis(2_685),
                null,
                new VerificationReport.Source(
                        "directus",
                        "workflow_admin",
                        true,
                        "15.18",
                        "7711492108134469752",
                        "127.0.0.1:5432",
                        Instant.parse("2026-11-23T22:07:52Z"),
                        false,
                        "db.internal:5432"),
                new VerificationReport.Snapshot(
                        "00000003-00000027-1",
                        Instant.parse("2026-11-23T22:07:55Z"),
                        Duration.ofMillis(310),
                        Duration.ofMillis(396)),
                new VerificationReport.Archive(
                        "dump/directus_20261123T220754Z.dump",
                        SHA256,
                        54_191,
                        "custom",
                        "gzip",
                        "1.14",
                        84,
                        "pg_dump 15.18",
                        "15.18",
                        "workflow_admin",
                        true,
                        Duration.ofMillis(210),
                        true,
                        new VerificationReport.Stored(
                                "/backups/directus_20261123T220754Z.dump",
                                "/backups/directus_20261123T220754Z.roles.sql",
                                "/backups/directus_20261123T220754Z.dump.manifest.json"),
                        null),
                new VerificationReport.Target(
                        "local",
                        "configured",
                        "15.18",
                        Map.of("TCP listeners", "none"),
                        Map.of("server process", "8431 has ended")),
                new VerificationReport.Restore(
                        Duration.ofMillis(400),
                        Duration.ofMinutes(10),
                        "provision",
                        1,
                        new VerificationReport.SeveralJobs(4, Duration.ofMillis(300), List.of("TABLE DATA public.t")),
                        1,
                        List.of(new VerificationReport.GradedError(
                                "ACL public.t", "role \"x\" does not exist", true, "nothing is missing"))),
                new VerificationReport.Compared(
                        "rows",
                        "snapshot",
                        Map.of("TABLE", 11),
                        Map.of("TABLE", 10),
                        Map.of("TABLE DATA", 2),
                        11,
                        2_605,
                        5,
                        new VerificationReport.Coverage(4, 11),
                        List.of(
                                new VerificationReport.TableRows("public.units", 86L, 85L, 16_384L, 8_192L),
                                new VerificationReport.TableRows("public.lost", 12L, null, 8_192L, null)),
                        List.of()),
                new VerificationReport.Production(
                        Map.of("snapshot session", "no transaction id was assigned"),
                        List.of(),
                        Map.of("tables", "11 sha256:00"),
                        Map.of("tables", "11 sha256:00")),
                List.of(
                        Check.of("identity", "database", "directus", "directus", true),
                        new Check(
                                "expectation",
                                "table public.units: rows",
                                "86",
                                "85",
                                false,
                                new Check.Observations(holds, fails, Observation.unknown("not asked")),
                                null,
                                null)),
                List.of(new VerificationReport.Stage("guard", Duration.ZERO, Duration.ofMillis(300))),
                List.of("Other databases of the server. Each needs a backup of its own."),
                List.of("Something to know."),
                DEMANDS,
                new VerificationReport.Method(
                        Map.of("comparison", "rows"),
                        List.of("pg_dump", "--format=custom"),
                        List.of("pg_restore", "--dbname=postgres db"),
                        List.of(
                                new VerificationReport.Query("units", "select count(*) from units", "86", null),
                                new VerificationReport.Query("own", "select count(*) from units", "2", "app"))),
                new BoundTo("1".repeat(40), new TreeMap<>(Map.of("db/V1__units.sql", SHA256))),
                new Audit(
                        new RunBy("ci", "ada", "https://ci.example/1", "1".repeat(40)),
                        Duration.ofMillis(1_300),
                        List.of("Applications: none was run against the restored database.")),
                null,
                null,
                null);
    }

    /** A passed run that verified an existing archive. */
    static VerificationReport ofArchive() {
        return ofArchive("none", null);
    }

    /** A PASS for an archive that was compared with its manifest. */
    static VerificationReport ofManifest() {
        return ofArchive("manifest", "/backups/directus.dump.gz.manifest.json");
    }

    private static VerificationReport ofArchive(String baseline, String manifest) {
        VerificationReport failed = failed();
        VerificationReport.Archive archive = failed.archive();
        return new VerificationReport(
                failed.plugin(),
                Verdict.PASS,
                failed.startedAt(),
                failed.duration(),
                null,
                null,
                null,
                new VerificationReport.Archive(
                        "/backups/directus.dump.gz",
                        archive.sha256(),
                        archive.bytes(),
                        archive.format(),
                        archive.compression(),
                        archive.archiveVersion(),
                        archive.entries(),
                        archive.client(),
                        archive.serverVersion(),
                        null,
                        null,
                        archive.duration(),
                        true,
                        null,
                        new VerificationReport.Given(
                                "directus",
                                "the newest of 3 that match /backups/directus*",
                                "custom in gzip",
                                "2026-11-23T03:00:01",
                                Instant.parse("2026-11-23T02:00:01Z"),
                                manifest,
                                manifest == null
                                        ? List.of(new VerificationReport.GivenFile(
                                                "/backups/directus.schema.gz", "0".repeat(64), 1_000, "custom in gzip"))
                                        : null)),
                failed.target(),
                new VerificationReport.Restore(Duration.ofMillis(400), null, "provision", 1, null, 0, List.of()),
                new VerificationReport.Compared(
                        "rows",
                        baseline,
                        Map.of("TABLE", 1),
                        Map.of(),
                        Map.of(),
                        1,
                        86,
                        0,
                        new VerificationReport.Coverage(1, 1),
                        List.of(new VerificationReport.TableRows("public.units", 86L, 86L, null, 8_192L)),
                        List.of()),
                null,
                failed.checks().subList(0, 1),
                failed.stages(),
                List.of(),
                List.of(),
                failed.demands(),
                failed.method(),
                null,
                failed.audit(),
                null,
                null,
                null);
    }

    /** The same run, ended before it could say anything about the backup. */
    static VerificationReport notVerified() {
        return notVerified(failed().checks().subList(0, 1));
    }

    /** The same run with the checks that it had made by then. */
    static VerificationReport notVerified(List<Check> checks) {
        VerificationReport failed = failed();
        return new VerificationReport(
                failed.plugin(),
                Verdict.NOT_VERIFIED,
                failed.startedAt(),
                failed.duration(),
                new VerificationReport.Problem(
                        "No client of PostgreSQL 18 was found.", List.of("15.18 is installed"), "Install one."),
                failed.source(),
                null,
                null,
                null,
                null,
                null,
                null,
                checks,
                failed.stages(),
                List.of(),
                List.of(),
                failed.demands(),
                failed.method(),
                failed.boundTo(),
                failed.audit(),
                failed.expectationTest(),
                null,
                failed.rehearsal());
    }

    /** A run that ended before it reached its source. */
    static VerificationReport withoutSource(Map<String, String> parameters) {
        VerificationReport report = notVerified(List.of());
        return new VerificationReport(
                report.plugin(),
                report.verdict(),
                report.startedAt(),
                report.duration(),
                report.problem(),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                report.checks(),
                report.stages(),
                report.doesNotContain(),
                report.warnings(),
                report.demands(),
                new VerificationReport.Method(parameters, null, null, List.of()),
                report.boundTo(),
                report.audit(),
                null,
                null,
                null);
    }

    /** The same run with other checks. */
    static VerificationReport withChecks(Verdict verdict, List<Check> checks) {
        VerificationReport failed = failed();
        return with(verdict, failed.duration(), checks, failed.stages(), failed.comparison());
    }

    /** The same run with an outdated expectation. */
    static VerificationReport outOfDate() {
        Observation observation = new Observation(Observation.State.FAILS, "86");
        return withChecks(
                Verdict.FAIL,
                List.of(new Check(
                        "expectation",
                        "table public.units: rows",
                        "85",
                        "86",
                        false,
                        new Check.Observations(observation, observation, observation),
                        null,
                        "The source says the same; the expectation is outdated or misspelt.")));
    }

    /** The same run with other checks, and with these errors of pg_restore. */
    static VerificationReport withErrors(List<Check> checks, List<VerificationReport.GradedError> errors) {
        VerificationReport failed = withChecks(Verdict.FAIL, checks);
        return new VerificationReport(
                failed.plugin(),
                failed.verdict(),
                failed.startedAt(),
                failed.duration(),
                null,
                failed.source(),
                failed.snapshot(),
                failed.archive(),
                failed.target(),
                new VerificationReport.Restore(Duration.ofMillis(400), null, "provision", 1, null, 1, errors),
                failed.comparison(),
                failed.production(),
                failed.checks(),
                failed.stages(),
                List.of(),
                List.of(),
                failed.demands(),
                failed.method(),
                failed.boundTo(),
                failed.audit(),
                failed.expectationTest(),
                null,
                failed.rehearsal());
    }

    /** The same run, followed by a rehearsal of migrations. */
    static VerificationReport rehearsed(RehearsalReport rehearsal) {
        VerificationReport failed = failed();
        return new VerificationReport(
                failed.plugin(),
                failed.verdict(),
                failed.startedAt(),
                failed.duration(),
                null,
                failed.source(),
                failed.snapshot(),
                failed.archive(),
                failed.target(),
                failed.restore(),
                failed.comparison(),
                failed.production(),
                failed.checks(),
                failed.stages(),
                List.of(),
                List.of(),
                failed.demands(),
                failed.method(),
                failed.boundTo(),
                failed.audit(),
                null,
                null,
                rehearsal);
    }

    /** The same run, followed by a test of its expectations. */
    static VerificationReport tested(ExpectationTest test) {
        VerificationReport failed = failed();
        return new VerificationReport(
                failed.plugin(),
                failed.verdict(),
                failed.startedAt(),
                failed.duration(),
                null,
                failed.source(),
                failed.snapshot(),
                failed.archive(),
                failed.target(),
                failed.restore(),
                failed.comparison(),
                failed.production(),
                failed.checks(),
                failed.stages(),
                failed.doesNotContain(),
                failed.warnings(),
                failed.demands(),
                failed.method(),
                failed.boundTo(),
                failed.audit(),
                test,
                null,
                failed.rehearsal());
    }

    /** The same run with other stages, and with this total duration. */
    static VerificationReport withStages(Duration duration, List<VerificationReport.Stage> stages) {
        VerificationReport failed = failed();
        return with(Verdict.FAIL, duration, failed.checks(), stages, failed.comparison());
    }

    /** The same run with other tables. */
    static VerificationReport withTables(List<VerificationReport.TableRows> tables) {
        VerificationReport failed = failed();
        return with(Verdict.FAIL, failed.duration(), failed.checks(), failed.stages(), comparison(tables));
    }

    private static VerificationReport.Compared comparison(List<VerificationReport.TableRows> tables) {
        return new VerificationReport.Compared(
                "rows",
                "snapshot",
                Map.of("TABLE", tables.size()),
                Map.of("TABLE", tables.size()),
                Map.of(),
                tables.size(),
                1,
                0,
                new VerificationReport.Coverage(tables.size(), tables.size()),
                tables,
                List.of());
    }

    private static VerificationReport with(
            Verdict verdict,
            Duration duration,
            List<Check> checks,
            List<VerificationReport.Stage> stages,
            VerificationReport.Compared comparison) {
        VerificationReport failed = failed();
        return new VerificationReport(
                failed.plugin(),
                verdict,
                failed.startedAt(),
                duration,
                null,
                failed.source(),
                failed.snapshot(),
                failed.archive(),
                failed.target(),
                failed.restore(),
                comparison,
                failed.production(),
                checks,
                stages,
                failed.doesNotContain(),
                failed.warnings(),
                failed.demands(),
                failed.method(),
                failed.boundTo(),
                failed.audit(),
                failed.expectationTest(),
                null,
                failed.rehearsal());
    }

    /** The same run at another time. */
    static VerificationReport startedAt(VerificationReport report, Instant startedAt) {
        return with(report, "startedAt", startedAt);
    }

    /** The same run without its archive. */
    static VerificationReport withoutArchiveKept(VerificationReport report) {
        return with(report, "archive", with(report.archive(), "kept", false));
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
        return with(
                failed(),
                "handOver",
                new VerificationReport.HandOver(
                        "owner",
                        false,
                        "a relay",
                        List.of("flyway"),
                        Duration.ofHours(2),
                        Duration.ofMillis(4_200),
                        3));
    }

    /** A pass with an exception. */
    static VerificationReport tolerated() {
        return withChecks(
                Verdict.PASS,
                List.of(Check.tolerated(
                        "comparison", "POLICY app.orders p", "there", "missing", "made after restore")));
    }

    static VerificationReport hostile() {
        return withNames(HOSTILE);
    }

    /** One name for everything that users have named. */
    static VerificationReport withNames(String name) {
        Map<String, String> facts = Map.of(name, name);
        return new VerificationReport(
                name,
                Verdict.NOT_VERIFIED,
                Instant.EPOCH,
                Duration.ofSeconds(1),
                new VerificationReport.Problem(name, List.of(name), name),
                new VerificationReport.Source(name, name, false, name, name, name, Instant.EPOCH, true, name),
                new VerificationReport.Snapshot(name, Instant.EPOCH, Duration.ZERO, Duration.ZERO),
                new VerificationReport.Archive(
                        name,
                        name,
                        1,
                        name,
                        name,
                        name,
                        1,
                        name,
                        name,
                        name,
                        true,
                        Duration.ZERO,
                        false,
                        new VerificationReport.Stored(name, name, name),
                        new VerificationReport.Given(
                                name,
                                name,
                                name,
                                name,
                                Instant.EPOCH,
                                name,
                                List.of(new VerificationReport.GivenFile(name, name, 1, name)))),
                new VerificationReport.Target(name, name, name, facts, facts),
                new VerificationReport.Restore(
                        Duration.ZERO,
                        null,
                        name,
                        1,
                        new VerificationReport.SeveralJobs(4, Duration.ZERO, List.of(name)),
                        1,
                        List.of(new VerificationReport.GradedError(name, name, false, name))),
                new VerificationReport.Compared(
                        name,
                        name,
                        Map.of(name, 1),
                        Map.of(name, 1),
                        Map.of(name, 1),
                        1,
                        1,
                        1,
                        new VerificationReport.Coverage(1, 1),
                        List.of(new VerificationReport.TableRows(name, 1L, null, 1L, null)),
                        List.of(name)),
                new VerificationReport.Production(facts, List.of(name), facts, facts),
                List.of(Check.of("comparison", name, name, name, false)),
                List.of(new VerificationReport.Stage(name, Duration.ZERO, Duration.ZERO)),
                List.of(name),
                List.of(name),
                new Demands(name, name, name, null, 1, 1),
                new VerificationReport.Method(
                        facts,
                        List.of(name),
                        List.of(name),
                        List.of(new VerificationReport.Query(name, name, name, name))),
                new BoundTo(name, new TreeMap<>(Map.of(name, name))),
                new Audit(new RunBy(name, name, name, name), Duration.ZERO, List.of(name)),
                null,
                null,
                Rehearsals.of(name));
    }

    /** This many tables, each with a check of its rows; all of them pass or fail. */
    static VerificationReport large(int tables, Verdict verdict) {
        boolean passed = verdict == Verdict.PASS;
        List<Check> checks = new ArrayList<>();
        List<VerificationReport.TableRows> rows = new ArrayList<>();
        for (int i = 0; i < tables; i++) {
            String table = "reporting_department.quarterly_aggregate_of_orders_" + i;
            Observation observation = new Observation(
                    passed ? Observation.State.HOLDS : Observation.State.FAILS, String.valueOf(1_000_000 - i));
            checks.add(new Check(
                    "expectation",
                    "table " + table + ": rows",
                    observation.text(),
                    observation.text(),
                    passed,
                    new Check.Observations(observation, observation, observation),
                    null,
                    null));
            rows.add(new VerificationReport.TableRows(
                    table, 1_000_000L - i, passed ? 1_000_000L - i : 0L, 81_920_000L - i, 65_536_000L - i));
        }
        VerificationReport failed = failed();
        return with(verdict, failed.duration(), checks, failed.stages(), comparison(rows));
    }
}
