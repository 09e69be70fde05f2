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
 * Reads a file of expectations: the tag {@code <expectations>} as a POM has it and as {@code capture-expectations} writes
 * it. Nothing in it is interpolated or merged, and what a POM's reader would pass over in silence is refused.
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
     * The tag that the file holds, each with its line.
     *
     * @param name what messages call the file
     * @throws IllegalArgumentException when it cannot be read; the message is a sentence with file and line, without its
     *     full stop
     */
    static Tag read(Path file, String name) {
        try (InputStream bytes = Files.newInputStream(file)) {
            XMLInputFactory factory = XMLInputFactory.newFactory();
            // No text comes from elsewhere, and none is a millionfold of what is written.
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
                    name + ":" + line + ": not well-formed XML: " + reason(e) + "; a file holds one tag, <" + ROOT
                            + ">",
                    e);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(name + ": there is no such file (" + file.toAbsolutePath() + ")", e);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(name + ": it is not in UTF-8", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(name + ": it cannot be read: " + e.getMessage(), e);
        }
    }

    /** What the parser says, without the place, and without the lines that it prints for programs. */
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
                throw new IllegalArgumentException(here() + ": it has a document type, which is not read; remove it");
            }
        }
        if (!qualified(reader.getPrefix(), reader.getLocalName()).equals(ROOT)) {
            throw new IllegalArgumentException(here() + ": the outermost tag is <"
                    + qualified(reader.getPrefix(), reader.getLocalName()) + ">; expected is <" + ROOT + ">");
        }
        Tag root = tag();
        while (reader.hasNext()) {
            reader.next(); // to the end, which may not be well-formed
        }
        if (root.children().isEmpty()) {
            throw new IllegalArgumentException(root.place() + ": <" + ROOT + "> holds no expectation");
        }
        return root;
    }

    /** From its beginning to its end. */
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
                    throw new IllegalArgumentException(
                            here() + ": the entity &" + reader.getLocalName() + "; is not known");
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
