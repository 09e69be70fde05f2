package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.DirectusScenario;
import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The steps of a user who has only a clone of this repository, a JDK and Maven, in the README's order: from an empty
 * local repository to a verified backup. The repository of this build stands in for Maven Central.
 */
final class ReadmeIT {

    private static final Path CHECKOUT = Path.of("").toAbsolutePath();
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\n(.*?)^```$");
    private static final Pattern SERVER =
            Pattern.compile("<id>(.*?)</id>\\s*<username>(.*?)</username>\\s*<password>(.*?)</password>");

    @TempDir
    private Path directory;

    @Test
    void from_an_empty_local_repository_to_a_verified_backup() throws IOException {
        Path repository = directory.resolve("repository");
        List<String> install = arguments(block("shell", "-Dmaven.test.skip"));
        assertThat(clone(directory.resolve("clone"), repository)
                        .run(install.toArray(String[]::new))
                        .output())
                .contains("BUILD SUCCESS")
                .doesNotContain("Running io.github.pgbackup", "Building: directus");

        try (ProductionServer production = ProductionServer.start("workflow_admin")) {
            DirectusScenario.create(production, "directus");
            production.execute("directus", block("sql", "pg_read_all_data"));
            Matcher server = SERVER.matcher(block("xml", "<settings>"));
            assertThat(server.find()).isTrue();
            String plugin = block("xml", "<plugin>")
                    .replace("jdbc:postgresql://db.internal:5432/directus", production.url("directus"));

            MavenBuild.Result first = new MavenBuild(directory.resolve("own"))
                    .localRepository(repository)
                    .server(server.group(1), server.group(2), server.group(3))
                    .pom("<packaging>pom</packaging><build><plugins>" + plugin + "</plugins></build>")
                    .run("verify");

            assertThat(first.output()).contains("BUILD SUCCESS");
            assertThat(first.evidence("SUMMARY.txt")).contains("table public.tac_logical_unit: rows", "PASS");

            MavenBuild.Result copied = new MavenBuild(directory.resolve("copied"))
                    .localRepository(repository)
                    .server("directus-backup", production.superuser(), production.password())
                    .file("pom.xml", Files.readString(CHECKOUT.resolve("src/it/directus-scenario/pom.xml")))
                    .run("verify", "-Ddirectus.url=" + production.url("directus"));

            assertThat(copied.output()).contains("BUILD SUCCESS");
        }
    }

    /** The goals that test, each in its own execution; the goals before them take minutes and test nothing. */
    @Test
    void skipping_tests_skips_all_of_them() {
        String output = new MavenBuild(directory)
                .option("-f=" + CHECKOUT.resolve("pom.xml"))
                .run(
                        "-DskipTests",
                        "surefire:test@default-test",
                        "invoker:integration-test@src-it",
                        "failsafe:integration-test@default")
                .output();

        assertThat(output)
                .contains("BUILD SUCCESS", "Skipping invocation per configuration.")
                .doesNotContain("Running io.github.pgbackup", "Building: directus");
        assertThat(output.split("Tests are skipped\\.", -1)).hasSize(3);
    }

    /** A copy of the files under version control. Its build gets more memory than a build that only runs the plugin. */
    private static MavenBuild clone(Path clone, Path repository) throws IOException {
        MavenBuild build = new MavenBuild(clone)
                .localRepository(repository)
                .environment("MAVEN_OPTS", "-Xmx1g -Djava.io.tmpdir=" + clone.resolve("tmp"));
        for (String part : List.of("pom.xml", ".mvn", "src")) {
            try (Stream<Path> files = Files.walk(CHECKOUT.resolve(part))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Path copy = clone.resolve(CHECKOUT.relativize(file).toString());
                    Files.createDirectories(copy.getParent());
                    Files.copy(file, copy);
                }
            }
        }
        return build;
    }

    private static List<String> arguments(String command) {
        List<String> words = List.of(command.strip().split("\\s+"));
        assertThat(words.get(0)).isEqualTo("mvn");
        return words.subList(1, words.size());
    }

    /** The README's first block in this language that contains this text. */
    private static String block(String language, String text) throws IOException {
        return BLOCK.matcher(Files.readString(CHECKOUT.resolve("README.md")))
                .results()
                .filter(block ->
                        block.group(1).equals(language) && block.group(2).contains(text))
                .findFirst()
                .orElseThrow()
                .group(2);
    }
}
