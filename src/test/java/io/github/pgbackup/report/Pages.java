package io.github.pgbackup.report;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.evidence.Fact;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.history.History;
import io.github.pgbackup.history.PastRun;
import io.github.pgbackup.history.PastRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The pages that readers see, as runs over a database of 60 tables write them: to read, and to check in a browser. */
final class Pages {

    private static final int TABLES = 60;

    private static final String[] SUBJECTS = {"orders", "customers", "invoices", "shipments", "audit_log", "products"};

    /** What a run reports about the container into which it restored. */
    private static final Map<String, String> CONTAINER = new TreeMap<>(Map.of(
            "image", "postgres:17, digest sha256:" + Reports.SHA256,
            "container", Reports.SHA256,
            "network interfaces", "lo",
            "capabilities", "CHOWN, DAC_OVERRIDE, FOWNER, SETGID, SETUID",
            "user", "postgres (999)",
            "memory limit", "none",
            "process limit", "512",
            "published ports", "none",
            "mounts", "/pgbackup (read-only), /var/lib/postgresql/data (volume)",
            "identity",
                    "address (Unix socket), port (none), system identifier 7713519296539311277, started at"
                            + " 2026-11-29T09:14:23.960854Z"));

    private Pages() {}

    /** Writes each page into its own folder, as a build does. */
    static List<Path> write(Path directory) throws IOException, InterruptedException {
        List<Path> pages = new ArrayList<>();
        for (Map.Entry<String, VerificationReport> report : reports().entrySet()) {
            Path folder = directory.resolve(report.getKey());
            Files.createDirectories(EvidenceFile.SCHEMA.in(folder));
            Files.createDirectories(folder.resolve("probe"));
            if (report.getKey().startsWith("fail-")) {
                Files.writeString(EvidenceFile.SCHEMA.in(folder).resolve("shop.sql"), schema());
            }
            Evidence.write(report.getValue(), folder);
            pages.add(EvidenceFile.PAGE.in(folder));
        }
        pages.add(EvidenceFile.SCHEMA_PAGE.in(directory.resolve("fail-1")));
        Path build = directory.resolve(BuildPage.FILE);
        BuildPage.write(
                build,
                reports().entrySet().stream()
                        .map(each -> BuildPage.line(
                                each.getValue(),
                                "execution '" + each.getKey() + "' of app",
                                directory.resolve(each.getKey())))
                        .toList());
        pages.add(build);
        Path past = directory.resolve("history.html");
        HistoryPage.write(history(directory.resolve("history.jsonl")), past, "shop", "db.internal:5432");
        pages.add(past);
        return pages;
    }

    /** A script as pg_dump writes it. */
    static String schema() {
        StringBuilder script = new StringBuilder("--\n-- PostgreSQL database dump\n--\n\n");
        for (int i = 0; i < TABLES; i++) {
            String name = SUBJECTS[i % SUBJECTS.length] + "_" + i;
            script.append("--\n-- Name: " + name + "; Type: VIEW; Schema: app; Owner: app\n--\n\n");
            script.append("CREATE VIEW app." + name + " AS\n SELECT id\n   FROM app.orders;\n\n\n");
        }
        return script.toString();
    }

    private static History history(Path file) throws IOException, InterruptedException {
        Files.deleteIfExists(file);
        History history = new History(file);
        history.prepare();
        for (int day = 0; day < 90; day++) {
            String verdict = day % 17 == 5 ? "FAIL" : day % 29 == 11 ? "NOT_VERIFIED" : "PASS";
            PastRun run = PastRuns.of(
                    day,
                    verdict,
                    Map.of("public.orders", 40_000L + 310L * day, "public.audit_log", 9_000L - 40L * day));
            history.append(run);
        }
        return history;
    }

    /** The reports by name. */
    static Map<String, VerificationReport> reports() {
        Map<String, VerificationReport> reports = new LinkedHashMap<>();
        reports.put("pass", with(passed()));
        reports.put("fail-1", failedWith(1));
        reports.put("fail-5", failedWith(5));
        reports.put("fail-30", failedWith(30));
        reports.put("fail-5000", failedWith(5_000));
        reports.put("fail-expectation", with(with(passed(), expectation(7, false))));
        reports.put(
                "tolerated",
                with(with(
                        passed(),
                        Check.tolerated(
                                "POLICY app.orders tenant_policy",
                                "present",
                                "missing",
                                "the provisioning creates it after a restore"))));
        reports.put("archive-alone", Reports.ofArchive());
        reports.put("manifest", Reports.ofManifest());
        reports.put(
                "not-verified",
                Reports.withoutSource(new TreeMap<>(Map.of(
                        "source.url", "jdbc:postgresql://db.internal:5433/shop", "restore.engine", "container"))));
        reports.put("not-verified-after-the-source", Reports.notVerified());
        reports.put(
                "invalid",
                VerificationReport.invalid(
                        "1.0.0",
                        List.of(
                                "<source><url> is missing.",
                                "<restore><jobs> is 'many'; expected a whole number from 1 to 64.")));
        reports.put("rehearsed", Reports.failed().with(Rehearsals.of("public.orders")));
        reports.put("tested", Reports.failed().with(ExpectationTests.of("public.orders")));
        return reports;
    }

    /** A run that found this many differences. */
    static VerificationReport failedWith(int differences) {
        return with(withDifferences(differences));
    }

