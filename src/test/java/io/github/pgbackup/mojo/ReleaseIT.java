package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

/**
 * A release, from two checkouts at the same time and with a throw-away key. Everything that Maven Central requires is
 * there, and both builds produce the same bytes.
 */
final class ReleaseIT {

    private static final Path CHECKOUT = Path.of("").toAbsolutePath();
    private static final List<String> CLASSIFIED =
            List.of(".jar", "-sources.jar", "-javadoc.jar", ".pom", "-cyclonedx.json", "-cyclonedx.xml");

    @TempDir
    private static Path directory;

    private static Path keys;
    private static Path first;
    private static Path second;

    @BeforeAll
    static void build() throws Exception {
        assumeTrue(System.getenv("CI") != null || Files.exists(Path.of("/usr/bin/gpg")), "GnuPG is not installed");
        // A short path, because the agent's socket is in it.
        keys = Files.createTempDirectory(
                "keys", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        run(
                directory,
                Map.of(),
                "gpg",
                "--batch",
                "--quiet",
                "--passphrase",
                "",
                "--quick-generate-key",
                "Throw-away <nobody@example.org>",
                "ed25519",
                "sign",
                "never");
        Process one = start(checkout("one"), Map.of("TZ", "UTC", "LC_ALL", "C.UTF-8"), maven("site"));
        Process other = start(checkout("an/other"), Map.of("TZ", "Asia/Tokyo", "LC_ALL", "C"), maven());
        end(one);
        end(other);
        first = release(directory.resolve("one"));
        second = release(directory.resolve("an/other"));
    }

    @AfterAll
    static void forget() throws Exception {
        if (keys != null) {
            run(directory, Map.of(), "gpgconf", "--kill", "gpg-agent");
            try (Stream<Path> files = Files.walk(keys)) {
                for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Test
    void every_file_has_a_valid_signature_and_checksums() throws Exception {
        String version = first.getFileName().toString();
        for (String end : CLASSIFIED) {
            Path file = first.resolve("pgbackup-maven-plugin-" + version + end);
            assertThat(file).exists();
            run(directory, Map.of(), "gpg", "--batch", "--quiet", "--verify", file + ".asc", file.toString());
            assertThat(Path.of(file + ".sha1")).content().isEqualTo(hash("SHA-1", file));
            assertThat(Path.of(file + ".md5")).content().isEqualTo(hash("MD5", file));
        }
    }

    @Test
    void two_builds_produce_the_same_bytes() throws IOException {
        String version = first.getFileName().toString();
        for (String end : CLASSIFIED) {
            String name = "pgbackup-maven-plugin-" + version + end;
            assertThat(first.resolve(name)).as(name).hasSameBinaryContentAs(second.resolve(name));
        }
    }

    @Test
    void the_pom_has_what_maven_central_requires() throws Exception {
        String version = first.getFileName().toString();
        Element pom = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(first.resolve("pgbackup-maven-plugin-" + version + ".pom")
                        .toFile())
                .getDocumentElement();
        for (String required : List.of(
                "groupId", "artifactId", "version", "name", "description", "url", "licenses", "developers", "scm")) {
            assertThat(pom.getElementsByTagName(required).getLength())
                    .as(required)
                    .isPositive();
            assertThat(pom.getElementsByTagName(required).item(0).getTextContent())
                    .as(required)
                    .isNotBlank();
        }
        assertThat(version).doesNotContain("SNAPSHOT");
    }

    @Test
    void the_list_of_components_has_the_dependencies_of_the_plugin_and_none_of_the_tests() throws IOException {
        String version = first.getFileName().toString();

        assertThat(first.resolve("pgbackup-maven-plugin-" + version + "-cyclonedx.json"))
                .content()
                .contains("\"name\" : \"zstd-jni\"", "\"name\" : \"jmustache\"", "\"Apache-2.0\"")
                .doesNotContain("junit-jupiter");
    }

    /** A Javadoc warning would have failed the build. */
    @Test
    void the_site_has_a_page_for_each_goal() {
        Path site = directory.resolve("one/target/site");

        assertThat(List.of("attach", "check-evidence", "take-backup", "test-expectations", "verify-backup"))
                .allSatisfy(goal -> assertThat(site.resolve(goal + "-mojo.html"))
                        .content()
                        .contains("pgbackup." + (goal.equals("attach") ? "skip" : "outputDirectory")));
        assertThat(site.resolve("apidocs/index.html")).exists();
    }

    private static String[] maven(String... more) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("maven.home"), "bin/mvn").toString(),
                "-B",
                "-ntp",
                "-Prelease",
                "verify",
                "-Dmaven.test.skip",
                "-Dmaven.repo.local=" + System.getProperty("pgbackup.localRepository")));
        command.addAll(List.of(more));
        return command.toArray(String[]::new);
    }

    /** The files of a release. */
    private static Path checkout(String name) throws IOException {
        Path copy = directory.resolve(name);
        for (String part : List.of("pom.xml", ".mvn", "src/main", "LICENSE", "README.md")) {
            try (Stream<Path> files = Files.walk(CHECKOUT.resolve(part))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Path to = copy.resolve(CHECKOUT.relativize(file).toString());
                    Files.createDirectories(to.getParent());
                    Files.copy(file, to);
                }
            }
        }
        return copy;
    }

    private static Path release(Path checkout) throws IOException {
        Path staged = checkout.resolve("target/staging/io/github/pgbackup/pgbackup-maven-plugin");
        try (Stream<Path> versions = Files.list(staged)) {
            return versions.filter(Files::isDirectory).findFirst().orElseThrow();
        }
    }

    private static String hash(String algorithm, Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance(algorithm);
        try (InputStream bytes = new DigestInputStream(Files.newInputStream(file), digest)) {
            bytes.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void run(Path in, Map<String, String> environment, String... command) throws Exception {
        end(start(in, environment, command));
    }

    private static Process start(Path in, Map<String, String> environment, String... command) throws IOException {
        List<String> words = new ArrayList<>(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        Files.createTempFile(directory, "output", ".log").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MAVEN_"));
        builder.environment().put("GNUPGHOME", keys.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static void end(Process process) throws Exception {
        int status = process.waitFor();
        if (status != 0) {
            StringBuilder output = new StringBuilder();
            try (Stream<Path> logs = Files.list(directory)) {
                for (Path log : logs.filter(file -> file.toString().endsWith(".log"))
                        .sorted()
                        .toList()) {
                    output.append(Files.readString(log, StandardCharsets.UTF_8));
                }
            }
            throw new AssertionError("status " + status + "\n" + output);
        }
    }
}
