package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.Await;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.DockerProxy;
import io.github.pgbackup.test.ProductionContainer;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Registry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Builds by a real Maven with the container engine; production is a container. */
@Tag("alone")
final class ContainerBuildIT {

    /** Time until nothing is left; the promise is a minute. */
    private static final Duration SOON = Duration.ofSeconds(15);

    private static final Duration START = Duration.ofSeconds(60);

    private static ProductionContainer production;
    private static List<String> volumes;

    @TempDir
    private Path project;

    @BeforeAll
    static void start() {
        Docker.require(15);
        production = ProductionContainer.start(15, "workflow_admin");
        for (Stage stage : Stage.values()) {
            production.createDatabase(stage.database());
            production.query(stage.database(), stage.sql);
        }
        production.createDatabase("directus");
        production.query("directus", "create table t as select generate_series(1, 100) a");
        volumes = Docker.danglingVolumes();
    }

    @AfterAll
    static void stop() {
        Docker.containers("pgbackup-").forEach(name -> Docker.docker("rm", "--force", "--volumes", name));
        if (production != null) {
            production.close();
        }
    }

    /** The point at which a build is killed, and what makes it wait there. The servers differ in where they listen. */
    enum Stage {
        TARGET("select 1"),
        DUMP("create table noise as select sha512(id::text::bytea) from generate_series(1, 600000) id"),
        RESTORE("""
                create function slow(id int) returns int immutable language plpgsql as $$begin
                    if current_setting('listen_addresses') = '127.0.0.1' then perform pg_catalog.pg_sleep(60); end if;
                    return id; end$$;
                create table orders as select 1 as id;
                create index on orders (slow(id))"""),
        INTROSPECT("""
                create function answer() returns int language plpgsql as $$begin
                    if current_setting('listen_addresses') = '127.0.0.1' then perform pg_catalog.pg_sleep(60); end if;
                    return 1; end$$""");

        private final String sql;

        Stage(String sql) {
            this.sql = sql;
        }

        String database() {
            return name().toLowerCase(Locale.ROOT);
        }

        private void waitFor(MavenBuild.Running build) {
            switch (this) {
                case TARGET -> Await.await(ContainerBuildIT::targetRuns, START);
                case DUMP -> {
                    Await.await(ContainerBuildIT::targetRuns, START);
                    Await.await(
                            () -> production
                                    .query(
                                            "postgres",
                                            "select count(*) from pg_stat_activity where application_name = 'pgbackup' and query like 'COPY %'")
                                    .equals("1"),
                            START);
                }
                case RESTORE, INTROSPECT -> build.awaitLine(line -> line.endsWith("] " + database()));
            }
        }
    }

    private static boolean targetRuns() {
        return !Docker.docker("ps", "--quiet", "--filter", "name=pgbackup-").isEmpty();
    }

    private MavenBuild build(String database, String more) {
        return new MavenBuild(project).configuration("""
                <source><container>%s</container><database>%s</database></source>
                <backup><compression>gzip:9</compression></backup>
                <restore><engine>container</engine></restore>
                %s""".formatted(production.name(), database, more));
    }

    @ParameterizedTest
    @EnumSource
    void after_a_kill_no_container_or_volume_is_left_and_production_keeps_running(Stage stage)
            throws InterruptedException {
        MavenBuild build = build(stage.database(), stage == Stage.INTROSPECT ? """
                <expectations><query>
                    <name>slow</name><sql>select public.answer()</sql><returns>1</returns>
                </query></expectations>""" : "");
        try (MavenBuild.Running running = build.start("verify")) {
            stage.waitFor(running);
            running.signal("KILL", false);
            assertThat(running.result().status()).isEqualTo(137);
        }
        List<String> remains;
        Instant deadline = Instant.now().plus(SOON);
        do {
            Thread.sleep(100);
            remains = remains();
        } while (!remains.isEmpty() && Instant.now().isBefore(deadline));
        assertThat(remains).as("what remains after " + SOON).isEmpty();
        assertThat(Docker.run("", new String[] {"logs", production.name()}).errors())
                .doesNotContain("was terminated by signal", "all server processes terminated");
    }

    private static List<String> remains() {
        // A container that was created and not started holds nothing; the next run removes it.
        List<String> remains = new ArrayList<>(
                Docker.docker("ps", "--all", "--filter", "name=pgbackup-", "--format", "{{.Names}} {{.State}}")
                        .lines()
                        .filter(line -> !line.endsWith(" created"))
                        .toList());
        Docker.danglingVolumes().stream()
                .filter(volume -> !volumes.contains(volume))
                .forEach(remains::add);
        Docker.processes(production.name()).stream()
                .filter(line -> line.contains("pg_dump") || line.contains("/bin/sh") || line.contains("bash"))
                .forEach(remains::add);
        String sessions = production.query(
                "postgres", "select count(*) from pg_stat_activity where application_name = 'pgbackup'");
        if (!sessions.equals("0")) {
            remains.add(sessions + " sessions in production");
        }
        return remains;
    }

