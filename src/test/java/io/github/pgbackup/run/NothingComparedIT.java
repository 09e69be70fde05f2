package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.plan.Tag;
import io.github.pgbackup.test.ProductionServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A verification with little or nothing to compare says so, and each verification describes its method. */
final class NothingComparedIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    @TempDir
    private Path directory;

    @BeforeAll
    static void createDatabases() {
        PRODUCTION.createDatabase("empty");
        PRODUCTION.createDatabase("without_rows");
        PRODUCTION.execute("without_rows", "CREATE TABLE t (id int); CREATE TABLE u (id int)");
        PRODUCTION.createDatabase("without_tables");
        PRODUCTION.execute("without_tables", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
    }

    private VerificationRun run(String database) {
        return VerificationRun.of(PRODUCTION, database, directory.resolve("evidence"));
    }

    @Test
    void an_empty_database_without_expectations_is_not_verified() throws Exception {
        VerificationReport report = run("empty").run();

        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.problemText())
                .isEqualTo("The database empty is empty, and there are no <expectations>: nothing could be compared.\n"
                        + "Correct <source><url> (-Dpgbackup.source.url), or declare in <expectations> what the backup must"
                        + " hold.");
    }

    @Test
    void an_empty_database_can_be_expected() throws Exception {
        VerificationReport report = run("empty").expect("schema", "public").run();

        assertThat(report.verdict()).as(report.problemText()).isEqualTo(Verdict.PASS);
    }

    @Test
    void a_database_without_rows_causes_a_warning_and_one_without_tables_does_not() throws Exception {
        assertThat(run("without_rows").run().outcome().warnings())
                .contains("The source has 2 tables but no rows, and there are no <expectations>: nothing proves that"
                        + " this is the intended database.");
        VerificationReport report = run("without_tables").run();
        assertThat(report.verdict()).as(report.problemText()).isEqualTo(Verdict.PASS);
        assertThat(report.outcome().warnings()).noneMatch(warning -> warning.contains("no rows"));
    }

    @Test
    void absence_in_a_missing_schema_causes_a_warning() throws Exception {
        VerificationReport report = run("without_rows")
                .expect(absent("table", "shpo.orders"))
                .expect(absent("table", "public.orders"))
                .expect(absent("schema", "legacy"))
                .run();

        assertThat(report.verdict()).as(report.problemText()).isEqualTo(Verdict.PASS);
        assertThat(report.outcome().warnings())
                .filteredOn(warning -> warning.contains("absent"))
                .containsExactly(
                        "The table shpo.orders is expected to be absent, and the source has no schema shpo: a mistyped"
                                + " name would pass as well. Correct the name; if the schema itself must be absent, expect that:"
                                + " <schema><name>shpo</name><present>false</present></schema>.");
    }

    @Test
    void the_report_describes_the_method() throws Exception {
        String sql = "select count(*)\nfrom t where id > 0";
        VerificationReport report =
                run("without_rows").expect(QueryTag.of("none", sql, "0")).run();

        VerificationReport.Context context = report.context().orElseThrow();
        assertThat(context.queries()).containsExactly(new VerificationReport.Query("none", sql, "0", Optional.empty()));
        assertThat(report.acquired().command())
                .startsWith("pg_dump")
                .contains(
                        "--format=c",
                        "--snapshot="
                                + report.acquired().snapshot().orElseThrow().id());
        assertThat(report.restored().command()).startsWith("pg_restore", "--create");
        assertThat(context.parameters())
                .containsEntry("comparison", "rows")
                .containsEntry("source.url", PRODUCTION.host() + ":" + PRODUCTION.port() + "/without_rows");
        assertThat(report.toString()).doesNotContain(PRODUCTION.password());
    }

    private static Tag absent(String kind, String name) {
        return new Tag(
                "expectations",
                null,
                List.of(new Tag(
                        kind,
                        null,
                        List.of(new Tag("name", name, List.of()), new Tag("present", "false", List.of())))));
    }
}
