package io.github.pgbackup.report;

import io.github.pgbackup.rehearsal.LockMode;
import io.github.pgbackup.rehearsal.RehearsalReport;
import io.github.pgbackup.rehearsal.RehearsalReport.Constraint;
import io.github.pgbackup.rehearsal.RehearsalReport.Index;
import io.github.pgbackup.rehearsal.RehearsalReport.Lock;
import io.github.pgbackup.rehearsal.RehearsalReport.Migration;
import io.github.pgbackup.rehearsal.RehearsalReport.Observation;
import io.github.pgbackup.rehearsal.RehearsalReport.Rows;
import io.github.pgbackup.rehearsal.RehearsalReport.Statement;
import io.github.pgbackup.rehearsal.RehearsalReport.Storage;
import io.github.pgbackup.rehearsal.RehearsalReport.Table;
import io.github.pgbackup.rehearsal.RehearsalReport.Wait;
import java.time.Duration;
import java.util.List;

/** Made-up rehearsals. */
final class Rehearsals {

    private Rehearsals() {}

    /** A rehearsal of objects, files and statements with this name. */
    static RehearsalReport of(String name) {
        Lock exclusive = lock(LockMode.ACCESS_EXCLUSIVE, 290);
        Lock share = lock(LockMode.SHARE, 3);
        Lock onIndex = new Lock(
                LockMode.ACCESS_EXCLUSIVE,
                LockMode.ACCESS_EXCLUSIVE.blocks(),
                Duration.ofSeconds(3),
                Duration.ofSeconds(4),
                2,
                Duration.ofSeconds(1),
                name);
        return new RehearsalReport(
                List.of(
                        new Migration("flyway", "7", name, name, Duration.ofMillis(310), true),
                        new Migration("liquibase", name, "", name, null, false)),
                List.of(
                        new Statement(
                                name,
                                "ALTER TABLE",
                                1,
                                Duration.ofMillis(5),
                                1,
                                Duration.ofMillis(288),
                                Duration.ofMillis(288),
                                0,
                                null,
                                null,
                                name),
                        new Statement(
                                name,
                                "",
                                2,
                                Duration.ofMillis(300),
                                3,
                                Duration.ofMillis(9),
                                Duration.ofMillis(4),
                                5,
                                name,
                                name,
                                null)),
                12,
                List.of(
                        new Table(
                                name,
                                "table",
                                exclusive.mode(),
                                List.of(exclusive, share),
                                List.of(new Wait(LockMode.ACCESS_EXCLUSIVE, Duration.ofMillis(40))),
                                Storage.REWRITTEN,
                                54_200L,
                                60_100L,
                                16_384L,
                                16_384L,
                                new Rows(1_000L, 1_001L, null)),
                        new Table(
                                name,
                                "partition",
                                onIndex.mode(),
                                List.of(onIndex),
                                List.of(),
                                Storage.KEPT,
                                8_192L,
                                8_192L,
                                0L,
                                0L,
                                new Rows(10L, 10L, 5L)),
                        new Table(
                                name,
                                "table",
                                null,
                                List.of(),
                                List.of(),
                                Storage.EMPTIED,
                                8_192L,
                                0L,
                                0L,
                                0L,
                                new Rows(10L, 0L, 0L)),
                        new Table(
                                name,
                                "view",
                                exclusive.mode(),
                                List.of(exclusive),
                                List.of(),
                                Storage.CREATED,
                                null,
                                0L,
                                null,
                                0L,
                                new Rows(null, null, null))),
                List.of(new Index(name, name, false, true, share), new Index(name, name, true, false, null)),
                List.of(
                        new Constraint(name, name, "CHECK", true, true, exclusive),
                        new Constraint(name, name, "FOREIGN KEY", true, false, lock(LockMode.SHARE_ROW_EXCLUSIVE, 1))),
                List.of("--- before", "+++ after", "+" + name),
                Duration.ofMillis(1_250),
                new Observation(Duration.ofMillis(10), 125, Duration.ofMillis(14), 3, Duration.ofMillis(60), 0, null));
    }

    private static Lock lock(LockMode mode, long millis) {
        return new Lock(
                mode,
                mode.blocks(),
                Duration.ofMillis(millis),
                Duration.ofMillis(millis),
                1,
                Duration.ofMillis(7),
                null);
    }
}
