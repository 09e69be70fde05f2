package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A password goes only to the server and to pg_dump's environment. The test searches for it in everything that a build
 * with {@code -X} prints, in every file that the build writes, and in every command line on the machine while it runs.
 */
final class CanaryPasswordIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();
    private static final String CANARY = "canary-" + UUID.randomUUID();

    @TempDir
    private Path project;

    private final Set<String> commandLines = new ConcurrentSkipListSet<>();

    @BeforeAll
    static void createDatabase() {
        PRODUCTION.createDatabase("canary");
        PRODUCTION.execute("canary", """
                CREATE ROLE canary SUPERUSER LOGIN PASSWORD '%s';
                CREATE TABLE noise AS SELECT sha512(id::text::bytea) FROM generate_series(1, 50000) id""".formatted(CANARY));
    }

    private MavenBuild build(String serverId) {
        return new MavenBuild(project)
                .configuration("<source><url>%s</url>%s</source>".formatted(PRODUCTION.url("canary"), serverId));
    }

    @Test
    void in_settings_xml() throws IOException {
        assertKept(build("<serverId>canary</serverId>").server("canary", "canary", CANARY), "settings.xml");
    }

    @Test
    void encrypted_in_settings_xml() throws IOException {
        assertKept(build("<serverId>canary</serverId>")
                .server("canary", "canary", new MavenBuild(project).encrypt(CANARY)));
    }

    @Test
    void in_the_environment() throws IOException {
        assertKept(build("").environment("PGBACKUP_USER", "canary").environment("PGBACKUP_PASSWORD", CANARY));
    }

    @Test
    void in_the_password_file() throws IOException {
        MavenBuild build = build("")
                .file("pgpass", "*:*:*:canary:" + CANARY)
                .environment("PGBACKUP_USER", "canary")
                .environment("PGPASSFILE", project.resolve("pgpass").toString());
        Files.setPosixFilePermissions(project.resolve("pgpass"), PosixFilePermissions.fromString("rw-------"));
        assertKept(build, "pgpass");
    }

    @Test
    void refused_by_the_server() throws IOException {
        MavenBuild build = build("").environment("PGBACKUP_USER", "postgres").environment("PGBACKUP_PASSWORD", CANARY);
        assertThat(watch(build).output()).contains("BUILD FAILURE").doesNotContain(CANARY);
        assertThat(filesWithCanary()).isEmpty();
    }

    private void assertKept(MavenBuild build, String... givenIn) throws IOException {
        MavenBuild.Result result = watch(build);

        assertThat(result.output()).contains("BUILD SUCCESS", "[DEBUG]").doesNotContain(CANARY);
        assertThat(filesWithCanary()).containsExactly(givenIn);
        assertThat(commandLines).anyMatch(line -> line.contains("pg_dump")).noneMatch(line -> line.contains(CANARY));
    }

    private MavenBuild.Result watch(MavenBuild build) {
        Thread watcher = new Thread(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                commandLines.addAll(ProcessHandle.allProcesses()
                        .map(process -> process.info().commandLine().orElse(""))
                        .toList());
            }
        });
        watcher.start();
        try {
            return build.run("verify", "-X");
        } finally {
            watcher.interrupt();
        }
    }

    private List<String> filesWithCanary() throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(project)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(CANARY)) {
                    found.add(project.relativize(file).toString());
                }
            }
        }
        return found;
    }
}
