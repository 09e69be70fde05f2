package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A build that installs its evidence with its artifacts, and signs both in the same way. */
final class AttachInMavenIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    /** A short path, because gpg-agent's socket is below it. */
    @TempDir
    private Path project;

    @BeforeAll
    static void createDatabase() {
        PRODUCTION.createDatabase("annals");
        PRODUCTION.execute("annals", "CREATE TABLE years AS SELECT id FROM generate_series(1, 10) id");
    }

    private MavenBuild build(String otherPlugins) {
        return new MavenBuild(project)
                .server("production", PRODUCTION.superuser(), PRODUCTION.password())
                .pom("""
                        <packaging>pom</packaging>
                        <build>
                            <plugins>
                                %s
                                %s
                            </plugins>
                        </build>
                        """.formatted(
                                MavenBuild.plugin(
                                        "",
                                        "<goal>verify-backup</goal><goal>attach</goal>",
                                        "<source><url>" + PRODUCTION.url("annals")
                                                + "</url><serverId>production</serverId></source>"),
                                otherPlugins));
    }

    private Path installed(Path repository, String suffix) {
        return repository.resolve("org/example/app/1/app-1" + suffix);
    }

    @Test
    void the_evidence_without_the_archive_is_installed_with_the_project_and_a_release_accepts_it() throws IOException {
        Path repository = MavenBuild.repository();
        Files.deleteIfExists(installed(repository, "-backup-evidence.zip"));

        MavenBuild.Result built = build("").run("install");

        assertThat(built.output())
                .contains(
                        "BUILD SUCCESS", "app-1-backup-evidence.zip is attached, with the classifier backup-evidence");
        Path evidence = Files.createDirectories(project.resolve("release/evidence"));
        try (ZipFile zip =
                new ZipFile(installed(repository, "-backup-evidence.zip").toFile())) {
            List<? extends ZipEntry> entries = zip.stream().toList();
            assertThat(entries)
                    .extracting(ZipEntry::getName)
                    .contains("verification.json", "SHA256SUMS", "index.html")
                    .noneMatch(name -> name.startsWith("dump/"));
            for (ZipEntry entry : entries) {
                Path file = evidence.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.copy(zip.getInputStream(entry), file);
            }
        }
        String demands = built.evidence("verification.json")
                .replaceFirst("(?s).*\"demands\": \\{\\s+\"sha256\": \"(\\w+)\".*", "$1");
        MavenBuild release = new MavenBuild(project.resolve("release"));
        assertThat(release.run(
                                MavenBuild.goal("check-evidence"),
                                "-Dpgbackup.identity.database=annals",
                                "-Dpgbackup.demands=" + demands,
                                "-Dpgbackup.requireArchive=false",
                                "-Dpgbackup.outputDirectory=" + evidence)
                        .output())
                .contains("BUILD SUCCESS");
    }

    @Test
    void maven_gpg_plugin_signs_it() throws Exception {
        assumeTrue(System.getenv("CI") != null || Files.exists(Path.of("/usr/bin/gpg")), "GnuPG is not installed");
        Path home = Files.createTempDirectory("gpg");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
        try {
            assertThat(new ProcessBuilder(
                                    "gpg",
                                    "--homedir",
                                    home.toString(),
                                    "--batch",
                                    "--pinentry-mode",
                                    "loopback",
                                    "--passphrase",
                                    "",
                                    "--quick-gen-key",
                                    "release@example.org",
                                    "ed25519",
                                    "sign")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor())
                    .isZero();
            MavenBuild.Result built = build("""
                            <plugin>
                                <groupId>org.apache.maven.plugins</groupId>
                                <artifactId>maven-gpg-plugin</artifactId>
                                <version>3.2.8</version>
                                <executions>
                                    <execution>
                                        <goals>
                                            <goal>sign</goal>
                                        </goals>
                                    </execution>
                                </executions>
                                <configuration>
                                    <homedir>%s</homedir>
                                </configuration>
                            </plugin>
                            """.formatted(home)).run("install");

            assertThat(built.output()).contains("BUILD SUCCESS");
            Path zip = installed(MavenBuild.repository(), "-backup-evidence.zip");
            assertThat(new ProcessBuilder("gpg", "--homedir", home.toString(), "--verify", zip + ".asc", zip.toString())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor())
                    .isZero();
        } finally {
            new ProcessBuilder("gpgconf", "--homedir", home.toString(), "--kill", "all")
                    .start()
                    .waitFor();
        }
    }
}
