package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The projects in {@code src/it} and {@code examples}. Users copy them, so they must run unchanged in a user's build.
 */
final class ExampleProjectsTest {

    private static final Pattern COORDINATES = Pattern.compile(
            "<groupId>([^<]*)</groupId>\\s*<artifactId>pgbackup-maven-plugin</artifactId>\\s*<version>([^<]*)</version>");

    @Test
    void each_names_the_plugin_as_this_project_does_and_contains_no_filtering_token() throws IOException {
        Matcher own = COORDINATES.matcher(Files.readString(Path.of("pom.xml")));
        assertThat(own.find()).isTrue();
        List<Path> poms = new ArrayList<>();
        for (String folder : List.of("src/it", "examples")) {
            try (Stream<Path> projects = Files.list(Path.of(folder))) {
                projects.map(project -> project.resolve("pom.xml"))
                        .filter(Files::exists)
                        .forEach(poms::add);
            }
        }

        assertThat(poms).hasSizeGreaterThanOrEqualTo(12).allSatisfy(pom -> {
            String text = Files.readString(pom);
            Matcher named = COORDINATES.matcher(text);
            assertThat(named.find()).isTrue();
            assertThat(named.group(1)).isEqualTo(own.group(1));
            assertThat(named.group(2)).isEqualTo(own.group(2));
            assertThat(text).doesNotContainPattern("@[\\w.]+@");
        });
    }

    /** Every version of the plugin in the documents; Maven could not resolve an outdated one. */
    @Test
    void every_document_names_the_version_of_this_project() throws IOException {
        Matcher own = COORDINATES.matcher(Files.readString(Path.of("pom.xml")));
        assertThat(own.find()).isTrue();
        List<Path> documents = new ArrayList<>(List.of(Path.of("README.md")));
        for (String folder : List.of("docs", "examples")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
            }
        }
        List<String> named = new ArrayList<>();
        for (Path document : documents) {
            Pattern.compile("pgbackup-maven-plugin(?::|</artifactId>\\s*<version>)(\\d[\\w.-]*)")
                    .matcher(Files.readString(document))
                    .results()
                    .forEach(version -> named.add(version.group(1)));
        }

        assertThat(named).hasSizeGreaterThanOrEqualTo(6).containsOnly(own.group(2));
    }
}
