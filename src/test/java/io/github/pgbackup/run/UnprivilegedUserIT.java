package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.Jvm;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import io.github.pgbackup.test.SecondDaemon;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Verifications by a user without any rights: with a Docker daemon of this user, and with the local engine. */
@EnabledOnOs(OS.LINUX)
final class UnprivilegedUserIT {

    @TempDir
    private static Path shared;

    private static Path directory;
    private static ProductionServer production;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        SecondDaemon.requireRoot();
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));
        Jvm.copyClassPath(Files.createDirectory(shared.resolve("classes")));
        directory = Files.createDirectory(shared.resolve("nobody"));
        Files.setOwner(directory, SecondDaemon.nobody());
        production = ProductionServer.start(Programs.ofMajor(15).bin());
        production.createDatabase("shop");
        production.execute("shop", "create table orders as select generate_series(1, 1000) id");
    }

    @AfterAll
    static void stop() {
        if (production != null) {
            production.close();
        }
    }

    private static String verify(String engine, Map<String, String> environment)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(SecondDaemon.AS_NOBODY);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                Jvm.classPath(shared.resolve("classes").toString()),
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + directory,
                VerificationProgram.class.getName(),
                directory.resolve("evidence").toString(),
                "source.url=" + production.url("shop"),
                "restore.engine=" + engine));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().remove("DOCKER_HOST");
        builder.environment().put("PGBACKUP_USER", production.superuser());
        builder.environment().put("PGBACKUP_PASSWORD", production.password());
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    @Test
    void auto_finds_the_rootless_daemon_of_this_user_and_leaves_nothing_there() throws Exception {
        Docker.require(15);
        Path runtime = Files.createDirectory(shared.resolve("docker"));
        try (SecondDaemon daemon = SecondDaemon.startRootless(runtime, "postgres:15")) {
            String output = verify("auto", Map.of("XDG_RUNTIME_DIR", runtime.toString()));
            assertThat(output)
                    .endsWith("PASS \n")
                    .contains(
                            "engine container (chosen by 'auto': a Docker daemon answers at " + daemon.host(),
                            "network mode: none\n",
                            "network interfaces: lo\n",
                            "capabilities dropped: ALL\n");
            String limits = daemon.docker("info", "--format={{.CgroupDriver}}").equals("none") ? "none" : "512";
            assertThat(output).contains("process limit: " + limits + "\n");
            assertThat(daemon.docker("ps", "--all", "--quiet")).isEmpty();
            assertThat(daemon.docker("volume", "ls", "--quiet")).isEmpty();
        }
    }

    @Test
    void the_local_engine_confines_its_server_by_a_user_namespace() throws Exception {
        assertThat(verify("local", Map.of()))
                .endsWith("PASS \n")
                .contains("operating system user: nobody\n", "TCP listeners: none\n", ", its own (this build: net:[");
    }
}
