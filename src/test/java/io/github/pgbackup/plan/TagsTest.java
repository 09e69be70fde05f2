package io.github.pgbackup.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.expectation.ObjectKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The model of the configuration agrees with the strict reader of each goal. */
final class TagsTest {

    private static final String SOURCE = "<source><url>jdbc:postgresql://h/d</url></source>";

    /** For each type an invalid value; any text is a valid text, file and so on. */
    private static final Map<KnownTag.Type, String> WRONG = Map.ofEntries(
            Map.entry(KnownTag.Type.NAME, "a."),
            Map.entry(KnownTag.Type.FLAG, "yes"),
            Map.entry(KnownTag.Type.CHOICE, "noSuchChoice"),
            Map.entry(KnownTag.Type.DURATION, "10 minutes"),
            Map.entry(KnownTag.Type.COUNT, "-1"),
            Map.entry(KnownTag.Type.WHOLES, "1.5"),
            Map.entry(KnownTag.Type.VERSIONS, "sixteen"),
            Map.entry(KnownTag.Type.WHOLE, "1000"),
            Map.entry(KnownTag.Type.NUMBER, "1.5"),
            Map.entry(KnownTag.Type.DATE, "31.3.2027"),
            Map.entry(KnownTag.Type.SHARE, "5"),
            Map.entry(KnownTag.Type.WHOLE_SHARE, "101"),
            Map.entry(KnownTag.Type.RATE, "20"),
            Map.entry(KnownTag.Type.COMPRESSION, "rar"),
            Map.entry(KnownTag.Type.SHA256, "abc"),
            Map.entry(KnownTag.Type.SYSTEM_IDENTIFIER, "abc"),
            Map.entry(KnownTag.Type.COMMIT, "main"),
            Map.entry(KnownTag.Type.TOOLS, "ant"),
            Map.entry(KnownTag.Type.PATTERNS, "a"));

    private static final Set<KnownTag.Type> ANY_TEXT = Set.of(
            KnownTag.Type.TEXT,
            KnownTag.Type.COMMAND,
            KnownTag.Type.FILE,
            KnownTag.Type.DIRECTORY,
            KnownTag.Type.PATHS);

    static Set<String> goals() {
        return new TreeSet<>(StrictReader.READINGS.keySet());
    }

    @ParameterizedTest
    @MethodSource("goals")
    void the_model_has_exactly_the_tags_that_the_reader_accepts(String goal) {
        Set<String> modelled = everything(goal).map(KnownTag::path).collect(Collectors.toCollection(TreeSet::new));
        everything(goal)
                .filter(tag -> !tag.like().isEmpty())
                .forEach(tag -> everything(goal)
                        .map(KnownTag::path)
                        .filter(path -> path.startsWith("<" + tag.like() + "><"))
                        .forEach(path -> modelled.add(
                                tag.path() + path.substring(tag.like().length() + 2))));

        assertThat(modelled).containsExactlyElementsOf(StrictReader.tags(goal));
    }

    @ParameterizedTest
    @MethodSource("goals")
    void the_model_has_exactly_the_properties_that_the_reader_looks_up(String goal) {
        Set<String> asked = new TreeSet<>();
        for (String context : List.of("", "<source><container>c</container></source>")) {
            read(goal, context, name -> {
                asked.add(name);
                return null;
            });
        }
        // The reader of check-evidence reads a source only if one is configured.
        read(goal, "<source><url>jdbc:postgresql://h/d</url></source>", name -> {
            asked.add(name);
            return null;
        });
        // Secrets are looked up in order to be rejected; a list may also be looked up as a property.
        asked.removeAll(List.of("pgbackup.source.password", "pgbackup.signature.privateKey"));
        everything(goal)
                .filter(tag -> tag.type() == KnownTag.Type.SECTION || tag.type() == KnownTag.Type.LIST)
                .forEach(tag -> asked.remove(Section.property(tag.path())));
        Set<String> modelled = everything(goal)
                .map(KnownTag::property)
                .filter(name -> name != null)
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(modelled).isEqualTo(asked);
    }

    @ParameterizedTest
    @MethodSource("goals")
    void the_defaults_in_the_model_are_those_of_the_reader(String goal) {
        Map<String, String> inEffect = inEffect(goal);
        Map<String, String> modelled = new TreeMap<>();
        everything(goal)
                .filter(tag -> tag.property() != null && tag.path().contains("><"))
                .filter(tag -> inEffect.containsKey(shortName(tag)))
                .forEach(tag -> modelled.put(shortName(tag), tag.defaultValue()));

        assertThat(modelled).allSatisfy((name, value) -> assertThat(inEffect).containsEntry(name, value));
    }

