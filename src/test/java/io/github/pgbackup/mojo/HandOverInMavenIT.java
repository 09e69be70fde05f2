package io.github.pgbackup.mojo;

import static io.github.pgbackup.test.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.postgres.RunningProcess;
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
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Builds of projects whose own, unchanged Flyway or Liquibase migrates a restored database. */
final class HandOverInMavenIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    /** Time until nothing is left; a second on an idle machine. */
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

    /** A POM like a user's: it contains the URL of production. */
    private MavenBuild withFlyway(String configuration, String migration) {
        return withTool("flyway", MigrationPlugins.flyway("pre-integration-test", configuration))
                .file("migrations/V1__change.sql", migration);
    }

    private MavenBuild withTool(String tool, String plugin) {
        return build("<properties>"
                + MigrationPlugins.properties(PRODUCTION.url(database), PRODUCTION.superuser(), PRODUCTION.password())
                + "</properties><build><plugins>" + startAndStop("<handOver>" + tool + "</handOver>") + plugin
                + "</plugins></build>");
    }

    private MavenBuild withLiquibase(String configuration, String change) {
        return withTool("liquibase", MigrationPlugins.liquibase("pre-integration-test", configuration))
                .file("changes.sql", "--liquibase formatted sql\n--changeset a:1\n" + change);
    }

    /** Checks that there is no table of a tool, and nothing that the migration adds. */
    private void assertProductionIsUnchanged() {
        assertThat(PRODUCTION.query(
                        database,
                        "select string_agg(table_name || '.' || column_name, ' ') from information_schema.columns"
                                + " where table_schema in ('public', 'app') and table_name <> 'items'"))
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
    void flyway_migrates_the_restored_database_whatever_url_the_pom_and_the_default_files_contain() {
        MavenBuild.Result result = withFlyway(
                        "<url>" + PRODUCTION.url(database) + "</url><user>" + PRODUCTION.superuser()
                                + "</user><password>" + PRODUCTION.password() + "</password>",
                        ADD_COLUMN)
                // In the default places, where Flyway finds them by itself.
                .file(
                        "flyway.conf",
                        "flyway.url=" + PRODUCTION.url(database) + "\nflyway.user=" + PRODUCTION.superuser()
                                + "\nflyway.password=" + PRODUCTION.password() + "\n")
                .file("flyway.toml", "[environments.default]\nurl = \"" + PRODUCTION.url(database) + "\"\n")
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
                // Liquibase does not read it unless <propertyFile> names it.
                .file("liquibase.properties", "url=" + PRODUCTION.url(database))
                .run("verify");

        assertThat(result.output()).contains("BUILD SUCCESS", "It is handed over to liquibase.");
        assertThat(result.output()).containsPattern("Run: +1");
        assertProductionIsUnchanged();
    }

    @Test
    void the_password_is_only_in_a_file_that_only_its_owner_can_read() throws Exception {
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
    void nothing_is_left_if_the_build_is_killed_during_a_migration(String signal) throws Exception {
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
        // The file that a kill leaves behind opens nothing, and the next run starts afresh.
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
    void a_database_that_is_never_stopped_ends_after_its_maximum_lifetime() {
        MavenBuild build = withFlyway("", ADD_COLUMN + SLEEP);
        MavenBuild.Result result = build.run("verify", "-Dpgbackup.rehearsal.maximumLifetime=PT3S");

        assertThat(result.output()).contains("BUILD FAILURE");
        assertThat(result.evidence("verification.json"))
                .contains("\"verdict\": \"NOT_VERIFIED\"", "The restored database was ended after 3 s, before stop.");
        assertThat(copies(build.temporary())).isEmpty();
    }

    /** The first run fails midway, outside a transaction. The second one has the right that the first one lacked. */
    @Test
    void a_role_has_only_its_own_rights_and_settings() throws IOException {
        String role = "migrator_" + database;
        PRODUCTION.execute(database, """
                create schema app;
                create role %1$s; grant create, usage on schema public, app to %1$s;
                alter role %1$s set search_path = app, public;
                alter role %1$s set "app.tenant" = 'canary ''5''\\';
                alter role %1$s in database %2$s set work_mem = '7MB';""".formatted(role, database));
        MavenBuild build = withFlyway("<schemas><schema>public</schema></schemas>", """
                        do $$ begin
                            if current_setting('work_mem') <> '7MB' or current_setting('app.tenant') <> 'canary ''5''\\' then
                                raise exception 'settings are missing';
                            end if;
                        end $$;
                        create table app.first_half (id int);
                        alter table public.orders add column note text;
                        """)
                .file("migrations/V1__change.sql.conf", "executeInTransaction=false\n")
                .option("-Dpgbackup.rehearsal.role=" + role);

        MavenBuild.Result result = build.run("verify");

        assertThat(result.output())
                .contains("BUILD FAILURE", "must be owner of table orders")
                .contains(
                        "[WARNING] A migration lacked a right: must be owner of table orders (SQLSTATE 42501). Missing:"
                                + " ALTER TABLE public.orders OWNER TO " + role + ".");
        assertThat(result.evidence("verification.json"))
                .contains(
                        "\"verdict\": \"NOT_VERIFIED\"",
                        "The build ended before stop ran in execution 'default' of app, so the restored database ended"
                                + " too.",
                        " has ended\"",
                        " is gone\"");
        assertThat(result.evidence("rehearsal.json"))
                .contains("+TABLE \\\"app\\\".\\\"first_half\\\"")
                .contains("\"missingRight\": \"ALTER TABLE public.orders OWNER TO " + role + "\"");
        assertThat(result.evidence("SUMMARY.txt").replaceAll("\\s+", " "))
                .contains("missing: ALTER TABLE public.orders OWNER TO " + role);
        assertThat(build.evidence().resolve("connection.properties")).doesNotExist();
        assertThat(copies(build.temporary())).isEmpty();
        try (Stream<Path> files = Files.walk(build.evidence())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain("canary");
            }
        }

        PRODUCTION.execute(database, "alter table orders owner to " + role);
        assertThat(build.run("verify").output()).contains("BUILD SUCCESS");

        assertThat(build.run("verify", "-Dpgbackup.rehearsal.role=nobody_here").error())
                .contains("The restored database's server has no role nobody_here, which <rehearsal><role> names.\n"
                        + "  Name a role of the source, or leave this out to use the database's owner: <rehearsal><role>,"
                        + " -Dpgbackup.rehearsal.role; roles are restored only with <restore><roles>provision"
                        + " (-Dpgbackup.restore.roles).");
        assertProductionIsUnchanged();
    }

    /** A transaction has done half of it when the other session closes the cycle. */
    @Test
    void a_migration_that_deadlocks_is_rolled_back_and_reported() throws Exception {
        PRODUCTION.execute(database, "create table items (id int)");
        MavenBuild build = withFlyway("", """
                set local deadlock_timeout = '2s';
                alter table orders add column half int;
                alter table items add column half int;
                """);
        MavenBuild.Result result;
        try (MavenBuild.Running running = build.start("verify")) {
            running.awaitLine(line -> line.contains("is handed over to flyway"));
            Properties connection = connection();
            String url = connection.getProperty("pgbackup.restored.url");
            String user = connection.getProperty("pgbackup.restored.user");
            String password = connection.getProperty("pgbackup.restored.password");
            try (Connection other = DriverManager.getConnection(url, user, password);
                    var statement = other.createStatement()) {
                // The migration detects the deadlock, because it waits for the shorter time.
                statement.execute("set deadlock_timeout = '1h'");
                other.setAutoCommit(false);
                statement.execute("lock table items in share mode");
                await(
                        () -> {
                            try (Connection watching = DriverManager.getConnection(url, user, password);
                                    var rows = watching.createStatement()
                                            .executeQuery(
                                                    "select from pg_locks where relation = 'items'::regclass and not"
                                                            + " granted")) {
                                return rows.next();
                            } catch (SQLException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        java.time.Duration.ofSeconds(60));
                // The answer comes when the migration has been rolled back. Then the build ends, and the database with
                // it.
                statement.execute("select count(*) from orders");
            }
            result = running.result();
        }

        assertThat(result.output()).contains("BUILD FAILURE", "deadlock detected");
        assertThat(result.evidence("rehearsal.json"))
                .contains("deadlock detected (SQLSTATE 40P01)", "\"name\": \"public.items\"")
                .doesNotContain("column \\\"half\\\"");
        assertProductionIsUnchanged();
    }

    /** The build has each of these settings once, and each one is named. */
    @Test
    void every_setting_that_leads_flyway_elsewhere_is_refused() {
        String url = PRODUCTION.url(database);
        MavenBuild build = withFlyway(
                "<configFiles><configFile>pom.conf</configFile><configFile>pom.toml</configFile></configFiles>"
                        + "<serverId>production</serverId>",
                ADD_COLUMN);
        for (String from : List.of("property", "environment", "pom")) {
            build.file(from + ".conf", "# ours\nflyway.url=" + url + "\n")
                    .file(from + ".toml", "[environments.production]\nurl = \"" + url + "\"\n");
        }
        MavenBuild.Result result = build.environment("FLYWAY_URL", url)
                .environment("FLYWAY_PASSWORD", "x")
                .environment("FLYWAY_JDBC_PROPERTIES_USER", "x")
                .environment("FLYWAY_ENVIRONMENT", "production")
                .environment("FLYWAY_ENVIRONMENTS_PRODUCTION_URL", url)
                .environment("FLYWAY_CONFIG_FILES", "environment.conf,environment.toml")
                // Options of the JVM; .mvn/maven.config counts as the command line.
                .environment(
                        "MAVEN_OPTS",
                        "-Xmx128m -XX:TieredStopAtLevel=1 -Djava.io.tmpdir=" + build.temporary() + " -Dflyway.user=x")
                .file(".mvn/maven.config", "-Dflyway.driver=x\n")
                .run("verify", "-Dflyway.url=" + url, "-Dflyway.configFiles=property.conf,property.toml");

        List<String> problems = new java.util.ArrayList<>();
        for (String variable : List.of(
                "FLYWAY_URL",
                "FLYWAY_PASSWORD",
                "FLYWAY_JDBC_PROPERTIES_USER",
                "FLYWAY_ENVIRONMENT",
                "FLYWAY_ENVIRONMENTS_PRODUCTION_URL")) {
            problems.add("The environment variable " + variable
                    + " is set, which flyway prefers to what <rehearsal><handOver>"
                    + " (-Dpgbackup.rehearsal.handOver) hands over: it could migrate another database. Unset it for"
                    + " this build.");
        }
        for (String property : List.of("flyway.url", "flyway.user", "flyway.driver")) {
            problems.add("The property " + property + " is given to Maven (-D" + property
                    + "), and flyway prefers it to what"
                    + " <rehearsal><handOver> (-Dpgbackup.rehearsal.handOver) hands over: it could migrate another database."
                    + " Leave it out; a property of the POM (<properties>) can stay.");
        }
        for (String from : List.of("property", "environment", "pom")) {
            for (String kind : List.of("conf", "toml")) {
                String found = kind.equals("conf") ? "flyway.url" : "environments.production], url";
                problems.add("The configuration file " + from + "." + kind + " of flyway has " + found
                        + ", which flyway prefers to what <rehearsal><handOver> (-Dpgbackup.rehearsal.handOver) hands over: it"
                        + " could migrate another database. Move that to the POM's <properties>, or leave the file out of this"
                        + " build.");
            }
        }
        problems.add("<serverId> is in the <configuration> of flyway-maven-plugin, which flyway prefers to what"
                + " <rehearsal><handOver> (-Dpgbackup.rehearsal.handOver) hands over: it could migrate another"
                + " database. Move it to the POM's <properties>, as <flyway.serverId>.");
        assertRefused(result, problems.toArray(String[]::new));
    }

    private void assertRefused(MavenBuild.Result result, String... problems) {
        assertThat(result.error()).contains("start: NOT_VERIFIED, nothing is known about the backup:");
        for (String problem : problems) {
            assertThat(result.error()).contains("\n  - " + problem + "\n");
        }
        assertThat(result.error().lines().filter(line -> line.startsWith("  - ")))
                .hasSize(problems.length);
        assertThat(result.output()).contains("BUILD FAILURE").doesNotContain("] snapshot");
        assertProductionIsUnchanged();
    }

    @Test
    void every_setting_that_leads_liquibase_elsewhere_is_refused() {
        String url = PRODUCTION.url(database);
        MavenBuild build = withLiquibase(
                        "<url>" + url + "</url><propertyFile>production.properties</propertyFile>", ADD_COLUMN)
                .file("production.properties", "url: " + url + "\n");
        List<String> problems = new java.util.ArrayList<>();
        for (String variable : List.of("LIQUIBASE_URL", "LIQUIBASE_COMMAND_URL", "LIQUIBASE_COMMAND_UPDATE_URL")) {
            build.environment(variable, url);
            problems.add("The environment variable " + variable + " is set, which liquibase prefers to what"
                    + " <rehearsal><handOver> (-Dpgbackup.rehearsal.handOver) hands over: it could migrate another"
                    + " database. Unset it for this build.");
        }
        problems.add("<url> is in the <configuration> of liquibase-maven-plugin, which liquibase prefers to what"
                + " <rehearsal><handOver> (-Dpgbackup.rehearsal.handOver) hands over: it could migrate another"
                + " database. Move it to the POM's <properties>, as <liquibase.url>.");
        problems.add(
                "The configuration file production.properties of liquibase has url, which liquibase prefers to what"
                        + " <rehearsal><handOver> (-Dpgbackup.rehearsal.handOver) hands over: it could migrate another"
                        + " database. Move that to the POM's <properties>, or leave the file out of this build.");
        problems.add(
                "The property liquibase.username is given to Maven (-Dliquibase.username), and liquibase prefers it to"
                        + " what <rehearsal><handOver> (-Dpgbackup.rehearsal.handOver) hands over: it could migrate another database."
                        + " Leave it out; a property of the POM (<properties>) can stay.");

        assertRefused(build.run("verify", "-Dliquibase.username=x"), problems.toArray(String[]::new));
    }

    /** Both have already run by then, on the database that the POM names; here they are told to do nothing. */
    @Test
    void a_tool_that_runs_before_start_is_refused_and_its_phase_is_named() {
        String skip = "<skip>true</skip>";
        MavenBuild.Result result = build("<properties>"
                        + MigrationPlugins.properties(
                                PRODUCTION.url(database), PRODUCTION.superuser(), PRODUCTION.password())
                        + "</properties><build><plugins>"
                        + MigrationPlugins.flyway("pre-integration-test", skip)
                        + startAndStop("<handOver>flyway,liquibase</handOver>")
                        + MigrationPlugins.liquibase("process-resources", skip) + "</plugins></build>")
                .file("migrations/V1__change.sql", ADD_COLUMN)
                .file("changes.sql", "--liquibase formatted sql\n--changeset a:1\n" + ADD_COLUMN)
                .run("verify");

        assertRefused(
                result,
                "flyway-maven-plugin runs migrate in the phase pre-integration-test (execution 'default'), before start in"
                        + " pre-integration-test, because it comes first in the POM: it has worked on the database that its"
                        + " own configuration names. Bind it to pre-integration-test, and put it after"
                        + " pgbackup-maven-plugin in the POM.",
                "liquibase-maven-plugin runs update in the phase process-resources (execution 'default'), before start in"
                        + " pre-integration-test: it has worked on the database that its own configuration names. Bind it"
                        + " to pre-integration-test, and put it after pgbackup-maven-plugin in the POM.");
    }

    /** Production already has the migration, and so does the restored database. */
    @Test
    void a_tool_that_finds_nothing_to_migrate_is_not_verified() {
        PRODUCTION.execute(database, """
                create table flyway_schema_history (installed_rank int primary key, version varchar(50),
                    description varchar(200) not null, type varchar(20) not null, script varchar(1000) not null, checksum int,
                    installed_by varchar(100) not null, installed_on timestamp default now() not null,
                    execution_time int not null, success boolean not null);
                insert into flyway_schema_history values (1, '1', 'change', 'SQL', 'V1__change.sql', 1, 'me', now(), 1, true);
                """);
        MavenBuild.Result result = withFlyway("<validateOnMigrate>false</validateOnMigrate>", ADD_COLUMN)
                .run("verify");

        assertThat(result.output()).contains("is up to date. No migration necessary.");
        assertThat(result.error())
                .contains("stop: NOT_VERIFIED, nothing is known about what was done to the restored database:")
                .contains("Nothing was migrated: after ");
        assertThat(result.evidence("verification.json")).contains("\"verdict\": \"NOT_VERIFIED\"", " is gone\"");
    }

    @Test
    void a_tool_does_nothing_if_start_is_skipped() {
        MavenBuild.Result result = withFlyway("", ADD_COLUMN).run("verify", "-Dpgbackup.skip");

        assertThat(result.output())
                .contains(
                        "start is skipped (pgbackup.skip); no backup was verified, and no database is handed over.",
                        "Nothing is handed over to flyway, which is skipped too (flyway.skip).",
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
                          start has not run in execution 'default-cli' of app, so there is nothing to stop.
                          Name both goals, start and stop, in one <execution>: its <id> connects them.""");
    }
}
