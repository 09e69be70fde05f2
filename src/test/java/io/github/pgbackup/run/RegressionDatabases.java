package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import io.github.pgbackup.test.RegressionScripts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The databases of PostgreSQL's own regression tests and of its tests of pg_dump, backed up and restored into the same major
 * version and into the newest. It takes long, and only runs by its name: see {@code .ci/regression}.
 */
@EnabledIfEnvironmentVariable(named = RegressionScripts.DIRECTORY, matches = ".+")
final class RegressionDatabases {

    private static final String PG_DUMP_TESTS = "pg_dump_tests";

    /** Servers from 14 on do not accept these. */
    private static final String POSTFIX_OPERATORS = """
            drop operator if exists public.!=- (bigint, none), public.#%# (bigint, none), public.#@# (bigint, none),
                public.#@%# (bigint, none)""";

    /**
     * Children of generated columns without their own expression, which a server from 17 on rejects; a partition whose NOT NULL
     * constraint is not valid and has another name than its parent's, which pg_dump 18 loses.
     */
    private static final String LOST =
            "drop table if exists gtest_normal_child, gtest_normal_child2, notnull_part1_3_upg";

    @TempDir
    Path directory;

    static Stream<Programs> majors() {
        return Programs.majors();
    }

    @ParameterizedTest
    @MethodSource("majors")
    void the_regression_database(Programs programs) throws Exception {
        verify(programs, "regression", RegressionScripts.of(programs.major())::runAll);
    }

    @ParameterizedTest
    @MethodSource("majors")
    void the_objects_of_the_tests_of_pg_dump(Programs programs) throws Exception {
        verify(programs, PG_DUMP_TESTS, RegressionScripts.of(programs.major())::createObjectsOfPgDumpTests);
    }

    private interface Filling {
        void fill(ProductionServer production, String database, Path scratch) throws Exception;
    }

    private void verify(Programs programs, String database, Filling filling) throws Exception {
        try (ProductionServer production = ProductionServer.start(
                programs.bin(),
                "postgres",
                "wal_level=logical",
                "max_prepared_transactions=10",
                "max_connections=50")) {
            production.createDatabase(database);
            filling.fill(production, database, Files.createDirectory(directory.resolve("scratch")));
            if (programs.major() < 14) {
                production.execute(database, POSTFIX_OPERATORS);
            }
            production.execute(database, LOST);
            List<String> complaints = new ArrayList<>();
            int newest = Programs.majors().mapToInt(Programs::major).max().orElseThrow();
            for (int major : IntStream.of(programs.major(), newest).distinct().toArray()) {
                VerificationRun run = VerificationRun.of(production, database, directory.resolve("into " + major))
                        .into(major)
                        // In the directory format pg_restore 19rc1 fails for empty large objects (docs/limits.md).
                        .with("backup.format", "custom")
                        .with("comparison", "content");
                if (programs.major() == 14 && database.equals(PG_DUMP_TESTS)) {
                    run.tolerate(
                            "SCHEMA public privileges", "pg_dump of a newer major than 14 does not write a REVOKE");
                }
                VerificationReport report = run.run();
                report.failedChecks().forEach(check -> complaints.add("Into " + major + ": " + check.sentence()));
                if (report.verdict() == Verdict.NOT_VERIFIED) {
                    complaints.add("Into " + major + ": " + report.problemText());
                }
            }
            assertThat(String.join("\n", complaints)).isEmpty();
        }
    }
}
