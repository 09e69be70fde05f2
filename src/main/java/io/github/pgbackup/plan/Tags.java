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
 * All tags that the goals take, from {@code tags.xml}: the one model of the reference, of the goal {@code help}, of the
 * schema of expectation files and of the messages that say where a tag belongs.
 */
public final class Tags {

    private static final String FILE = "tags.xml";

    /** So many places of a name can be told in a message; more would help nobody. */
    private static final int PLACES = 3;

    private static final List<KnownTag> ALL = read();

    private Tags() {}

    /** Those of the first level. */
    public static List<KnownTag> all() {
        return ALL;
    }

    /** Those of the first level that a goal takes. */
    public static List<KnownTag> of(String goal) {
        return ALL.stream().filter(tag -> tag.goals().contains(goal)).toList();
    }

    /** The tag in this place that others call so; null when there is none. */
    static @Nullable String meant(String path, String name) {
        return inside(path)
                .filter(tag -> tag.meant().contains(name))
                .map(KnownTag::name)
                .findFirst()
                .orElse(null);
    }

    /** The tags that a tag of this name can be in; none when it has too many places, or belongs on the first level. */
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
