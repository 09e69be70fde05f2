package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.Jvm;
import io.github.pgbackup.test.ProductionContainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Verifications in a container with Docker's default restrictions, next to production in a network of their own, as CI servers
 * and Compose start them. What a container needs is copied and not mounted: these tests may run in a container themselves.
 */
@EnabledOnOs(OS.LINUX)
@Tag("alone")
final class BuildInContainerIT {

    private static final String NETWORK = "pgtest-network";

    /** Its volume has the JVM and the classes. */
    private static final String PROGRAMS = "pgtest-programs";

    private static List<String> volumes = List.of();
    private static ProductionContainer production;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Docker.require(15);
        stop(); // what a killed run has left
        Docker.docker("network", "create", NETWORK);
        production = ProductionContainer.start(15, "postgres", "--network", NETWORK, "--network-alias", "db");
        production.createDatabase("shop");
        production.query("shop", "create table orders as select generate_series(1, 1000) id");
        Docker.docker("create", "--name", PROGRAMS, "--volume", "/build", "postgres:15");
        Jvm.copy(PROGRAMS, "/build");
        volumes = Docker.danglingVolumes();
    }

    @AfterEach
    void nothing_is_left() {
        assertThat(Docker.containers("pgbackup-")).isEmpty();
        assertThat(volumes).containsAll(Docker.danglingVolumes());
    }

    @AfterAll
    static void stop() {
        if (production != null) {
            production.close();
        }
        Docker.run("", new String[] {"rm", "--force", "--volumes", PROGRAMS});
        Docker.run("", new String[] {"network", "rm", NETWORK});
    }

    /** The output of a verification in a new container. */
    private static String verify(String engine, String... options) {
        List<String> command =
                new ArrayList<>(List.of("run", "--rm", "--volumes-from=" + PROGRAMS + ":ro", "--network=" + NETWORK));
        command.addAll(List.of("--env=PGBACKUP_USER=postgres", "--env=PGBACKUP_PASSWORD=canary"));
        command.addAll(List.of(options));
        command.addAll(List.of("--entrypoint=" + Jvm.java("/build"), "postgres:15"));
        command.addAll(List.of(
                "-XX:TieredStopAtLevel=1", "-cp", Jvm.classPath("/build"), VerificationProgram.class.getName()));
        command.addAll(List.of("/tmp/build", "source.url=jdbc:postgresql://db/shop", "restore.engine=" + engine));
        return Docker.docker(command.toArray(String[]::new));
    }

    /** The image's client replaces the one that this build machine lacks; it must reach {@code db}. */
    @Test
    void with_the_socket_the_restore_is_in_a_sibling_and_the_dump_reaches_what_the_build_reaches() {
        assertThat(verify("auto", "--volume=/var/run/docker.sock:/var/run/docker.sock", "--tmpfs=/usr/lib/postgresql"))
                .endsWith("\nPASS")
                .contains(
                        "engine container (chosen by 'auto': a Docker daemon answers at unix:///var/run/docker.sock)\n")
                .containsPattern("pg_dump 15\\.\\d+ in a container of postgres:15\n")
                .contains("network mode: none\n", "network interfaces: lo\n");
    }

    /** Neither may make a namespace. Root may not see the files of the server's user, either. */
    @ParameterizedTest
    @ValueSource(strings = {"root", "postgres"})
    void without_a_socket_the_local_engine_restores_into_a_server_that_listens_nowhere(String user) {
        assertThat(verify("auto", "--user=" + user))
                .endsWith("\nPASS")
                .contains(
                        "engine local (chosen by 'auto': no Docker daemon answers: ",
                        "operating system user: postgres\n",
                        "TCP listeners: none\n",
                        "shared with this build\n",
                        "process limit: none of its own\n");
    }

    /** As Jenkins starts a container: with the number of the agent's user, which the image does not know. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --user=12345   | initdb cannot run as user 12345, who has no entry in /etc/passwd.
            --cap-drop=ALL | This build runs as root, but PostgreSQL's server refuses to run as root. None of setpriv, runuser and su can run a program as user postgres.
            """)
    void the_local_engine_says_what_is_missing(String option, String problem) {
        assertThat(verify("local", option)).startsWith("NOT_VERIFIED " + problem + "\n");
    }
}
