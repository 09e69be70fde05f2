package io.github.pgbackup.plan;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * All tags that the goals accept, from {@code tags.xml}. This model is the source of the reference, the goal
 * {@code help}, the schema of expectation files, and messages that say where a tag belongs.
 */
public final class Tags {

    private static final String FILE = "tags.xml";

    /** Maximum number of places for a tag in a message. */
    private static final int PLACES = 3;

    private static final List<KnownTag> ALL = read();

    private Tags() {}

    /** The top-level tags. */
    public static List<KnownTag> all() {
        return ALL;
    }

    /** The top-level tags that a goal accepts. */
    public static List<KnownTag> of(String goal) {
        return ALL.stream().filter(tag -> tag.goals().contains(goal)).toList();
    }

    /** The tag in this place for which the name is a common wrong name; null if there is none. */
    static @Nullable String byAlias(String path, String name) {
        return inside(path)
                .filter(tag -> tag.aliases().contains(name))
                .map(KnownTag::name)
                .findFirst()
                .orElse(null);
    }

    /** The places of tags with this name; empty when there are too many, or when it is a top-level tag. */
    static List<String> places(String name) {
        List<String> places = everywhere()
                .filter(tag -> tag.name().equals(name))
                .map(tag -> tag.path().substring(0, tag.path().length() - name.length() - 2))
                .distinct()
                .toList();
        return places.size() > PLACES ? List.of() : places;
    }

    private static Stream<KnownTag> inside(String path) {
        return path.isEmpty()
                ? ALL.stream()
                : everywhere().filter(tag -> tag.path().equals(path)).flatMap(tag -> tag.children().stream());
    }

    private static Stream<KnownTag> everywhere() {
        return ALL.stream().flatMap(KnownTag::all);
    }

    private static List<KnownTag> read() {
        try (InputStream file = Objects.requireNonNull(Tags.class.getResourceAsStream(FILE), FILE)) {
            XMLStreamReader reader = XMLInputFactory.newFactory().createXMLStreamReader(file);
            reader.nextTag();
            return children(reader, "", reader.getAttributeValue(null, "since"), List.of(), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (XMLStreamException e) {
            throw new IllegalStateException(FILE, e);
        }
    }

    private static List<KnownTag> children(
            XMLStreamReader reader, String path, String since, List<String> goals, boolean hasProperties)
            throws XMLStreamException {
        List<KnownTag> children = new ArrayList<>();
        while (reader.nextTag() == XMLStreamConstants.START_ELEMENT) {
            children.add(tag(reader, path, since, goals, hasProperties));
        }
        return children;
    }

    private static KnownTag tag(
            XMLStreamReader reader, String parent, String since, List<String> goals, boolean hasProperties)
            throws XMLStreamException {
        Map<String, String> attributes = new TreeMap<>(Map.of("since", since));
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            attributes.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
        }
        String name = attributes.getOrDefault("name", "");
        String path = parent + "<" + name + ">";
        KnownTag.Type type = KnownTag.Type.valueOf(attributes
                .getOrDefault("type", "")
                .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                .toUpperCase(Locale.ROOT));
        List<String> own = attributes.containsKey("goals")
                ? List.of(attributes.getOrDefault("goals", "").split(" ", -1))
                : goals;
        boolean list = type == KnownTag.Type.LIST || type == KnownTag.Type.TEXTS;
        StringBuilder description = new StringBuilder();
        List<KnownTag> children = new ArrayList<>();
        while (reader.next() != XMLStreamConstants.END_ELEMENT) {
            if (reader.isCharacters()) {
                description.append(reader.getText());
            } else if (reader.isStartElement() && reader.getLocalName().equals("is")) {
                description.append(reader.getElementText());
            } else if (reader.isStartElement()) {
                children.add(tag(reader, path, since, own, hasProperties && !list));
            }
        }
        boolean property = hasProperties && type != KnownTag.Type.SECTION && type != KnownTag.Type.LIST;
        return new KnownTag(
                path,
                name,
                type,
                own,
                description.toString().strip(),
                property ? Section.property(path) : null,
                attributes,
                children);
    }
}
