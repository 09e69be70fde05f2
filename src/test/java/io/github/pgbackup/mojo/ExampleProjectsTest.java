package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The projects in {@code src/it}, which a user copies: as they are they run in his own build. */
final class ExampleProjectsTest {

    private static final Pattern COORDINATES = Pattern.compile(
            "<groupId>([^<]*)</groupId>\\s*<artifactId>pgbackup-maven-plugin</artifactId>\\s*<version>([^<]*)</version>");

    @Test
    void each_names_the_plugin_as_this_project_does_and_holds_nothing_to_filter() throws IOException {
        Matcher own = COORDINATES.matcher(Files.readString(Path.of("pom.xml")));
        assertThat(own.find()).isTrue();
        List<Path> poms;
        try (Stream<Path> projects = Files.list(Path.of("src/it"))) {
            poms = projects.map(project -> project.resolve("pom.xml"))
                    .filter(Files::exists)
                    .toList();
        }

        assertThat(poms).hasSizeGreaterThanOrEqualTo(3).allSatisfy(pom -> {
            String text = Files.readString(pom);
            Matcher named = COORDINATES.matcher(text);
            assertThat(named.find()).isTrue();
            assertThat(named.group(1)).isEqualTo(own.group(1));
            assertThat(named.group(2)).isEqualTo(own.group(2));
            assertThat(text).doesNotContainPattern("@[\\w.]+@");
        });
    }

    @Test
    void the_readme_names_the_version_of_this_project() throws IOException {
        Matcher own = COORDINATES.matcher(Files.readString(Path.of("pom.xml")));
        assertThat(own.find()).isTrue();
        String readme = Files.readString(Path.of("README.md"));

        assertThat(Pattern.compile("pgbackup-maven-plugin(?::|</artifactId>\\s*<version>)([\\w.-]+)")
                        .matcher(readme)
                        .results()
                        .map(named -> named.group(1)))
                .hasSizeGreaterThanOrEqualTo(3)
                .containsOnly(own.group(2));
    }
}
