package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.plan.KnownTag;
import io.github.pgbackup.plan.Tags;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * {@code docs/parameters.md} is generated from the goals' annotations, through the plugin's descriptor, and from the
 * model of all tags. {@code -Dpgbackup.docs} writes it.
 */
final class ParametersDocumentTest {

    private static final Path DOCUMENT = Path.of("docs/parameters.md");

    @Test
    void the_document_says_what_the_annotations_say() throws Exception {
        String expected = document();
        if (Boolean.getBoolean("pgbackup.docs")) {
            Files.writeString(DOCUMENT, expected);
        }

        assertThat(DOCUMENT).content().isEqualTo(expected);
    }

    private static String document() throws Exception {
        StringBuilder text = new StringBuilder("""
                # Parameters

                <!-- Written by ParametersDocumentTest -Dpgbackup.docs=true; do not edit. -->

                Every tag of every goal, with its type, property and default. [configuration.md](configuration.md) explains how the
                tags work together. A tag in the POM wins over its property. To see the same list in a terminal, run
                `mvn pgbackup:help -Ddetail -Dgoal=verify-backup`.
                """);
        for (Element goal : children(child(descriptor(), "mojos"), "mojo")) {
            String name = text(goal, "goal");
            if (name.equals("help")) {
                continue;
            }
            String phase = text(goal, "phase");
            text.append("\n## `").append(name).append("`\n\n");
            text.append(plain(text(goal, "description"))).append("\n\n");
            text.append(
                    phase.isEmpty()
                            ? "Not bound to a phase by default"
                            : "Bound to the phase `" + phase + "` by default");
            text.append(text(goal, "requiresProject").equals("true") ? "; needs a project." : "; needs no project.");
            text.append("\n\n| tag | type | property | default | since | meaning |\n|---|---|---|---|---|---|\n");
            for (Element parameter : parameters(goal)) {
                KnownTag tag = known(name, text(parameter, "name"));
                text.append("| ").append(tag.children().isEmpty() ? code(tag.name()) : link(tag));
                text.append(" | ").append(tag.typeText());
                text.append(" | ").append(code(property(goal, parameter, tag)));
                text.append(" | ").append(code(setting(goal, parameter).getAttribute("default-value")));
                text.append(" | ").append(tag.since());
                text.append(" | ").append(plain(text(parameter, "description"))).append(" |\n");
            }
        }
        text.append("\n# Nested tags\n");
        Tags.all().stream().filter(tag -> !tag.children().isEmpty()).forEach(tag -> inside(text, tag));
        return text.toString();
    }

    private static void inside(StringBuilder text, KnownTag top) {
        text.append("\n## `<").append(top.name()).append(">`\n\nUsed by ");
        text.append(
                top.goals().stream().sorted().map(ParametersDocumentTest::code).collect(Collectors.joining(", ")));
        text.append(".\n\n| tag | type | property | default | since | meaning |\n|---|---|---|---|---|---|\n");
        top.all().skip(1).forEach(tag -> {
            String below = tag.path().substring(top.path().length());
            String withoutEnds = below.substring(1, below.length() - 1).replace("><", "/");
            text.append("| ").append(code(withoutEnds));
            text.append(" | ").append(tag.typeText());
            text.append(" | ").append(code(tag.property() == null ? "" : tag.property()));
            text.append(" | ").append(tag.required() ? "required" : plain(tag.defaultValue()));
            text.append(" | ").append(tag.since());
            text.append(" | ").append(plain(tag.description())).append(" |\n");
        });
        text.append("\n```xml\n").append(String.join("\n", top.xml())).append("\n```\n");
    }

    private static KnownTag known(String goal, String name) {
        return Tags.of(goal).stream()
                .filter(tag -> tag.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new AssertionError(goal + " has a parameter " + name + ", and the model no such tag"));
    }

    private static String link(KnownTag tag) {
        return "[`" + tag.name() + "`](#" + tag.name().toLowerCase(Locale.ROOT) + ")";
    }

    /** The property in the annotation or, for parameters that Maven does not read itself, in the model. */
    private static String property(Element goal, Element parameter, KnownTag tag) {
        String annotated = setting(goal, parameter).getTextContent().replaceAll("^\\$\\{|}$", "");
        String modelled = tag.property() == null ? "" : tag.property();
        if (!annotated.isEmpty()) {
            assertThat(annotated).isEqualTo(modelled);
        }
        return modelled;
    }

    @Test
    void the_goals_have_exactly_the_parameters_of_the_model() throws Exception {
        for (Element goal : children(child(descriptor(), "mojos"), "mojo")) {
            String name = text(goal, "goal");
            if (!name.equals("help")) {
                assertThat(parameters(goal).stream().map(parameter -> text(parameter, "name")))
                        .as(name)
                        .containsExactlyInAnyOrderElementsOf(
                                Tags.of(name).stream().map(KnownTag::name).toList());
            }
        }
    }

    private static Element descriptor() throws Exception {
        try (InputStream file = VerifyBackupMojo.class.getResourceAsStream("/META-INF/maven/plugin.xml")) {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(file)
                    .getDocumentElement();
        } catch (IOException e) {
            throw new AssertionError("Run this test by Maven, which makes the descriptor.", e);
        }
    }

    private static List<Element> parameters(Element goal) {
        return children(child(goal, "parameters"), "parameter").stream()
                .filter(parameter -> text(parameter, "editable").equals("true"))
                .sorted(Comparator.comparing(parameter -> text(parameter, "name")))
                .toList();
    }

    /** The settings of a parameter: its property as text, its default as an attribute. */
    private static Element setting(Element goal, Element parameter) {
        return children(child(goal, "configuration"), text(parameter, "name")).stream()
                .findFirst()
                .orElseGet(() -> parameter.getOwnerDocument().createElement("none"));
    }

    private static String code(String text) {
        return text.isBlank() ? "" : "`" + text + "`";
    }

    private static String plain(String description) {
        return description
                .replaceAll("\\{@code (.*?)}", "`$1`")
                .replaceAll("</?code>", "`")
                .replaceAll("\\s+", " ")
                .replace("<", "&lt;")
                .replace("|", "\\|")
                .strip();
    }

    private static String text(Element parent, String name) {
        return children(parent, name).stream()
                .findFirst()
                .map(Node::getTextContent)
                .orElse("");
    }

    private static Element child(Element parent, String name) {
        return children(parent, name).get(0);
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> children = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getTagName().equals(name)) {
                children.add(element);
            }
        }
        return children;
    }
}
