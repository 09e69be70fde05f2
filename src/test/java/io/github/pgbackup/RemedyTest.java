package io.github.pgbackup;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.plan.PlanReader;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class RemedyTest {

    private static final Pattern TAGS = Pattern.compile("(?:<\\w+>)+");

    /** Tags that are not scalars of this plugin: lists and sections, and tags of settings.xml. */
    private static final Set<String> NO_SCALARS = Set.of(
            "<archive>",
            "<expectations>",
            "<identity>",
            "<restore>",
            "<protectedEnvironment>",
            "<container>", // of a <protectedEnvironment>
            "<serverId>", // of the element that the fact names, with its property
            "<boundTo>",
            "<server>");

    @Test
    void every_remedy_that_names_a_scalar_names_its_property() throws Exception {
        List<String> texts = texts();

        assertThat(texts)
                .hasSizeGreaterThan(80)
                .allSatisfy(text -> assertThat(propertiesMissing(text)).isEmpty());
    }

    @Test
    void a_remedy_without_the_property_is_found() {
        assertThat(propertiesMissing("Lower <restore><jobs> (-Dpgbackup.restore.jobs)."))
                .isEmpty();
        assertThat(propertiesMissing("Lower <restore><jobs>, -Dpgbackup.backup.jobs."))
                .containsExactly("-Dpgbackup.restore.jobs");
        assertThat(propertiesMissing("Lower <restore><jobs>, -Dpgbackup.restore.jobsOrSo."))
                .containsExactly("-Dpgbackup.restore.jobs");
    }

    @Test
    void every_property_that_a_remedy_names_is_read_by_a_goal() throws Exception {
        Pattern property = Pattern.compile("-D(pgbackup[\\w.]*\\w)");
        List<String> properties = texts().stream()
                .flatMap(text -> property.matcher(text).results())
                .map(found -> found.group(1))
                .toList();

        assertThat(properties).hasSizeGreaterThan(30);
        assertThat(PlanReader.unknownProperties(properties)).isEmpty();
    }

    @Test
    void every_remedy_is_whole_sentences() throws Exception {
        assertThat(texts()).allMatch(text -> text.matches("[A-Z].*\\."));
    }

    @Test
    void several_remedies_say_nothing_twice() {
        assertThat(Remedy.all(List.of(Remedy.RUN_IT_AGAIN, Remedy.SET_THE_CLOCKS, Remedy.RUN_IT_AGAIN))
                        .text())
                .isEqualTo("Run it again. Set the clocks of both machines.");
    }

    private static List<String> propertiesMissing(String text) {
        List<String> missing = new ArrayList<>();
        Matcher tags = TAGS.matcher(text);
        while (tags.find()) {
            String property =
                    "-Dpgbackup." + tags.group().replaceAll("^<|>$", "").replace("><", ".");
            if (!NO_SCALARS.contains(tags.group())
                    && !Pattern.compile(Pattern.quote(property) + "(?![\\w.]\\w)")
                            .matcher(text)
                            .find()) {
                missing.add(property);
            }
        }
        return missing;
    }

    /** The texts of all constants, and of all methods with made-up arguments. */
    static List<String> texts() throws ReflectiveOperationException {
        List<String> texts = new ArrayList<>();
        for (var field : Remedy.class.getFields()) {
            if (!field.getName().equals("NONE")) {
                texts.add(((Remedy) field.get(null)).text());
            }
        }
        for (Method method : Remedy.class.getMethods()) {
            if (Modifier.isStatic(method.getModifiers())
                    && !Set.of("all", "ofFrontEnd").contains(method.getName())) {
                Object[] arguments = Stream.of(method.getParameterTypes())
                        .map(RemedyTest::any)
                        .toArray();
                texts.add(((Remedy) method.invoke(null, arguments)).text());
            }
        }
        assertThat(texts).as(Arrays.toString(Remedy.class.getFields())).doesNotHaveDuplicates();
        return texts;
    }

    private static Object any(Class<?> type) {
        if (type == int.class) {
            return 16;
        }
        return type == List.class ? List.of("database", "role") : "something";
    }
}