    private static String shortName(KnownTag tag) {
        return String.valueOf(tag.property()).substring("pgbackup.".length());
    }

    @Test
    void every_choice_has_the_words_that_the_reader_allows() {
        List<KnownTag> choices = everything("verify-backup")
                .filter(tag -> tag.type() == KnownTag.Type.CHOICE)
                .toList();

        assertThat(choices)
                .hasSizeGreaterThan(4)
                .allSatisfy(tag -> assertThat(problems("verify-backup", around(tag, "noSuchChoice")))
                        .anySatisfy(problem -> assertThat(problem)
                                .contains("is 'noSuchChoice'; expected one of " + String.join(", ", tag.values())
                                        + ".")));
    }

    @ParameterizedTest
    @MethodSource("goals")
    void every_value_of_the_wrong_type_is_rejected(String goal) {
        assertThat(everything(goal)
                        .filter(tag ->
                                tag.children().isEmpty() && tag.like().isEmpty() && tag.type() != KnownTag.Type.MAP))
                .allSatisfy(tag -> {
                    if (!ANY_TEXT.contains(tag.type())) {
                        String wrong = WRONG.get(tag.type());
                        assertThat(wrong)
                                .as("something that is no " + tag.type())
                                .isNotNull();
                        assertThat(problems(goal, around(tag, wrong)))
                                .as(tag.path())
                                .anySatisfy(problem -> assertThat(problem).contains("'" + wrong + "'"));
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("goals")
    void every_example_is_accepted(String goal, @TempDir Path project) throws IOException {
        prepare(project);
        for (KnownTag tag : Tags.of(goal)) {
            String xml = String.join("\n", tag.xml());
            String rest = tag.name().equals("source")
                            || tag.name().equals("archive")
                            || Set.of("attach", "stop").contains(goal)
                    ? ""
                    : SOURCE
                            + (tag.name().equals("reference") ? "<archive><file>a.dump</file></archive>" : "")
                            + (goal.equals("take-backup") && !tag.name().equals("directory")
                                    ? "<directory>/b</directory>"
                                    : "");
            String more = goal.equals("take-backup") && tag.name().equals("source") ? "<directory>/b</directory>" : "";
            assertThat(problems(goal, rest + more + xml, project)).as(xml).isEmpty();
        }
    }

    @Test
    void every_tag_below_the_first_level_is_described_and_every_value_has_an_example() {
        assertThat(Tags.all().stream().flatMap(KnownTag::all)).allSatisfy(tag -> {
            assertThat(tag.since()).as(tag.path()).matches("\\d+\\.\\d+\\.\\d+");
            assertThat(tag.description().isEmpty())
                    .as(tag.path())
                    .isEqualTo(!tag.path().contains("><"));
            if (tag.children().isEmpty()) {
                assertThat(tag.sample()).as(tag.path()).isNotEmpty();
            }
        });
    }

    @Test
    void every_kind_of_expectation_is_named_as_the_reader_says() {
        KnownTag expectations = Tags.all().stream()
                .filter(tag -> tag.name().equals("expectations"))
                .findFirst()
                .orElseThrow();

        for (ObjectKind kind : ObjectKind.values()) {
            KnownTag name = expectations
                    .child(kind.tag())
                    .flatMap(tag -> tag.child("name"))
                    .orElseThrow();
            assertThat(name.sample()).as(kind.tag()).doesNotContain(" ");
            assertThat(name.required()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "30s | PT30S",
                "10m | PT10M",
                "2h | PT2H",
                "1d | P1D",
                "1d12h | P1DT12H",
                "1h30m | PT1H30M",
                "PT10M | PT10M",
                "P1D | P1D"
            })
    void a_duration_is_short_or_iso(String text, Duration duration) throws Exception {
        Tag configuration = Xml.tag("<configuration>" + SOURCE + "<timeout>" + text + "</timeout></configuration>");

        assertThat(new PlanReader(Map.<String, String>of()::get, Path.of("base"))
                        .read(configuration)
                        .timeout())
                .isEqualTo(duration);
    }

    @ParameterizedTest
    @CsvSource({"10", "10 m", "10M", "m", "1h1d", "-1m", "0s", "P", "20d", "99999999999999999999d"})
    void other_durations_are_rejected(String text) {
        assertThat(StrictReader.problems("verify-backup", SOURCE + "<timeout>" + text + "</timeout>"))
                .containsExactly("<timeout> (-Dpgbackup.timeout) is '" + text
                        + "'; expected a duration above zero and below 20 days, such as 30s, 10m, 2h or PT10M.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<url>u</url> | <configuration> has an unknown tag <url>. <url> belongs in <source> or <protectedEnvironments><protectedEnvironment>.",
                "<restore><timeout>1h</timeout></restore> | <restore> has an unknown tag <timeout>. <timeout> belongs in <configuration>.",
                "<backup><engine>local</engine></backup> | <backup> has an unknown tag <engine>. <engine> belongs in <restore>.",
                "<expectations><table><name>a.b</name><role>r</role></table></expectations> | <expectations><table> of 'a.b' has an unknown tag <role>; did you mean <owner>?",
                "<expectations><tables/></expectations> | <expectations> has an unknown tag <tables>; did you mean <table>? <tables> belongs in <history> or <reference>.",
                "<identity><user>u</user></identity> | <identity> has an unknown tag <user>; did you mean <role>?"
            })
    void a_tag_in_the_wrong_place_says_where_it_belongs(String xml, String sentence) {
        assertThat(StrictReader.problems("verify-backup", SOURCE + xml))
                .anySatisfy(problem -> assertThat(problem).startsWith(sentence + " Known tags: <"));
    }

    // ---- configurations ----

    private static Stream<KnownTag> everything(String goal) {
        return Tags.of(goal).stream().flatMap(KnownTag::all);
    }

    /** The tag with this value, inside the tags that it needs. */
    private static String around(KnownTag tag, String value) {
        List<String> names = StrictReader.names(tag.path());
        StringBuilder xml = new StringBuilder();
        List<KnownTag> level = Tags.all();
        List<String> ends = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            KnownTag at = level.stream()
                    .filter(each -> each.name().equals(name) && each.goals().containsAll(tag.goals()))
                    .findFirst()
                    .orElseThrow();
            xml.append('<').append(name).append('>');
            ends.add(0, "</" + name + ">");
            if (i + 1 < names.size()) {
                String next = names.get(i + 1);
                at.children().stream()
                        .filter(each -> each.required() && !each.name().equals(next))
                        .forEach(each -> xml.append(String.join("", each.xml())));
            }
            level = at.children();
        }
        return xml + value + String.join("", ends);
    }

    private static List<String> problems(String goal, String xml) {
        return StrictReader.problems(
                goal, (xml.startsWith("<source>") || xml.startsWith("<archive>") ? "" : SOURCE) + xml);
    }

    private static void read(String goal, String xml, Function<String, String> properties) {
        try {
            StrictReader.READINGS
                    .get(goal)
                    .read(
                            new PlanReader(properties, Path.of("base")),
                            Xml.tag("<configuration>" + xml + "</configuration>"));
        } catch (InvalidConfigurationException e) {
            // Only the lookups matter.
        }
    }

    private static Map<String, String> inEffect(String goal) {
        PlanReader reader = new PlanReader(Map.<String, String>of()::get, Path.of("base"));
        try {
            StrictReader.READINGS.get(goal).read(reader, Xml.tag("<configuration/>"));
        } catch (InvalidConfigurationException e) {
            // The defaults were found nevertheless.
        }
        return new HashMap<>(reader.inEffect());
    }

    private static List<String> problems(String goal, String xml, Path project) {
        PlanReader reader = new PlanReader(Map.<String, String>of()::get, project)
                .withEnvironment(Map.of("GITHUB_SHA", "0123456789012345678901234567890123456789"));
        try {
            StrictReader.READINGS.get(goal).read(reader, Xml.tag("<configuration>" + xml + "</configuration>"));
            return List.of();
        } catch (InvalidConfigurationException e) {
            return e.problems();
        }
    }

    /** The files that examples name. */
    private static void prepare(Path project) throws IOException {
        Files.createDirectories(project.resolve("db/migration"));
        Files.writeString(project.resolve("db/migration/V1.sql"), "SELECT 1;");
        Files.writeString(
                project.resolve("expectations.xml"),
                "<expectations><schema><name>other</name></schema></expectations>");
        Files.writeString(
                project.resolve("backup-evidence.pub"),
                "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n");
    }
}
