package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.signature.Keys;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds that rehearse a migration with a command, test a restored database, and hand over several databases. */
final class RehearsalInMavenIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    @TempDir
    private Path project;

    private String database;

    @BeforeEach
    void createDatabase() {
        database = newDatabase();
    }

    private static String newDatabase() {
        String name = "rehearsed_" + UUID.randomUUID().toString().substring(0, 8);
        PRODUCTION.createDatabase(name);
        PRODUCTION.execute(name, """
                create table orders (id int primary key, total int);
                insert into orders select i, i from generate_series(1, 100) i;""");
        return name;
    }

    private static String configuration(String database, String rehearsal) {
        return "<source><url>" + PRODUCTION.url(database) + "</url><serverId>production</serverId></source>"
                + "<rehearsal>" + rehearsal + "</rehearsal>";
    }

    private MavenBuild build(String rest) {
        return new MavenBuild(project)
                .server("production", PRODUCTION.superuser(), PRODUCTION.password())
                .pom(rest);
    }

    private MavenBuild byCommand(String rehearsal, String sql) {
        return byCommand(rehearsal, "", sql);
    }

    private MavenBuild byCommand(String rehearsal, String more, String sql) {
        return build("<packaging>pom</packaging><build><plugins>"
                        + MavenBuild.plugin(
                                "",
                                "<goal>start</goal><goal>stop</goal>",
                                configuration(
                                                database,
                                                "<command>"
                                                        + Programs.newest()
                                                                .bin()
                                                                .resolve("psql")
                                                        + " -X -q -v ON_ERROR_STOP=1 -f migration.sql</command>"
                                                        + rehearsal)
                                        + more)
                        + "</plugins></build>")
                .file("migration.sql", sql);
    }

    private void assertProductionIsUnchanged() {
        assertThat(PRODUCTION.query(
                        database,
                        "select string_agg(column_name, ' ' order by column_name) from information_schema.columns"
                                + " where table_schema = 'public'"))
                .isEqualTo("id total");
    }

    /** History, metrics and signature contain the verdict of the migration. */
    @Test
    void a_plain_migration_is_rehearsed_by_a_command() throws Exception {
        String pem = Keys.privateKey("ed25519");
        MavenBuild build = byCommand(
                        """
                        <maximumLock>PT1M</maximumLock>
                        <expectations>
                            <column><name>public.orders.note</name></column>
                            <query><name>rows</name><sql>select count(*) from orders</sql><returns>100</returns></query>
                        </expectations>""", LAST_VERDICT, "alter table orders add column note text default clock_timestamp()::text;\n")
                .serverWithKey("signing", pem, "")
                .file("release.pub", Keys.publicKey(pem, ""))
                .environment("GITHUB_STEP_SUMMARY", project.resolve("job.md").toString());
        MavenBuild.Result result = build.run("verify");

        assertThat(result.output()).contains("BUILD SUCCESS", "The restored database is gone, with its data;");
        assertProductionIsUnchanged();
        assertThat(result.evidence("SUMMARY.txt"))
                .contains("verify-backup: PASS", "ACCESS EXCLUSIVE", "rewritten", "public.orders");
        assertThat(result.evidence("rehearsal.md")).contains("orders");
        assertThat(result.evidence("rehearsal.json")).contains("ACCESS EXCLUSIVE", "alter table orders");
        assertThat(result.evidence("SHA256SUMS")).contains("  rehearsal.json\n", "  rehearsal.md\n");
        assertLastVerdict("PASS");
        assertThat(Files.readString(project.resolve("job.md"))).contains("ACCESS EXCLUSIVE", "rewritten");
        assertThat(build.run(
                                MavenBuild.goal("check-evidence"),
                                "-Dpgbackup.identity.database=" + database,
                                "-Dpgbackup.trustedKeys=release.pub")
                        .output())
                .contains("BUILD SUCCESS", ", signed by the key ");
    }

    private static final String LAST_VERDICT = """
            <history><file>history.jsonl</file></history>
            <metricsFile>pgbackup.prom</metricsFile>
            <signature><serverId>signing</serverId></signature>""";

    /** The history has one line for the run, which did not pass although its backup did. */
    private void assertLastVerdict(String verdict) throws IOException {
        assertThat(Files.readAllLines(project.resolve("history.jsonl")))
                .singleElement()
                .asString()
                .contains("\"verdict\":\"" + verdict + "\"", "\"keyId\":\"");
        assertThat(Files.readString(project.resolve("pgbackup.prom")))
                .containsPattern("verdict=\"" + verdict + "\"} 1\n");
        assertThat(Files.readString(project.resolve("job.md")))
                .containsOnlyOnce("## ")
                .startsWith("## start and stop: " + verdict + "\n")
                .contains("Migration rehearsed: ");
    }

    @Test
    void a_migration_that_exceeds_a_limit_or_breaks_an_expectation_fails() throws IOException {
        MavenBuild.Result result = byCommand(
                        """
                        <maximumStatement>PT0.1S</maximumStatement>
                        <expectations>
                            <query><name>rows</name><sql>select count(*) from orders</sql><returns>100</returns></query>
                        </expectations>""", LAST_VERDICT, "delete from orders where id > 10;\nselect pg_sleep(0.3);\n")
                .serverWithKey("signing", Keys.privateKey("ed25519"), "")
                .environment("GITHUB_STEP_SUMMARY", project.resolve("job.md").toString())
                .run("verify");

        assertThat(result.output()).contains("BUILD FAILURE");
        assertThat(result.error()).contains("stop: FAIL", "statement", "at most 0.1 s", "rows", "10");
        assertThat(result.evidence("verification.json")).contains("\"verdict\": \"FAIL\"");
        assertLastVerdict("FAIL");
        assertProductionIsUnchanged();
    }

    @Test
    void a_migration_that_does_nothing_does_not_pass() {
        MavenBuild.Result result = byCommand("", "select 1;\n").run("verify");

        assertThat(result.error()).contains("NOT_VERIFIED", "Nothing was migrated: after 1 statement");
        assertThat(result.evidence("verification.json")).contains("\"verdict\": \"NOT_VERIFIED\"");
    }

    @Test
    void a_command_that_fails_fails_the_build_and_the_evidence_says_how() {
        MavenBuild.Result result =
                byCommand("", "alter table no_such_table add column a int;\n").run("verify");

        assertThat(result.error()).contains("start: ", "the migration failed", "exit status of ");
        assertThat(result.evidence("logs/migration.log")).contains("relation \"no_such_table\" does not exist");
        assertThat(result.evidence("verification.json")).contains("exit status of ", " is gone\"");
        assertThat(result.build().evidence().resolve("connection.properties")).doesNotExist();
    }

    /** A test in a JVM of its own, as Failsafe runs it. */
    @Test
    void tests_in_another_jvm_use_the_restored_database() {
        MavenBuild.Result result = build("""
                <properties>
                    <maven.compiler.release>17</maven.compiler.release>
                    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
                </properties>
                <dependencies>
                    <dependency>
                        <groupId>org.postgresql</groupId>
                        <artifactId>postgresql</artifactId>
                        <version>%s</version>
                        <scope>test</scope>
                        <exclusions>
                            <exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion>
                        </exclusions>
                    </dependency>
                    <dependency>
                        <groupId>org.junit.jupiter</groupId>
                        <artifactId>junit-jupiter</artifactId>
                        <version>%s</version>
                        <scope>test</scope>
                    </dependency>
                </dependencies>
                <build><plugins>
                    <plugin>
                        <artifactId>maven-resources-plugin</artifactId>
                        <version>3.5.0</version>
                    </plugin>
                    <plugin>
                        <artifactId>maven-compiler-plugin</artifactId>
                        <version>3.16.0</version>
                    </plugin>
                    <plugin>
                        <artifactId>maven-jar-plugin</artifactId>
                        <version>3.5.1</version>
                    </plugin>
                    <plugin>
                        <artifactId>maven-surefire-plugin</artifactId>
                        <version>%3$s</version>
                    </plugin>
                    %4$s
                    <plugin>
                        <artifactId>maven-failsafe-plugin</artifactId>
                        <version>%3$s</version>
                        <executions><execution>
                            <goals><goal>integration-test</goal><goal>verify</goal></goals>
                        </execution></executions>
                        <configuration>
                            <systemPropertyVariables>
                                <db.url>${pgbackup.restored.url}</db.url>
                                <db.user>${pgbackup.restored.user}</db.user>
                                <db.password>${pgbackup.restored.password}</db.password>
                            </systemPropertyVariables>
                        </configuration>
                    </plugin>
                </plugins></build>
                """.formatted(
                        System.getProperty("pgbackup.driver"),
                        System.getProperty("pgbackup.junit"),
                        System.getProperty("pgbackup.surefire"),
                        MavenBuild.plugin("", "<goal>start</goal><goal>stop</goal>", configuration(database, ""))))
                .file("src/test/java/OrdersIT.java", """
                        import static org.junit.jupiter.api.Assertions.assertEquals;

                        import java.sql.*;
                        import org.junit.jupiter.api.Test;

                        class OrdersIT {
                            @Test
                            void there_are_a_hundred() throws Exception {
                                try (Connection connection = DriverManager.getConnection(
                                                System.getProperty("db.url"),
                                                System.getProperty("db.user"),
                                                System.getProperty("db.password"));
                                        ResultSet rows =
                                                connection.createStatement().executeQuery("select count(*) from orders")) {
                                    rows.next();
                                    assertEquals(100, rows.getInt(1));
                                }
                            }
                        }
                        """)
                .run("verify");

        assertThat(result.output())
                .contains("BUILD SUCCESS", "Tests run: 1, Failures: 0, Errors: 0", "1 session was opened there");
        assertThat(result.evidence("verification.json")).contains("\"verdict\": \"PASS\"");
    }

    /** Two executions of one module and one of another, which Maven builds at the same time. */
    @Test
    void executions_and_modules_hand_over_at_the_same_time() throws Exception {
        String other = newDatabase();
        String executions = execution("one", database, "") + execution("two", other, "");
        String skipped = MigrationPlugins.flyway("pre-integration-test", "<skip>true</skip>");
        MavenBuild.Result result = build(
                        "<packaging>pom</packaging><modules><module>a</module><module>b</module></modules>")
                .file("a/pom.xml", module("a", executions, skipped))
                .file("b/pom.xml", module("b", execution("default", database, "<handOver>flyway</handOver>"), ""))
                .run("verify", "-T2", "--fail-at-end");

        assertThat(result.output())
                .contains(
                        "[WARNING] flyway-maven-plugin is in a and not in b, where start runs: nothing is handed over to it"
                                + " there. Bind start and stop in the project that migrates.");
        for (String folder : new String[] {"a/target/verify-backup-one", "a/target/verify-backup-two"}) {
            assertThat(Files.readString(project.resolve(folder + "/verification.json")))
                    .contains("\"verdict\": \"PASS\"", "\"lasted\": \"PT", " is gone\"");
        }
        // It should have been migrated, and was not.
        assertThat(Files.readString(project.resolve("b/target/verify-backup/verification.json")))
                .contains("\"verdict\": \"NOT_VERIFIED\"", "Nothing was migrated", " is gone\"");
    }

    private static String module(String name, String executions, String plugin) {
        return """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                    <modelVersion>4.0.0</modelVersion>
                    <parent><groupId>org.example</groupId><artifactId>app</artifactId><version>1</version></parent>
                    <artifactId>%s</artifactId>
                    <packaging>pom</packaging>
                    <build><plugins>%s%s</plugins></build>
                </project>
                """.formatted(
                        name,
                        MavenBuild.plugin("", "")
                                .replaceFirst(
                                        "(?s)<executions>.*</executions>",
                                        java.util.regex.Matcher.quoteReplacement(
                                                "<executions>" + executions + "</executions>")),
                        plugin);
    }

    private static String execution(String id, String database, String rehearsal) {
        return "<execution><id>" + id + "</id><goals><goal>start</goal><goal>stop</goal></goals><configuration>"
                + configuration(database, rehearsal) + "</configuration></execution>";
    }

    @Test
    void stop_of_another_execution_stops_nothing() {
        MavenBuild.Result result = build("<packaging>pom</packaging><build><plugins>"
                        + MavenBuild.plugin("", "").replaceFirst("(?s)<executions>.*</executions>", """
                                        <executions>
                                            <execution><id>one</id><goals><goal>start</goal></goals><configuration>%s
                                            </configuration></execution>
                                            <execution><id>two</id><goals><goal>stop</goal></goals></execution>
                                        </executions>""".formatted(
                                        configuration(database, "")))
                        + "</plugins></build>")
                .run("verify");

        assertThat(result.error())
                .contains("start has not run in execution 'two' of app, so there is nothing to stop. It has run in"
                        + " execution 'one' of app.");
        assertThat(result.evidence("verification.json"))
                .contains(
                        "\"verdict\": \"NOT_VERIFIED\"",
                        "The build ended before stop ran in execution 'one' of app",
                        " is gone\"");
    }

    @Test
    void an_archive_is_handed_over_too() throws Exception {
        Path archive = project.resolve("orders.dump");
        Process dump = new ProcessBuilder(
                        Programs.newest().bin().resolve("pg_dump").toString(),
                        "-Fc",
                        "--file=" + archive,
                        "--dbname=" + PRODUCTION.url(database).substring("jdbc:".length()) + "?user="
                                + PRODUCTION.superuser() + "&password=" + PRODUCTION.password())
                .inheritIO()
                .start();
        assertThat(dump.waitFor()).isZero();
        MavenBuild.Result result = build("<packaging>pom</packaging><build><plugins>"
                        + MavenBuild.plugin(
                                "",
                                "<goal>start</goal><goal>stop</goal>",
                                "<archive><file>orders.dump</file><roles>globals.sql</roles></archive><rehearsal><role>mover</role>"
                                        + "<command>" + Programs.newest().bin().resolve("psql")
                                        + " -X -q -v ON_ERROR_STOP=1 -f migration.sql</command></rehearsal>")
                        + "</plugins></build>")
                .file("globals.sql", """
                        CREATE ROLE mover;
                        ALTER ROLE mover WITH SUPERUSER LOGIN;
                        ALTER ROLE mover SET work_mem TO '7MB';
                        ALTER ROLE mover SET no_such_parameter TO 'canary';
                        """)
                .file("migration.sql", """
                        select 1 / (current_setting('work_mem') = '7MB')::int;
                        alter table orders drop column total;
                        """)
                .run("verify");

        assertThat(result.output())
                .contains("BUILD SUCCESS")
                .contains(
                        "The throw-away server refuses a setting that role mover has in production (ALTER ROLE mover SET"
                                + " no_such_parameter, SQLSTATE 42704): migrations run without it.")
                .doesNotContain("canary");
        assertThat(result.evidence("SUMMARY.txt")).contains("ACCESS EXCLUSIVE");
        assertProductionIsUnchanged();
    }
}
