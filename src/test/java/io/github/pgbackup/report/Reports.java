package io.github.pgbackup.report;

import io.github.pgbackup.expectation.Figure;
import io.github.pgbackup.verification.Check;
import io.github.pgbackup.verification.Verdict;
import io.github.pgbackup.verification.VerificationReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A report in which every part is there. */
final class Reports {

    /** A name as PostgreSQL allows it and every format must survive it. */
    static final String HOSTILE =
            "t\n[INFO] <script>alert(\"1\")</script> '|`&amp;]]> \u0000\u001B[31m\u202E\uD800\uFFFE ü";

    static final String SHA256 = "a25d18da534031372912acca9ff8d2749e48f6585254feaa76949e4bc9f16548";

    private Reports() {}

    static VerificationReport failed() {
        Figure holds = new Figure(Figure.State.HOLDS, "86");
        Figure fails = new Figure(Figure.State.FAILS, "85");
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
                        false),
                new VerificationReport.Snapshot(
                        "00000003-00000027-1", Instant.parse("2026-11-23T22:07:55Z"), Duration.ofMillis(396)),
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
                        true),
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
                        List.of(new VerificationReport.GradedError(
                                "ACL public.t", "role \"x\" does not exist", true, "nothing is missing"))),
                new VerificationReport.Ledger(
                        "rows",
                        Map.of("TABLE", 11),
                        11,
                        2_605,
                        5,
                        List.of(
                                new VerificationReport.TableRows("public.units", 86L, 85L),
                                new VerificationReport.TableRows("public.lost", 12L, null)),
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
                                new Check.Figures(holds, fails, Figure.unknown("not asked")))),
                List.of(new VerificationReport.Stage("guard", Duration.ZERO, Duration.ofMillis(300))),
                List.of("Other databases of the server. Each needs a backup of its own."),
                List.of("Something to know."));
    }

    /** The same run, ended before it could say anything about the backup. */
    static VerificationReport notVerified() {
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
                failed.checks().subList(0, 1),
                failed.stages(),
                List.of(),
                List.of());
    }

    /** The same run with other checks. */
    static VerificationReport withChecks(Verdict verdict, List<Check> checks) {
        VerificationReport failed = failed();
        return new VerificationReport(
                failed.plugin(),
                verdict,
                failed.startedAt(),
                failed.duration(),
                null,
                failed.source(),
                failed.snapshot(),
                failed.archive(),
                failed.target(),
                failed.restore(),
                failed.ledger(),
                failed.production(),
                checks,
                failed.stages(),
                failed.doesNotContain(),
                failed.warnings());
    }
}
