package io.github.pgbackup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Checks the documents against each other and against what the tests run. */
final class DocumentsTest {

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]*)(?:#([^)\\s]+))?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        for (String folder : List.of(".", "docs", "examples", ".github")) {
            try (Stream<Path> files = Files.walk(Path.of(folder), folder.equals(".") ? 1 : 4)) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
            }
        }
        assertThat(documents).hasSizeGreaterThan(30);
        return documents;
    }

    @Test
    void every_link_leads_to_a_file_and_a_heading() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path document : documents()) {
            Matcher link = LINK.matcher(Files.readString(document).replaceAll("(?ms)^```.*?^```$|`[^`\n]*`", "`"));
            while (link.find()) {
                String file = link.group(1);
                if (file.contains("://")) {
                    continue;
                }
                Path target = file.isEmpty() ? document : document.resolveSibling(file);
                if (!Files.exists(target)) {
                    broken.add(document + " links to " + target + ", which does not exist");
                } else if (link.group(2) != null && !anchors(target).contains(link.group(2))) {
                    broken.add(
                            document + " links to " + target + "#" + link.group(2) + ", which is not a heading there");
                }
            }
        }

        assertThat(broken).isEmpty();
    }

    @Test
    void every_section_that_a_message_names_exists() throws IOException {
        for (Guide guide : Guide.values()) {
            String[] place = guide.place().split("#", -1);
            assertThat(Path.of(place[0])).exists();
            if (place.length > 1) {
                assertThat(anchors(Path.of(place[0]))).contains(place[1]);
            }
        }
    }

    /** Anchors in the form of GitHub. */
    private static List<String> anchors(Path document) throws IOException {
        return HEADING.matcher(Files.readString(document))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    @Test
    void every_document_is_in_the_readme() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        try (Stream<Path> files = Files.list(Path.of("docs"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".md"))
                            .map(file -> file.toString().replace('\\', '/'))
                            .filter(file -> !List.of("docs/compliance.md", "docs/expectation-test.md")
                                    .contains(file)))
                    .allSatisfy(file -> assertThat(readme).contains("(" + file + ")"));
        }
    }

    /** The versions that .ci/run provides are those that the table lists as tested. */
    @Test
    void the_tests_run_with_what_is_called_tested() throws IOException {
        String script = Files.readString(Path.of(".ci/run"));
        String supported = Files.readString(Path.of("docs/supported.md"));

        assertThat(tested(supported, "Maven")).contains(value(script, "maven_3=(.*)"), value(script, "maven_4=(.*)"));
        Matcher jdk = Pattern.compile("jdk_home (\\d+)\\)").matcher(script);
        while (jdk.find()) {
            assertThat(tested(supported, "JDK")).containsPattern("\\b" + jdk.group(1) + "\\b");
        }
        List<String> majors = List.of((value(script, "\\.ci/postgresql ([\\d ]+)\\)") + " 15").split(" ", -1));
        assertThat(majors)
                .hasSize(7)
                .allSatisfy(major -> assertThat(
                                tested(supported, "PostgreSQL, as source and for the programs on this machine"))
                        .containsPattern("\\b" + major + "\\b"));
        for (String major : value(script, "for major in ([\\d ]+);").split(" ", -1)) {
            assertThat(tested(supported, "PostgreSQL in containers, as source and as restore target"))
                    .containsPattern("\\b" + major + "\\b");
        }
    }

    private static String tested(String supported, String row) {
        return value(supported, "(?m)^\\| " + Pattern.quote(row) + " \\| ([^|]*) \\|");
    }

    private static String value(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    @Test
    void the_workflow_runs_what_everybody_runs() throws IOException {
        Object workflow = yaml(Path.of(".github/workflows/ci.yml"));

        assertThat(workflow.toString()).contains("{run=.ci/run}");
    }

    @Test
    void the_issue_forms_can_be_read() throws IOException {
        try (Stream<Path> forms = Files.list(Path.of(".github/ISSUE_TEMPLATE"))) {
            assertThat(forms.toList())
                    .hasSizeGreaterThan(2)
                    .allSatisfy(form -> assertThat(yaml(form)).isInstanceOf(Map.class));
        }
        assertThat(yaml(Path.of(".github/dependabot.yml"))).isInstanceOf(Map.class);
    }

    private static Object yaml(Path file) throws IOException {
        return new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
    }
}
