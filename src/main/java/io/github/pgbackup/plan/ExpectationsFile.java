package io.github.pgbackup.plan;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads a file of expectations: the tag {@code <expectations>} as in a POM, and as {@code capture-expectations} writes
 * it. Nothing in it is interpolated or merged. Content that a POM's reader would silently ignore is rejected.
 */
final class ExpectationsFile {

    private static final String ROOT = "expectations";

    private final XMLStreamReader reader;
    private final String name;

    private ExpectationsFile(XMLStreamReader reader, String name) {
        this.reader = reader;
        this.name = name;
    }

    /**
     * Reads the file's tag and its children, each with its line.
     *
     * @param name the name of the file in messages
     * @throws IllegalArgumentException when it cannot be read; the message is a sentence with file and line, without a
     *     full stop
     */
    static Tag read(Path file, String name) {
        try (InputStream bytes = Files.newInputStream(file)) {
            XMLInputFactory factory = XMLInputFactory.newFactory();
            // No external content, and no exponential expansion of entities.
            factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
            factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
            factory.setProperty(XMLInputFactory.IS_COALESCING, true);
            XMLStreamReader reader = factory.createXMLStreamReader(bytes);
            try {
                return new ExpectationsFile(reader, name).root();
            } finally {
                reader.close();
            }
        } catch (XMLStreamException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNumber();
            throw new IllegalArgumentException(
                    name + ":" + line + ": not well-formed XML: " + reason(e) + "; a file must hold a single tag, <"
                            + ROOT + ">",
                    e);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(name + ": the file does not exist (" + file.toAbsolutePath() + ")", e);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(name + ": it is not valid UTF-8", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(name + ": it cannot be read: " + e.getMessage(), e);
        }
    }

    /** The parser's message, without its position and its technical details. */
    private static String reason(XMLStreamException e) {
        String message = String.valueOf(e.getMessage());
        int from = message.lastIndexOf("Message: ");
        return (from < 0 ? message : message.substring(from + "Message: ".length()))
                .strip()
                .replaceFirst("\\.$", "");
    }

    private Tag root() throws XMLStreamException {
        while (reader.next() != XMLStreamConstants.START_ELEMENT) {
            if (reader.getEventType() == XMLStreamConstants.DTD) {
                throw new IllegalArgumentException(here() + ": a document type is not supported; remove it");
            }
        }
        if (!qualified(reader.getPrefix(), reader.getLocalName()).equals(ROOT)) {
            throw new IllegalArgumentException(here() + ": the outermost tag is <"
                    + qualified(reader.getPrefix(), reader.getLocalName()) + ">; expected <" + ROOT + ">");
        }
        Tag root = tag();
        while (reader.hasNext()) {
            reader.next(); // checks that the rest is well-formed
        }
        if (root.children().isEmpty()) {
            throw new IllegalArgumentException(root.place() + ": <" + ROOT + "> contains no expectation");
        }
        return root;
    }

    /** Reads a tag from its start to its end. */
    private Tag tag() throws XMLStreamException {
        String tagName = qualified(reader.getPrefix(), reader.getLocalName());
        String place = here();
        Set<String> attributes = new LinkedHashSet<>();
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            attributes.add(qualified(reader.getAttributePrefix(i), reader.getAttributeLocalName(i)));
        }
        List<Tag> children = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        while (reader.next() != XMLStreamConstants.END_ELEMENT) {
            switch (reader.getEventType()) {
                case XMLStreamConstants.START_ELEMENT -> children.add(tag());
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> text.append(reader.getText());
                case XMLStreamConstants.ENTITY_REFERENCE ->
                    throw new IllegalArgumentException(here() + ": unknown entity &" + reader.getLocalName() + ";");
                default -> {
                    // a comment, a processing instruction
                }
            }
        }
        String value = text.toString().trim();
        return new Tag(tagName, value.isEmpty() ? null : value, children, attributes, place);
    }

    private static String qualified(String prefix, String localName) {
        return prefix == null || prefix.isEmpty() ? localName : prefix + ":" + localName;
    }

    private String here() {
        return name + ":" + reader.getLocation().getLineNumber();
    }
}
