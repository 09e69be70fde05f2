package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.ProductionContainer;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Complete verifications with the container engine; most sources are containers too. */
@Tag("alone")
final class ContainerVerificationIT {

    private static final Map<Integer, ProductionContainer> PRODUCTIONS = new LinkedHashMap<>();

    @TempDir
    private Path directory;

    private List<String> volumes = List.of();

    private static ProductionContainer production(int major) {
        return PRODUCTIONS.computeIfAbsent(major, each -> {
            Docker.require(each);
            ProductionContainer production = ProductionContainer.start(each, "workflow_admin");
            production.createDatabase("directus");
            production.load("directus", "scenario/directus-before-migration.sql");
            production.load("directus", "scenario/directus-migration.sql");
            production.query("directus", """
                    create table app_order (id int generated always as identity primary key, at timestamptz default now(),
                        price numeric(10, 2) check (price > 0), note text collate "C", tags text[], doc jsonb);
                    insert into app_order (price, note, tags, doc)
                        select g, 'note ' || g, array['a', g::text], jsonb_build_object('n', g)
                        from generate_series(1, 500) g;
                    create index on app_order using gin (doc);
                    create view recent as select o.id, o.note as n from app_order o where o.id > 400;
                    create materialized view sums as select count(*) from app_order;
                    create table logged (at date, what text) partition by range (at);
                    create table logged_2026 partition of logged for values from ('2026-01-01') to ('2027-01-01');
                    insert into logged values ('2026-02-03', 'x');
                    """);
            return production;
        });
    }

    @BeforeEach
    void list_what_exists() {
        Docker.require(15);
        production(15);
        volumes = Docker.danglingVolumes();
    }

    @AfterEach
    void nothing_is_left() {
        assertThat(Docker.containers("pgbackup-")).isEmpty();
        assertThat(volumes).containsAll(Docker.danglingVolumes());
    }

    @AfterAll
    static void stop() {
        PRODUCTIONS.values().forEach(ProductionContainer::close);
    }

    static List<Integer> majors() {
        return Docker.majors().toList();
    }

    @ParameterizedTest(allowZeroInvocations = true) // none without a daemon
    @MethodSource("majors")
    void a_backup_of_a_container_passes_and_leaves_it_and_the_users_home_alone(int major) throws IOException {
        ProductionContainer production = production(major);
        List<String> before = filesOfLibraries();

        VerificationReport report = VerificationRun.inContainer(production.name(), "directus", directory)
                .with("comparison", "content")
                .with("identity.container", production.name())
                .with("identity.role", "workflow_admin")
                .expect("table", "public.tac_logical_unit")
                .run();

        assertPasses(report);
        Map<String, String> isolation = report.restored().target().orElseThrow().isolation();
        assertThat(isolation)
                .containsEntry("network mode", "none")
                .containsEntry("networks", "none")
                .containsEntry("published ports", "none")
                .containsEntry("network interfaces", "lo")
                .containsEntry("TCP listeners in the container", "127.0.0.1:5432")
                .containsEntry("user", "postgres")
                .containsEntry("privileged", "false")
                .containsEntry("capabilities dropped", "ALL")
                .containsEntry("capabilities added", "none")
                .containsEntry("security options", "no-new-privileges")
                .containsEntry("removed when it ends", "true");
        assertThat(isolation.get("image")).matches("postgres:" + major + ", digest (postgres@)?sha256:[0-9a-f]{64}");
        assertThat(report.restored().target().orElseThrow().removal().values())
                .allMatch(fact -> fact.endsWith("is gone"));
        assertLeftAlone(production);
        assertThat(filesOfLibraries()).isEqualTo(before);
    }

    /** If PostgreSQL is the container's first process, it mistakes a killed orphan for a crashed backend. */
    private static void assertLeftAlone(ProductionContainer production) {
        assertThat(Docker.run("", new String[] {"logs", production.name()}).errors())
                .doesNotContain("was terminated by signal", "all server processes terminated");
        assertThat(Docker.processes(production.name()))
                .noneMatch(line -> line.contains("pg_dump") || line.contains("bash") || line.contains("/bin/sh"));
    }

    private static void assertPasses(VerificationReport report) {
        assertThat(report.problemText()).isEmpty();
        assertThat(report.failedChecks()).isEmpty();
        assertThat(report.verdict()).isEqualTo(Verdict.PASS);
    }

    @ParameterizedTest
    @CsvSource({"13, 18", "17, 18"})
    void an_upgrade_is_rehearsed_in_an_image_of_a_newer_major(int from, int to) {
        Docker.require(from, to);

        VerificationReport report = VerificationRun.inContainer(production(from).name(), "directus", directory)
                .with("restore.image", "postgres:" + to)
                .with("comparison", "content")
                .run();

        assertPasses(report);
        assertThat(report.restored().target().orElseThrow().serverVersion()).startsWith(to + ".");
    }

