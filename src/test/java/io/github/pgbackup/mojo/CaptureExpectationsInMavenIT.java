package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.plan.ExpectationsSchemaTest;
import io.github.pgbackup.test.ProductionServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the goal writes, pasted into a POM. */
final class CaptureExpectationsInMavenIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    @TempDir
    private Path project;

    @Test
    void the_file_is_pasted_into_the_pom_and_the_backup_satisfies_it() throws Exception {
        PRODUCTION.createDatabase("stock");
        PRODUCTION.execute("stock", """
                CREATE TABLE "Größe & <Form>" (id int PRIMARY KEY, "a.b ""c""
                d" text NOT NULL DEFAULT 'x''y', price numeric(10, 2) CHECK (price > 0));
                INSERT INTO "Größe & <Form>" SELECT i, (ARRAY['', 'ü  <&>', E'two\\r\\n\\tlines', '%s @{x} $x {y}'])[i % 4 + 1], i
                FROM generate_series(1, 8) i;
                CREATE TABLE "x${basedir}" (a int);
                """);
        MavenBuild build = new MavenBuild(project).source(PRODUCTION, "stock", "");

        MavenBuild.Result captured = build.run(MavenBuild.goal("capture-expectations"), "-Dpgbackup.include=public.*");

        assertThat(captured.warnings()).isEmpty();
        Path file = project.resolve("target/verify-backup-expectations.xml");
        assertThat(captured.output()).contains("BUILD SUCCESS").containsPattern("\\[INFO] \\d+ expectations; " + file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String expectations = Files.readString(file);
        ExpectationsSchemaTest.validate(expectations);
        assertThat(expectations).contains("<is>two&#13;\n\tlines</is>", "<is></is>");

        MavenBuild.Result verified =
                build.source(PRODUCTION, "stock", expectations).run("verify");

        assertThat(verified.output()).contains("BUILD SUCCESS");
        assertThat(verified.evidence("verification.json")).contains("'two\\r\\n\\tlines': 2");

        MavenBuild.Result byFile = build.source(PRODUCTION, "stock", "")
                .run("verify", "-Dpgbackup.expectationsFiles=target/verify-backup-expectations.xml");

        assertThat(byFile.output()).contains("BUILD SUCCESS");
        assertThat(checks(byFile)).isEqualTo(checks(verified)).isGreaterThan(10);
    }

    private static long checks(MavenBuild.Result result) {
        return result.evidence("verification.json")
                .lines()
                .filter(line -> line.contains("\"group\": \"expectation\""))
                .count();
    }

    @Test
    void an_invalid_configuration_is_reported_with_all_its_problems() {
        MavenBuild.Result result = new MavenBuild(project)
                .run(
                        MavenBuild.goal("capture-expectations"),
                        "-Dpgbackup.include=public",
                        "-Dpgbackup.maximumDistinct=many");

        assertThat(result.error()).startsWith("""
                        capture-expectations: no expectations were written:
                          - <source><url> (-Dpgbackup.source.url) is missing; expected a JDBC URL such as jdbc:postgresql://db.internal:5432/directus, or <container> and <database>.
                          - <include> (-Dpgbackup.include) is 'public'; expected patterns of the form schema.table, separated by commas, \
                        such as public.*,app.order_*,"Odd Schema".*.
                          - <maximumDistinct> (-Dpgbackup.maximumDistinct) is 'many'; expected a number from 0 (no values) to 999.""");
    }
}
