package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One build for each major version. In it, Flyway and then Liquibase run a series of migrations, each of another kind.
 * The test compares the report of each with what PostgreSQL's manual says about its statement.
 */
final class MigrationKindsInMavenIT {

    private static final String TABLES = """
            create table %1$s_rewritten as select i, i as a from generate_series(1, 1000) i;
            create table %1$s_indexed as select i, i as a from generate_series(1, 1000) i;
            create table %1$s_concurrently as select i, i as a from generate_series(1, 1000) i;
            create table %1$s_checked as select i, i as a from generate_series(1, 1000) i;
            """;

    private static final String REWRITTEN = "alter table %s_rewritten add column v float default random();\n";
    private static final String INDEXED = "create index %1$s_plain on %1$s_indexed (a);\n";
    private static final String CONCURRENTLY = "create index concurrently %1$s_gentle on %1$s_concurrently (a);\n";
    private static final String ADDED =
            "alter table %1$s_checked add constraint %1$s_positive check (a > 0) not valid;\n";
    private static final String VALIDATED = "alter table %1$s_checked validate constraint %1$s_positive;\n";
    private static final String NOTHING = "select 1;\n";

    @TempDir
    private Path project;

    @ParameterizedTest
    @CsvSource({"13, container", "15, local", "18, container", "19, local"})
    void each_kind_of_migration_is_reported_correctly(int major, String engine) throws Exception {
        if (engine.equals("container")) {
            Docker.require(major);
        }
        try (ProductionServer production =
                ProductionServer.start(Programs.ofMajor(major).bin())) {
            production.createDatabase("shop");
            production.execute("shop", TABLES.formatted("f") + TABLES.formatted("l"));
            String log = production.log();

            MavenBuild build = build(production)
                    .anyEngine()
                    .option("-Dpgbackup.restore.engine=" + engine)
                    .option("-Dpgbackup.binDirectory=" + production.bin());
            MavenBuild.Result result = build.run("verify");
            for (int i = 0; i < 3 && missedLocks(result); i++) {
                result = build.run("verify");
            }

            assertThat(result.output())
                    .contains(
                            "BUILD SUCCESS",
                            "Successfully applied 6 migrations",
                            "It is handed over to flyway.",
                            "It is handed over to liquibase.",
                            "The restored database is gone, with its data;")
                    .containsPattern("Run: +6");
            assertThat(production.query(
                            "shop",
                            "select count(*) from information_schema.columns where table_schema = 'public'"
                                    + " and column_name not in ('i', 'a')"))
                    .isEqualTo("0");
            assertThat(production.log().substring(log.length()).toLowerCase(java.util.Locale.ROOT))
                    .doesNotContain("_rewritten add", "create index", "flyway", "databasechangelog");
            JsonObject report =
                    JsonParser.parseString(result.evidence("rehearsal.json")).getAsJsonObject();
            assertThat(texts(report, "migrations", "script"))
                    .containsExactlyElementsOf(Stream.concat(
                                    Stream.of(
                                            "V1__rewritten.sql",
                                            "V2__indexed.sql",
                                            "V3__concurrently.sql",
                                            "V4__added.sql",
                                            "V5__validated.sql",
                                            "V6__nothing.sql"),
                                    java.util.Collections.nCopies(6, "changes.sql").stream())
                            .toList());
            for (String prefix : List.of("f", "l")) {
                assertKinds(report, prefix);
            }
        }
    }

    /** On a very busy machine, samples can come too late for a short lock. The report says so. */
    private static boolean missedLocks(MavenBuild.Result result) {
        return JsonParser.parseString(result.evidence("rehearsal.json"))
                        .getAsJsonObject()
                        .getAsJsonObject("observation")
                        .get("unseen")
                        .getAsInt()
                > 0;
    }

    private static void assertKinds(JsonObject report, String prefix) {
        JsonObject rewritten = named(report, "tables", "public." + prefix + "_rewritten");
        assertThat(rewritten.get("strongest").getAsString()).isEqualTo("ACCESS EXCLUSIVE");
        assertThat(rewritten.get("storage").getAsString()).isEqualTo("rewritten");
        assertThat(lock(named(report, "indexes", "public." + prefix + "_plain")))
                .isEqualTo("SHARE blocks writes");
        assertThat(lock(named(report, "indexes", "public." + prefix + "_gentle")))
                .isEqualTo("SHARE UPDATE EXCLUSIVE blocks schema-changes");
        JsonObject constraint = named(report, "constraints", prefix + "_positive");
        assertThat(constraint.get("validated").getAsBoolean()).isTrue();
        assertThat(lock(constraint)).isEqualTo("SHARE UPDATE EXCLUSIVE blocks schema-changes");
        for (String table : List.of("_indexed", "_concurrently", "_checked")) {
            assertThat(named(report, "tables", "public." + prefix + table)
                            .get("storage")
                            .getAsString())
                    .isEqualTo("kept");
        }
    }

    private static String lock(JsonObject object) {
        JsonObject lock = object.getAsJsonObject("lock");
        return lock.get("mode").getAsString() + " blocks " + lock.get("blocks").getAsString();
    }

    private static JsonObject named(JsonObject report, String list, String name) {
        return elements(report.getAsJsonArray(list))
                .filter(each -> each.get("name").getAsString().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not in " + report.get(list)));
    }

    private static List<String> texts(JsonObject report, String list, String member) {
        return elements(report.getAsJsonArray(list))
                .map(each -> each.get(member).getAsString())
                .toList();
    }

    private static Stream<JsonObject> elements(JsonArray array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonElement::getAsJsonObject);
    }

    private MavenBuild build(ProductionServer production) {
        return new MavenBuild(project)
                .server("production", production.superuser(), production.password())
                .pom("""
                        <packaging>pom</packaging>
                        <properties>
                            %s
                            <!-- Else CREATE INDEX CONCURRENTLY waits for Flyway's own transaction. -->
                            <flyway.postgresql.transactional.lock>false</flyway.postgresql.transactional.lock>
                        </properties>
                        <build><plugins>%s%s%s</plugins></build>
                        """.formatted(
                                MigrationPlugins.properties(
                                        production.url("shop"), production.superuser(), production.password()),
                                MavenBuild.plugin(
                                        "",
                                        "<goal>start</goal><goal>stop</goal>",
                                        "<source><url>" + production.url("shop")
                                                + "</url><serverId>production</serverId></source>"
                                                + "<rehearsal><handOver>flyway,liquibase</handOver></rehearsal>"),
                                MigrationPlugins.flyway("pre-integration-test", ""),
                                MigrationPlugins.liquibase("pre-integration-test", "")))
                .file("migrations/V1__rewritten.sql", REWRITTEN.formatted("f"))
                .file("migrations/V2__indexed.sql", INDEXED.formatted("f"))
                .file("migrations/V3__concurrently.sql", CONCURRENTLY.formatted("f"))
                .file("migrations/V4__added.sql", ADDED.formatted("f"))
                .file("migrations/V5__validated.sql", VALIDATED.formatted("f"))
                .file("migrations/V6__nothing.sql", NOTHING)
                .file(
                        "changes.sql",
                        "--liquibase formatted sql\n"
                                + changeSet("rewritten", REWRITTEN)
                                + changeSet("indexed", INDEXED)
                                + changeSet("concurrently runInTransaction:false", CONCURRENTLY)
                                + changeSet("added", ADDED)
                                + changeSet("validated", VALIDATED)
                                + changeSet("nothing", NOTHING));
    }

    private static String changeSet(String id, String sql) {
        return "--changeset ann:" + id + "\n" + sql.formatted("l");
    }
}
