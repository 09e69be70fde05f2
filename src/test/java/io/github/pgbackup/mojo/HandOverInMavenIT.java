package io.github.pgbackup.mojo;

import static io.github.pgbackup.test.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.postgres.RunningProcess;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Builds of projects that migrate a restored database by their own, unchanged, Flyway or Liquibase. */
final class HandOverInMavenIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    /** What may pass until nothing is left; a second on a machine that does nothing else. */
    private static final java.time.Duration SOON = java.time.Duration.ofSeconds(10);

    private static final String ADD_COLUMN = "alter table orders add column note text;\n";
    private static final String SLEEP = "select pg_sleep(600);\n";

    @TempDir
    private Path project;

    private String database;

    @BeforeEach
    void createDatabase() {
        database = "handed_over_" + UUID.randomUUID().toString().substring(0, 8);
        PRODUCTION.createDatabase(database);
        PRODUCTION.execute(database, """
                create table orders (id int primary key);
                insert into orders select generate_series(1, 100);""");
    }

    private MavenBuild build(String plugins) {
        return new MavenBuild(project)
                .server("production", PRODUCTION.superuser(), PRODUCTION.password())
                .pom("<packaging>pom</packaging>" + plugins);
    }

    private String startAndStop(String rehearsal) {
        return MavenBuild.plugin(
                "",
                "<goal>start</goal><goal>stop</goal>",
                "<source><url>" + PRODUCTION.url(database) + "</url><serverId>production</serverId></source>"
                        + "<rehearsal>" + rehearsal + "</rehearsal>");
    }

    /** As a user has it: the URL of production stands in the POM. */
    private MavenBuild withFlyway(String configuration, String migration) {
        return build("""
                <properties>
                    <flyway.url>%s</flyway.url>
                    <flyway.user>%s</flyway.user>
                    <flyway.password>%s</flyway.password>
                    <flyway.baselineOnMigrate>true</flyway.baselineOnMigrate>
                    <flyway.baselineVersion>0</flyway.baselineVersion>
                </properties>
                <build><plugins>%s%s</plugins></build>
                """.formatted(
                                PRODUCTION.url(database),
                                PRODUCTION.superuser(),
                                PRODUCTION.password(),
                                startAndStop("<handOver>flyway</handOver>"),
                                flyway(configuration)))
                .file("migrations/V1__change.sql", migration);
    }

    private static String flyway(String configuration) {
        return """
                <plugin>
                    <groupId>org.flywaydb</groupId>
                    <artifactId>flyway-maven-plugin</artifactId>
                    <version>%s</version>
                    <dependencies>
                        <dependency>
                            <groupId>org.flywaydb</groupId>
                            <artifactId>flyway-database-postgresql</artifactId>
                            <version>%1$s</version>
                        </dependency>
                        %s
                    </dependencies>
                    <executions>
                        <execution>
                            <phase>pre-integration-test</phase>
                            <goals><goal>migrate</goal></goals>
                        </execution>
                    </executions>
                    <configuration>
                        <locations><location>filesystem:migrations</location></locations>
                        %s
                    </configuration>
                </plugin>
                """.formatted(System.getProperty("pgbackup.flyway"), driver(), configuration);
    }

    private static String driver() {
        return """
                <dependency>
                    <groupId>org.postgresql</groupId>
                    <artifactId>postgresql</artifactId>
                    <version>%s</version>
                </dependency>
                """.formatted(System.getProperty("pgbackup.driver"));
    }

    private MavenBuild withLiquibase(String configuration, String change) {
        return build("""
                <properties>
                    <liquibase.url>%s</liquibase.url>
                    <liquibase.username>%s</liquibase.username>
                    <liquibase.password>%s</liquibase.password>
                </properties>
                <build><plugins>%s
                <plugin>
                    <groupId>org.liquibase</groupId>
                    <artifactId>liquibase-maven-plugin</artifactId>
                    <version>%s</version>
                    <dependencies>%s</dependencies>
                    <executions>
                        <execution>
                            <phase>pre-integration-test</phase>
                            <goals><goal>update</goal></goals>
                        </execution>
                    </executions>
                    <configuration>
                        <changeLogFile>changes.sql</changeLogFile>
                        %s
                    </configuration>
                </plugin>
                </plugins></build>
                """.formatted(
                                PRODUCTION.url(database),
                                PRODUCTION.superuser(),
                                PRODUCTION.password(),
                                startAndStop("<handOver>liquibase</handOver>"),
                                System.getProperty("pgbackup.liquibase"),
                                driver(),
                                configuration))
                .file("changes.sql", "--liquibase formatted sql\n--changeset a:1\n" + change);
    }

    /** Neither a table of a tool nor what the migration adds. */
    private void assertProductionIsUnchanged() {
        assertThat(PRODUCTION.query(
                        database,
                        "select string_agg(table_name || '.' || column_name, ' ') from information_schema.columns"
                                + " where table_schema = 'public'"))
                .isEqualTo("orders.id");
    }

    private void assertNothingIsLeft(MavenBuild build, List<ProcessHandle> processes) {
        await(() -> processes.stream().noneMatch(process -> new RunningProcess(process.pid()).runs()), SOON);
        await(() -> copies(build.temporary()).isEmpty(), SOON);
    }

    private static List<Path> copies(Path temporary) {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(file -> Files.exists(file.resolve("data/PG_VERSION")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Properties connection() throws IOException {
        Properties connection = new Properties();
        try (var file = Files.newBufferedReader(project.resolve("target/verify-backup/connection.properties"))) {
            connection.load(file);
        }
        return connection;
    }

    @Test
    void flyway_migrates_the_restored_database_whatever_url_the_pom_has() {
        MavenBuild.Result result = withFlyway(
                        "<url>" + PRODUCTION.url(database) + "</url><user>" + PRODUCTION.superuser()
                                + "</user><password>" + PRODUCTION.password() + "</password>",
                        ADD_COLUMN)
                .run("verify");

        assertThat(result.output())
                .contains("BUILD SUCCESS", "Successfully applied 1 migration", "It is handed over to flyway.")
                .containsPattern("The restored database is gone, with its data; [1-9] sessions? w");
        assertProductionIsUnchanged();
        assertThat(result.evidence("verification.json"))
                .contains("\"verdict\": \"PASS\"", "\"lasted\": \"PT", "\"tools\": [\n      \"flyway\"")
                .contains(" has ended\"", " is gone\"");
        assertThat(result.evidence("SUMMARY.txt")).contains("Handed over  role: ");
        assertThat(result.evidence("rehearsal.json")).contains("V1__change.sql", "ACCESS EXCLUSIVE");
        assertThat(result.evidence("rehearsal.md")).contains("orders");
        assertThat(result.build().evidence().resolve("connection.properties")).doesNotExist();
        assertThat(copies(result.build().temporary())).isEmpty();
    }

    @Test
    void liquibase_migrates_the_restored_database() {
        MavenBuild.Result result = withLiquibase("", ADD_COLUMN)
                // Not read unless <propertyFile> names it.
                .file("liquibase.properties", "url=" + PRODUCTION.url(database))
                .run("verify");

        assertThat(result.output()).contains("BUILD SUCCESS", "It is handed over to liquibase.");
        assertThat(result.output()).containsPattern("Run: +1");
        assertProductionIsUnchanged();
    }

    @Test
    void the_container_engine_hands_over_too() {
        Docker.require(15);
        MavenBuild.Result result = withFlyway("", ADD_COLUMN)
                .anyEngine()
                .option("-Dpgbackup.restore.engine=container")
                .run("verify");

        assertThat(result.output()).contains("BUILD SUCCESS", "Successfully applied 1 migration");
        assertProductionIsUnchanged();
        assertThat(Docker.containers("pgbackup-")).isEmpty();
    }

    @Test
    void the_password_is_in_a_file_of_the_owner_and_nowhere_else() throws Exception {
        MavenBuild build = withFlyway("", "select pg_sleep(5);\n");
        String password;
        MavenBuild.Result result;
        try (MavenBuild.Running running = build.start("verify")) {
            running.awaitLine(line -> line.contains("is handed over to flyway"));
            Properties connection = connection();
            assertThat(connection.stringPropertyNames())
                    .containsExactlyInAnyOrder(
                            "pgbackup.restored.url",
                            "pgbackup.restored.host",
                            "pgbackup.restored.port",
                            "pgbackup.restored.database",
                            "pgbackup.restored.user",
                            "pgbackup.restored.password");
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(build.evidence().resolve("connection.properties"))))
                    .isEqualTo("rw-------");
            password = connection.getProperty("pgbackup.restored.password");
            try (Connection other = DriverManager.getConnection(
                    connection.getProperty("pgbackup.restored.url"),
                    connection.getProperty("pgbackup.restored.user"),
                    password)) {
                assertThat(other.isValid(5)).isTrue();
            }
            result = running.result();
        }
        assertThat(result.output()).contains("BUILD SUCCESS").doesNotContain(password);
        try (Stream<Path> files = Files.walk(project)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(password);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "TERM"})
    void when_the_build_is_killed_in_a_migration_nothing_is_left(String signal) throws Exception {
        MavenBuild build = withFlyway("", ADD_COLUMN + SLEEP);
        List<ProcessHandle> processes;
        int port;
        try (MavenBuild.Running running = build.start("verify")) {
            running.awaitLine(line -> line.contains("Migrating schema"));
            processes = running.descendants();
            port = Integer.parseInt(connection().getProperty("pgbackup.restored.port"));
            running.signal(signal, false);
            running.result();
        }

        assertThat(processes).isNotEmpty();
        assertNothingIsLeft(build, processes);
        assertProductionIsUnchanged();
        assertThat(isOpen(port)).isFalse();
        assertThat(Files.exists(build.evidence().resolve("connection.properties")))
                .isEqualTo(signal.equals("KILL"));
        // What a kill leaves opens nothing, and the next run begins anew.
        assertThat(build.file("migrations/V1__change.sql", ADD_COLUMN)
                        .run("verify")
                        .output())
                .contains("BUILD SUCCESS");
    }

    private static boolean isOpen(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void when_a_migration_fails_the_restored_database_ends_with_the_build() {
        MavenBuild build = withFlyway("", "alter table no_such_table add column note text;\n");
        MavenBuild.Result result = build.run("verify");

        assertThat(result.output()).contains("BUILD FAILURE", "relation \"no_such_table\" does not exist");
        assertThat(result.evidence("verification.json"))
                .contains(
                        "\"verdict\": \"NOT_VERIFIED\"",
                        "The build ended before stop of execution 'default' of app: the restored database was ended with"
                                + " it.",
                        " has ended\"",
                        " is gone\"");
        assertThat(build.evidence().resolve("connection.properties")).doesNotExist();
        assertThat(copies(build.temporary())).isEmpty();
        assertProductionIsUnchanged();
    }

    @Test
    void a_database_that_nobody_stops_ends_after_its_life() {
        MavenBuild build = withFlyway("", ADD_COLUMN + SLEEP);
        MavenBuild.Result result = build.run("verify", "-Dpgbackup.rehearsal.maximumLifetime=PT3S");

        assertThat(result.output()).contains("BUILD FAILURE");
        assertThat(result.evidence("verification.json"))
                .contains("\"verdict\": \"NOT_VERIFIED\"", "The restored database was ended after PT3S, before stop.");
        assertThat(copies(build.temporary())).isEmpty();
    }

    @Test
    void a_role_has_its_own_rights_and_no_more() {
        String role = "migrator_" + database;
        PRODUCTION.execute(database, "create role " + role + "; grant create, usage on schema public to " + role);
        MavenBuild build = withFlyway("", ADD_COLUMN);

        MavenBuild.Result result = build.run("verify", "-Dpgbackup.rehearsal.role=" + role);
        assertThat(result.output()).contains("BUILD FAILURE", "must be owner of table orders");

        PRODUCTION.execute(database, "alter table orders owner to " + role);
        assertThat(build.run("verify", "-Dpgbackup.rehearsal.role=" + role).output())
                .contains("BUILD SUCCESS");

        assertThat(build.run("verify", "-Dpgbackup.rehearsal.role=nobody_here").error())
                .contains("The restored database's server has no role nobody_here, which <rehearsal><role> names.\n"
                        + "  Name a role of the source, or none for the database's owner: <rehearsal><role>,"
                        + " -Dpgbackup.rehearsal.role; roles are restored by <restore><roles>provision"
                        + " (-Dpgbackup.restore.roles).");
        assertProductionIsUnchanged();
    }

    @ParameterizedTest
    @ValueSource(strings = {"FLYWAY_URL", "FLYWAY_PASSWORD", "FLYWAY_JDBC_PROPERTIES_USER"})
    void a_variable_that_leads_flyway_elsewhere_is_refused(String variable) {
        MavenBuild.Result result = withFlyway("", ADD_COLUMN)
                .environment(variable, PRODUCTION.url(database))
                .run("verify");

        assertRefused(
                result,
                "The environment variable " + variable + " is set, which flyway takes before what <rehearsal><handOver>"
                        + " (-Dpgbackup.rehearsal.handOver) hands over: it could migrate another database. Unset it for"
                        + " this build.");
    }

    private void assertRefused(MavenBuild.Result result, String problem) {
        assertThat(result.error())
                .contains("start: NOT_VERIFIED, nothing is known about the backup:", "\n  - " + problem + "\n");
        assertThat(result.output()).contains("BUILD FAILURE").doesNotContain("] snapshot");
        assertProductionIsUnchanged();
    }

    @Test
    void a_property_that_leads_flyway_elsewhere_is_refused() {
        MavenBuild build = withFlyway("", ADD_COLUMN);
        String problem = "The property flyway.url is given to Maven (-Dflyway.url), and flyway takes it before what"
                + " <rehearsal><handOver> (-Dpgbackup.rehearsal.handOver) hands over: it could migrate another database."
                + " Leave it out; a property of the POM (<properties>) can stay.";

        assertRefused(build.run("verify", "-Dflyway.url=" + PRODUCTION.url(database)), problem);
        // Of the JVM, as MAVEN_OPTS sets it.
        assertRefused(
                build.environment(
                                "MAVEN_OPTS",
                                "-Xmx128m -Djava.io.tmpdir=" + build.temporary() + " -Dflyway.url="
                                        + PRODUCTION.url(database))
                        .run("verify"),
                problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"conf", "toml"})
    void a_file_that_leads_flyway_elsewhere_is_refused(String kind) {
        MavenBuild build = withFlyway("", ADD_COLUMN)
                .file("production.conf", "# ours\nflyway.url=" + PRODUCTION.url(database) + "\n")
                .file("production.toml", "[environments.production]\nurl = \"" + PRODUCTION.url(database) + "\"\n");
        String found = kind.equals("conf") ? "flyway.url" : "environments.production], url";
        String problem = "The configuration file production." + kind + " of flyway has " + found
                + ", which flyway takes before what <rehearsal><handOver> (-Dpgbackup.rehearsal.handOver) hands over: it"
                + " could migrate another database. Move that to the POM's <properties>, or leave the file out of this"
                + " build.";

        assertRefused(build.run("verify", "-Dflyway.configFiles=production." + kind), problem);
        assertRefused(
                build.environment("FLYWAY_CONFIG_FILES", "production." + kind).run("verify"), problem);
        assertRefused(
                withFlyway("<configFiles><configFile>production." + kind + "</configFile></configFiles>", ADD_COLUMN)
                        .run("verify"),
                problem);
    }

    @Test
    void a_file_in_the_usual_place_leads_flyway_nowhere_else() {
        MavenBuild.Result result = withFlyway("", ADD_COLUMN)
                .file(
                        "flyway.conf",
                        "flyway.url=" + PRODUCTION.url(database) + "\nflyway.user=" + PRODUCTION.superuser()
                                + "\nflyway.password=" + PRODUCTION.password() + "\n")
                .file("flyway.toml", "[environments.default]\nurl = \"" + PRODUCTION.url(database) + "\"\n")
                .run("verify");

        assertThat(result.output()).contains("BUILD SUCCESS", "Successfully applied 1 migration");
        assertProductionIsUnchanged();
    }

    @ParameterizedTest
    @ValueSource(strings = {"LIQUIBASE_URL", "LIQUIBASE_COMMAND_URL", "LIQUIBASE_COMMAND_UPDATE_URL"})
    void a_variable_that_leads_liquibase_elsewhere_is_refused(String variable) {
        assertRefused(
                withLiquibase("", ADD_COLUMN)
                        .environment(variable, PRODUCTION.url(database))
                        .run("verify"),
                "The environment variable " + variable + " is set, which liquibase takes before what"
                        + " <rehearsal><handOver> (-Dpgbackup.rehearsal.handOver) hands over: it could migrate another"
                        + " database. Unset it for this build.");
    }

    @Test
    void what_leads_liquibase_elsewhere_by_the_pom_or_a_file_is_refused() {
        assertRefused(
                withLiquibase("<url>" + PRODUCTION.url(database) + "</url>", ADD_COLUMN)
                        .run("verify"),
                "<url> is in the <configuration> of liquibase-maven-plugin, which liquibase takes before what"
                        + " <rehearsal><handOver> (-Dpgbackup.rehearsal.handOver) hands over: it could migrate another"
                        + " database. Move it to the POM's <properties>, as <liquibase.url>.");
        assertRefused(
                withLiquibase("<propertyFile>production.properties</propertyFile>", ADD_COLUMN)
                        .file("production.properties", "url: " + PRODUCTION.url(database) + "\n")
                        .run("verify"),
                "The configuration file production.properties of liquibase has url, which liquibase takes before what"
                        + " <rehearsal><handOver> (-Dpgbackup.rehearsal.handOver) hands over: it could migrate another"
                        + " database. Move that to the POM's <properties>, or leave the file out of this build.");
    }

    @Test
    void a_tool_does_nothing_where_start_is_skipped() {
        MavenBuild.Result result = withFlyway("", ADD_COLUMN).run("verify", "-Dpgbackup.skip");

        assertThat(result.output())
                .contains(
                        "start is skipped (pgbackup.skip); no backup was verified, and no database is handed over.",
                        "Nothing is handed over to flyway, which is skipped, too (flyway.skip).",
                        "Skipping Flyway execution",
                        "stop is skipped (pgbackup.skip); nothing was stopped.",
                        "BUILD SUCCESS");
        assertProductionIsUnchanged();
    }

    @Test
    void stop_says_when_there_is_nothing_to_stop() {
        MavenBuild.Result result = build("").run(MavenBuild.goal("stop"));

        assertThat(result.error()).isEqualTo("""
                        stop: NOT_VERIFIED, nothing is known about what was done to the restored database:
                          start has not run in execution 'default-cli' of app, so that there is nothing to stop.
                          Name both goals, start and stop, in one <execution>: they belong together by its <id>.""");
    }
}