    private static VerificationReport with(List<Check> checks) {
        VerificationReport report = Reports.restored()
                .with(
                        new VerificationReport.Target(
                                "container",
                                "configured",
                                "17.6",
                                CONTAINER,
                                new TreeMap<>(Map.of(
                                        "container",
                                        Reports.SHA256 + " is gone",
                                        "volume " + Reports.SHA256,
                                        "is gone"))),
                        new VerificationReport.Production(
                                new TreeMap<>(Map.of(
                                        "snapshot session", "no transaction id was assigned",
                                        "probe session", "no transaction id was assigned")),
                                List.of(),
                                Map.of(),
                                Map.of()),
                        new Fact.NotContained(List.of(
                                "Passwords and settings of the 3 roles. The roles file next to the archive recreates the roles;"
                                        + " pg_dumpall --globals-only saves the passwords and settings.",
                                "The server's configuration: postgresql.conf, pg_hba.conf, ALTER SYSTEM. Save these files.",
                                "Other databases of the server. Each needs a backup of its own.")),
                        compared(checks))
                .withChecks(checks)
                .ended(
                        Duration.ofMillis(2_685),
                        Stream.of(
                                        "guard",
                                        "snapshot",
                                        "describe source",
                                        "dump",
                                        "target",
                                        "check archive",
                                        "restore",
                                        "compare")
                                .map(name -> new VerificationReport.Stage(
                                        name, Duration.ofMillis(300L * name.length()), Duration.ofMillis(290)))
                                .toList());
        return report.failedChecks().isEmpty()
                ? report
                : report.with(new Fact.Warning("The client programs 15.18 lack security fixes."));
    }

    private static VerificationReport.Compared compared(List<Check> checks) {
        long failed = checks.stream().filter(check -> !check.passed()).count();
        List<VerificationReport.TableRows> rows = IntStream.range(0, TABLES)
                .mapToObj(i -> Reports.tableRows(
                        table(i), 421_000L / (i + 1), 421_000L / (i + 1), 92_000_000L / (i + 1), 81_000_000L / (i + 1)))
                .sorted(Comparator.comparing(VerificationReport.TableRows::table))
                .toList();
        Map<String, Integer> kinds = new TreeMap<>(Map.of(
                "TABLE",
                TABLES,
                "INDEX",
                114,
                "CONSTRAINT",
                92,
                "FUNCTION",
                21,
                "VIEW",
                12,
                "TRIGGER",
                9,
                "SEQUENCE",
                40));
        return new VerificationReport.Compared(
                "rows",
                "snapshot",
                kinds,
                kinds,
                failed == 0 ? Map.of() : Map.of("VIEW", (int) failed),
                TABLES,
                1_970_000,
                40,
                new VerificationReport.Coverage(12, TABLES),
                rows,
                List.of());
    }

    private static String table(int i) {
        return "app." + SUBJECTS[i % SUBJECTS.length]
                + (i < SUBJECTS.length ? "" : "_" + (2_020 + i / SUBJECTS.length));
    }

    private static List<Check> passed() {
        List<Check> checks = new ArrayList<>();
        checks.add(Check.of("identity", "database", "directus", "directus", true));
        checks.add(Check.of("production", "transaction ids assigned to our sessions", "none", "none", true));
        checks.add(Check.of("archive", "SHA-256 before the restore", Reports.SHA256, Reports.SHA256, true));
        checks.add(Check.of("target", "reachable from outside", "no", "no", true));
        checks.add(Check.of("comparison", "381 objects, rows of 60 tables", "no difference", "no difference", true));
        for (int i = 0; i < 12; i++) {
            checks.add(expectation(i, true));
        }
        return checks;
    }

    private static Check expectation(int i, boolean passed) {
        String expected = String.valueOf(421_000L / (i + 1));
        Observation holds = new Observation(Observation.State.HOLDS, expected);
        Observation actual = passed ? holds : new Observation(Observation.State.FAILS, "0");
        return Reports.expectation(
                "table " + table(i) + ": rows",
                expected,
                actual.text(),
                new Check.Observations(holds, actual, holds),
                Optional.empty());
    }

    private static List<Check> with(List<Check> checks, Check another) {
        checks.add(another);
        return checks;
    }

    /** The passed checks and this many differences; every third is in a definition of several lines. */
    private static List<Check> withDifferences(int count) {
        List<Check> checks = passed();
        for (int i = 0; i < count; i++) {
            String table = "app." + SUBJECTS[i % SUBJECTS.length] + "_" + i;
            checks.add(
                    switch (i % 3) {
                        case 0 -> definition("VIEW " + table + " definition");
                        case 1 -> Check.difference("TABLE DATA " + table, (1_000 + i) + " rows", i + " rows");
                        default -> Check.difference("INDEX " + table + "_created_at_idx", "present", "missing");
                    });
        }
        return checks;
    }

    static Check definition(String name) {
        String expected = """
                 SELECT o.id,
                    o.customer_id,
                    o.created_at,
                    o.total,
                    o.currency,
                    c.name AS customer
                   FROM app.orders o
                     JOIN app.customers c ON c.id = o.customer_id
                  WHERE o.cancelled_at IS NULL
                    AND o.total > 0::numeric
                  ORDER BY o.created_at DESC;""";
        return Check.difference(
                name,
                expected,
                expected.replace("   AND o.total > 0::numeric\n", "").replace("o.currency", "'EUR' AS currency"));
    }
}