    @Test
    void an_older_major_is_refused() {
        Docker.require(17, 18);

        assertNotVerified(
                VerificationRun.inContainer(production(18).name(), "directus", directory)
                        .with("restore.image", "postgres:17"),
                "The image postgres:17 contains PostgreSQL 17.\\d+, but the source is 18.\\d+; expected the same major version or a newer one, because a backup cannot be restored into an older one.\n"
                        + "Name another image: <restore><image>, -Dpgbackup.restore.image.");
    }

    private static void assertNotVerified(VerificationRun run, String problem) {
        VerificationReport report = run.run();
        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.problemText()).matches(problem);
    }

    @ParameterizedTest
    @CsvSource({"this machine's client, 15, directory, true", "the image's client, 18, custom, false"})
    void a_database_behind_a_url_is_dumped_by_the_expected_client(
            String client, int major, String format, boolean programs) {
        Docker.require(major);
        try (ProductionServer production =
                ProductionServer.start(Programs.ofMajor(major).bin())) {
            production.createDatabase("shop");
            production.execute("shop", "create table t as select generate_series(1, 10) a");
            VerificationRun run = VerificationRun.of(production, "shop", directory)
                    .with("restore.engine", "container")
                    .with("backup.format", format);
            if (!programs) {
                run.withOldPrograms();
            }

            assertPasses(run.run());

            assertThat(run.log())
                    .anyMatch(line -> line.startsWith("  pg_dump " + major + ".")
                            && line.endsWith(" in a container of postgres:" + major) != programs);
        }
    }

    @Test
    void an_extension_that_the_image_lacks_is_named_before_the_restore() {
        ProductionContainer production = production(15);
        production.createDatabase("extended");
        Docker.docker("exec", "--user", "root", production.name(), "sh", "-c", """
                cd "$(pg_config --sharedir 2>/dev/null || echo /usr/share/postgresql/15)/extension" &&
                echo "default_version = '1.0'" > house_rules.control && : > house_rules--1.0.sql""");
        production.query("extended", "create extension house_rules");

        assertNotVerified(
                VerificationRun.inContainer(production.name(), "extended", directory),
                "The throw-away server lacks extensions that the archive needs: house_rules.\n"
                        + "Name an image that has them: <restore><image> \\(-Dpgbackup.restore.image\\); for the local engine"
                        + " install them for that version of PostgreSQL, or name an installation that has them: <binDirectory>"
                        + " \\(-Dpgbackup.binDirectory\\). See docs/configuration.md#restore.");
    }

    /** The kernel kills it when memory is low, or a user who cleans up. */
    @ParameterizedTest
    @ValueSource(strings = {"restore", "introspect"})
    void a_killed_throw_away_container_is_not_a_failure_of_the_backup(String stage) {
        ProductionContainer production = production(15);
        String database = "killed_in_" + stage;
        production.createDatabase(database);
        production.query(database, """
                create function slow() returns int immutable language plpgsql as $$begin
                    if current_setting('cluster_name') = 'pgbackup' then perform pg_catalog.pg_sleep(60); end if;
                    return 1; end$$;
                create table orders as select 1 as id;
                """);
        VerificationRun run = VerificationRun.inContainer(production.name(), database, directory);
        if (stage.equals("restore")) {
            production.query(database, "create index on orders ((id + slow()))");
        } else {
            run.expect(QueryTag.of("slow", "select public.slow()", "1"));
        }
        AtomicLong killed = new AtomicLong();
        Thread killer = new Thread(() -> {
            String target = busy(database);
            killed.set(System.nanoTime());
            Docker.docker("kill", target);
        });

        assertNotVerified(
                run.at(stage, killer::start),
                "(?s)(The throw-away server ended the connection, or it was lost \\(SQLSTATE 08...\\)|Signal 9"
                        + " ended pg_restore before the restore was complete)\\.\n.*");

        assertThat(Duration.ofNanos(System.nanoTime() - killed.get())).isLessThan(Duration.ofSeconds(30));
    }

    /** The throw-away container that is working on this database. */
    private static String busy(String database) {
        while (true) {
            for (String name : Docker.containers("pgbackup-")) {
                if (Docker.run("", new String[] {"top", name})
                        .output()
                        .matches("(?s).* " + database + " \\S+ (CREATE INDEX|SELECT|BIND).*")) {
                    return name;
                }
            }
        }
    }

    @Test
    void a_broken_restore_fails() {
        VerificationReport report = VerificationRun.inContainer(production(15).name(), "directus", directory)
                .onRestored(session -> session.execute("delete from public.tac_logical_unit where ctid = '(0,1)'"))
                .run();

        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(report.failedChecks()).anyMatch(check -> check.sentence().contains("public.tac_logical_unit"));
    }

    @Test
    void a_protected_container_is_proved_to_keep_running() {
        VerificationReport report = runBeside(name -> {});

        assertPasses(report);
        assertThat(report.checks())
                .filteredOn(check -> check.name().equals("dry run"))
                .singleElement()
                .satisfies(check -> assertThat(check.actual()).matches("container [0-9a-f]{12} running since 20\\S+Z"));
        assertThat(report.checks())
                .filteredOn(check -> check.name().equals("not the protected environment dry run"))
                .singleElement()
                .satisfies(check -> assertThat(check.expected()).matches(".*, system identifier \\d{19}"));
    }

    @Test
    void a_protected_container_that_stops_during_the_run_fails_it() {
        assertFails(
                runBeside(name -> Docker.docker("stop", name)),
                "The protected environment 'dry run' is the container pgtest-dryrun, which must be running, but it is"
                        + " exited on the Docker daemon at \\S+");
    }

    @Test
    void a_protected_container_that_restarts_during_the_run_fails_it() {
        assertFails(runBeside(name -> Docker.docker("restart", name)), "container [0-9a-f]{12} running since 20\\S+Z");
    }

    private static void assertFails(VerificationReport report, String actual) {
        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(report.failedChecks()).singleElement().satisfies(check -> {
            assertThat(check.name()).isEqualTo("dry run");
            assertThat(check.actual()).matches(actual);
        });
    }

    private VerificationReport runBeside(Consumer<String> during) {
        try (ProductionContainer dryRun = ProductionContainer.start("postgres:15", "pgtest-dryrun", "postgres")) {
            return VerificationRun.inContainer(production(15).name(), "directus", directory)
                    .protect("dry run", dryRun.name())
                    .onRestored(session -> during.accept(dryRun.name()))
                    .run();
        }
    }

    @Test
    void an_image_with_a_copy_of_production_in_it_is_refused() {
        String copy = "pgtest-copy:15";
        try (ProductionContainer production = ProductionContainer.start(
                "postgres:15", "pgtest-original", "workflow_admin", "--env", "PGDATA=/var/lib/elsewhere")) {
            production.createDatabase("directus");
            Docker.docker("commit", "--pause", production.name(), copy);

            VerificationRun run = VerificationRun.inContainer(production.name(), "directus", directory)
                    .with("restore.image", copy);

            assertNotVerified(
                    run,
                    "(?s)The restore target is the source \\(.*\\). Nothing was restored.\n"
                            + "Give the restore a server of its own: <restore><engine>, <restore><image>"
                            + " \\(-Dpgbackup.restore.engine, -Dpgbackup.restore.image\\).");
            assertThat(directory.resolve("verify-backup/logs/pg_restore.log")).doesNotExist();
        } finally {
            Docker.run("", new String[] {"rmi", copy});
        }
    }

    @Test
    void an_image_that_cannot_be_pulled_fails_in_seconds() {
        long began = System.nanoTime();
        assertNotVerified(
                VerificationRun.inContainer(production(15).name(), "directus", directory)
                        .with("restore.image", "registry.invalid/postgres:15"),
                "(?s)The image registry.invalid/postgres:15 is not on the Docker daemon at \\S+ and cannot be pulled: .+\\.\n"
                        + "Check the name, load it \\(docker pull, docker load\\), name one that is there by <restore><image>"
                        + " \\(-Dpgbackup.restore.image\\), or restore without Docker: <restore><engine>local"
                        + " \\(-Dpgbackup.restore.engine\\). See docs/ci.md#docker.");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(60));
    }

    @Test
    void a_missing_source_container_is_named() {
        assertNotVerified(
                VerificationRun.inContainer("no-such-container", "directus", directory),
                "<source><container> \\(-Dpgbackup.source.container\\) is 'no-such-container', but the Docker daemon at \\S+"
                        + " has no container with that name or ID.\n"
                        + "Correct the name \\(docker ps\\), or name the daemon that has it in DOCKER_HOST.");
    }

    @Test
    void a_database_missing_in_the_source_container_is_named() {
        assertNotVerified(
                VerificationRun.inContainer(production(15).name(), "nonsense", directory),
                "The server at container pgtest-\\S+ has no database `nonsense`.\n"
                        + "Correct the name in <source><container> \\(-Dpgbackup.source.container\\).");
    }

    /** Testcontainers would create them when it searches for a daemon and loads its native library. */
    private static List<String> filesOfLibraries() throws IOException {
        List<String> files = new ArrayList<>();
        for (String name : List.of(".testcontainers.properties", ".cache/JNA", ".cache/JNA/temp")) {
            Path file = Path.of(System.getProperty("user.home"), name);
            files.add(name + (Files.exists(file) ? " of " + Files.getLastModifiedTime(file) : " is not there"));
        }
        return files;
    }
}
