package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Only transient problems cause another attempt. */
@Timeout(60)
final class RepeatedVerificationIT {

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    @TempDir
    private Path directory;

    private final AtomicInteger attempts = new AtomicInteger();

    @BeforeAll
    static void a_table() {
        PRODUCTION.createDatabase("shop");
        PRODUCTION.execute("shop", "create table orders as select 1 as id");
    }

    @Test
    void after_a_lock_time_out_the_next_attempt_passes_and_reports_the_first() throws Exception {
        try (Connection migration = PRODUCTION.connect("shop")) {
            new Session(migration).execute("begin; lock table orders in access exclusive mode");
            VerificationReport report = run().with("retries", "2")
                    .at("snapshot", () -> {
                        if (attempts.incrementAndGet() == 2) {
                            rollback(migration);
                        }
                    })
                    .run();

            BackupVerificationIT.assertPassed(report);
            assertThat(attempts).hasValue(2);
            assertThat(report.outcome().warnings())
                    .filteredOn(warning -> warning.startsWith("Attempt"))
                    .singleElement()
                    .asString()
                    .matches(
                            "Attempt 1 of at most 3 began at [-0-9T:.]+Z and ended after [0-9.]+ s: Table public\\.orders"
                                    + " could not be locked for reading within 500 ms: .*");
            assertThat(directory.resolve("verify-backup/dump")).isDirectoryContaining("glob:**.dump");
        }
    }

    @Test
    void after_a_dump_that_yielded_to_production_the_next_attempt_passes() {
        VerificationRun run = run().with("retries", "1").with("maximumBlocking", "PT0.5S");
        VerificationReport report = run.at("dump", () -> {
                    if (attempts.incrementAndGet() == 1) {
                        PRODUCTION.execute("shop", "alter table orders add column note text");
                    }
                })
                .run();

        BackupVerificationIT.assertPassed(report);
        assertThat(attempts).hasValue(2);
        assertThat(report.outcome().warnings())
                .anyMatch(warning -> warning.startsWith("Attempt 1 of at most 2 began at ")
                        && warning.contains(": The dump was cancelled to protect production: "));
        assertThat(run.log()).anyMatch(line -> line.endsWith(" The next one begins in 0.2 s."));
    }

    @Test
    void a_failed_check_and_a_wrong_identity_are_not_tried_again() {
        VerificationReport failed = run().with("retries", "3")
                .expect("table", "public.lost")
                .at("guard", attempts::incrementAndGet)
                .run();
        assertThat(failed.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(attempts).hasValue(1);

        VerificationReport wrong = run().with("retries", "3")
                .with("identity.database", "other")
                .at("guard", attempts::incrementAndGet)
                .run();
        assertThat(wrong.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(attempts).hasValue(2);
    }

    @Test
    void a_connection_that_is_refused_is_tried_again_and_a_password_that_is_not() {
        VerificationReport refused = run().with("retries", "2")
                .with("source.url", "jdbc:postgresql://127.0.0.1:1/shop")
                .at("guard", attempts::incrementAndGet)
                .run();
        assertThat(refused.outcome().problem().orElseThrow().fact())
                .isEqualTo("No PostgreSQL server can be reached at 127.0.0.1:1: it refused the connection.");
        assertThat(attempts).hasValue(3);

        VerificationReport wrong = run().with("retries", "2")
                .as(PRODUCTION.superuser(), "wrong")
                .at("guard", attempts::incrementAndGet)
                .run();
        assertThat(wrong.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(attempts).hasValue(4);
    }

    @Test
    void the_time_out_bounds_all_attempts_together() throws Exception {
        try (Connection migration = PRODUCTION.connect("shop")) {
            new Session(migration).execute("begin; lock table orders in access exclusive mode");
            long began = System.nanoTime();
            VerificationReport report = run().with("retries", "99")
                    .with("timeout", "PT5S")
                    .at("guard", attempts::incrementAndGet)
                    .run();

            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(15));
            assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
            assertThat(attempts.get()).isBetween(2, 8);
            // The last attempt may end before its first stage.
            assertThat(report.outcome().warnings())
                    .filteredOn(warning -> warning.startsWith("Attempt"))
                    .hasSizeBetween(attempts.get() - 1, attempts.get());
        }
        assertThat(Thread.interrupted()).isFalse();
    }

    private VerificationRun run() {
        return VerificationRun.of(PRODUCTION, "shop", directory)
                .with("lockWaitTimeout", "PT0.5S")
                .with("retryPause", "PT0.2S");
    }

    private static void rollback(Connection connection) {
        try {
            new Session(connection).execute("rollback");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
