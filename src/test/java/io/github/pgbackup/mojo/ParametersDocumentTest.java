package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * {@code docs/parameters.md} is made of the goals' annotations, by way of the plugin's descriptor. {@code -Dpgbackup.docs}
 * writes it.
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

                What stands inside of the tags is in [configuration.md](configuration.md). A tag in the POM wins over its property.
                """);
        for (Element goal : children(child(descriptor(), "mojos"), "mojo")) {
            if (text(goal, "goal").equals("help")) {
                continue;
            }
            String phase = text(goal, "phase");
            text.append("\n## `").append(text(goal, "goal")).append("`\n\n");
            text.append(plain(text(goal, "description"))).append("\n\n");
            text.append(
                    phase.isEmpty() ? "Bound to no phase by default" : "Bound to the phase `" + phase + "` by default");
            text.append(text(goal, "requiresProject").equals("true") ? "; needs a project." : "; needs no project.");
            text.append("\n\n| tag | property | default | |\n|---|---|---|---|\n");
            for (Element parameter : parameters(goal)) {
                text.append("| `").append(text(parameter, "name")).append("` | ");
                text.append(code(setting(goal, parameter).getTextContent().replaceAll("^\\$\\{|}$", "")))
                        .append(" | ");
                text.append(code(setting(goal, parameter).getAttribute("default-value")))
                        .append(" | ");
                text.append(plain(text(parameter, "description"))).append(" |\n");
            }
        }
        return text.toString();
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

    /** Of a parameter: its property as text, its default as an attribute. */
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