    @Test
    void auto_uses_a_daemon_that_answers_and_the_libraries_log_nothing() {
        MavenBuild.Result result = new MavenBuild(project)
                .configuration("<source><container>" + production.name()
                        + "</container><database>directus</database></source>")
                .anyEngine()
                .run("verify");

        assertThat(result.status()).as(result.output()).isZero();
        assertThat(result.warnings()).isEmpty();
        assertThat(result.output())
                .contains("engine container (chosen by 'auto': a Docker daemon answers at unix:///")
                .doesNotContainIgnoringCase("testcontainers")
                .doesNotContain("com.github.dockerjava", "Exception", "ryuk");
        assertThat(result.evidence("verification.json"))
                .contains("\"chosen by 'auto': a Docker daemon answers at unix:///");
    }

    @Test
    void an_image_in_a_private_registry_is_pulled_with_the_credentials_of_docker_login() throws IOException {
        Path directory = Files.createDirectories(project.resolve("registry"));
        try (Registry registry = Registry.start(directory, "postgres:15", "bob", "secret")) {
            String image = registry.host() + "/postgres:15";
            String login = Base64.getEncoder().encodeToString("bob:secret".getBytes(StandardCharsets.UTF_8));
            MavenBuild build = build("directus", "")
                    .option("-Dpgbackup.restore.image=" + image)
                    .environment("DOCKER_CONFIG", project.resolve("docker").toString());
            try {
                assertThat(build.file("docker/config.json", "{}").run("verify").error())
                        .contains("The image " + image + " is not on the Docker daemon at ", "cannot be pulled: ");

                build.file(
                        "docker/config.json",
                        "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}".formatted(registry.host(), login));
                MavenBuild.Result result = build.run("verify");

                assertThat(result.status()).as(result.output()).isZero();
                assertThat(result.evidence("verification.json"))
                        .contains("\"image\": \"" + image + ", digest " + registry.host() + "/postgres@sha256:");
            } finally {
                Docker.run("", new String[] {"rmi", image});
            }
        }
    }

    @Test
    void without_a_daemon_the_container_engine_says_where_it_looked() {
        MavenBuild.Result result = build("directus", "")
                .environment("DOCKER_HOST", "tcp://127.0.0.1:1")
                .run("verify");

        assertThat(result.error()).isEqualTo("""
                verify-backup: NOT_VERIFIED, nothing is known about the backup:
                  <source><container> (-Dpgbackup.source.container) needs a Docker daemon, but none answers: tcp://127.0.0.1:1: Connection refused.
                  Start Docker, let this user reach its socket, or name another daemon in DOCKER_HOST. See docs/ci.md#docker.
                Report: target/verify-backup/index.html (as text: SUMMARY.txt)""");
    }

    @Test
    void without_a_daemon_auto_uses_the_local_engine() {
        ProductionServer server = ProductionServer.shared();
        server.createDatabase("no_daemon");
        server.execute("no_daemon", "create table t (id int); insert into t values (1)");
        MavenBuild.Result result = new MavenBuild(project)
                .source(server, "no_daemon", "")
                .anyEngine()
                .environment("DOCKER_HOST", "tcp://127.0.0.1:1")
                .run("verify");

        assertThat(result.status()).as(result.output()).isZero();
        assertThat(result.output())
                .contains("engine local (chosen by 'auto': no Docker daemon answers: tcp://127.0.0.1:1: Connection"
                        + " refused)");
    }

    @Test
    void with_a_daemon_over_tcp_the_build_neither_prints_nor_writes_a_password() throws IOException {
        String canary = "canary-" + UUID.randomUUID();
        MavenBuild.Result result;
        try (DockerProxy proxy = DockerProxy.start()) {
            result = build("directus", "")
                    .environment("DOCKER_HOST", proxy.host())
                    .environment("PGBACKUP_PASSWORD", canary)
                    .option("-X")
                    .run("verify");
        }

        assertThat(result.status()).as(result.output()).isZero();
        assertThat(result.output()).doesNotContain(canary);
        try (Stream<Path> files = Files.walk(result.build().evidence())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .doesNotContain(canary);
            }
        }
    }
}
