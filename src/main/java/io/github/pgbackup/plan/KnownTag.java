package io.github.pgbackup.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A tag that a goal takes, as the model of the configuration describes it.
 *
 * @param path the tags that lead to it and its own, such as {@code <source><url>}
 * @param name its name
 * @param type what it holds
 * @param goals the goals that take it
 * @param description what it means; empty for a tag of the first level, which the Javadoc of the goal's parameter describes
 * @param property the property that gives the same, such as {@code pgbackup.source.url}; null where there is none
 * @param attributes what else the model says: {@code default}, {@code sample}, {@code required} and so on
 * @param children the tags in it
 */
public record KnownTag(
        String path,
        String name,
        Type type,
        List<String> goals,
        String description,
        @Nullable String property,
        Map<String, String> attributes,
        List<KnownTag> children) {

    /** What a tag holds. */
    public enum Type {
        /** Any text. */
        TEXT("text"),
        /** The name of an object of the database, an SQL identifier. */
        NAME("name"),
        /** A program and its arguments; no shell reads them. */
        COMMAND("command"),
        /** {@code true} or {@code false}. */
        FLAG("true or false"),
        /** One of several words. */
        CHOICE("choice"),
        /** A time, ISO-8601 or short. */
        DURATION("duration"),
        /** A number or a range of numbers of rows. */
        COUNT("number or range"),
        /** A number or a range of whole numbers. */
        WHOLES("whole number or range"),
        /** A version or a range of versions of PostgreSQL. */
        VERSIONS("version or range"),
        /** A whole number between two others. */
        WHOLE("whole number"),
        /** Any whole number. */
        NUMBER("whole number"),
        /** A day. */
        DATE("date"),
        /** A share with its per cent sign. */
        SHARE("percentage"),
        /** A share in whole per cent. */
        WHOLE_SHARE("whole percentage"),
        /** Bytes a second. */
        RATE("bytes a second"),
        /** As {@code pg_dump -Z} takes it. */
        COMPRESSION("compression"),
        /** 64 hexadecimal digits. */
        SHA256("SHA-256"),
        /** The number of a cluster. */
        SYSTEM_IDENTIFIER("number"),
        /** {@code auto}, or the digits of a commit. */
        COMMIT("commit"),
        /** The name of a file. */
        FILE("file"),
        /** The name of a directory. */
        DIRECTORY("directory"),
        /** Several directories. */
        PATHS("directories"),
        /** Tools that migrate a database, with commas between them. */
        TOOLS("tools"),
        /** Patterns of names, with commas between them. */
        PATTERNS("patterns"),
        /** A tag for each name. */
        MAP("tags"),
        /** Tags of one name that hold a text each, or one text with commas in it. */
        TEXTS("list"),
        /** Tags of which each can be given several times. */
        LIST("list"),
        /** Tags of which each can be given once. */
        SECTION("section");

        private final String words;

        Type(String words) {
            this.words = words;
        }
    }

    public KnownTag {
        goals = List.copyOf(goals);
        attributes = Map.copyOf(attributes);
        children = List.copyOf(children);
    }

    /** Its type in words, with the words or the numbers that are allowed. */
    public String typeText() {
        return switch (type) {
            case CHOICE -> String.join(", ", values());
            case WHOLE -> "whole number from " + attribute("from") + " to " + attribute("to");
            default -> type.words;
        };
    }

    /** The words that are allowed, of a choice. */
    public List<String> values() {
        String values = attribute("values");
        return values.isEmpty() ? List.of() : List.of(values.split(" ", -1));
    }

    /** What holds where it is not given; empty where nothing does. */
    public String defaultValue() {
        return attribute("default");
    }

    /** Whether the tag around it cannot do without it. */
    public boolean required() {
        return attribute("required").equals("true");
    }

    /** The first version of the plugin that takes it. */
    public String since() {
        return attribute("since");
    }

    /** The tag that is given instead, if it is one of two. */
    public boolean alternative() {
        return !attribute("alternative").isEmpty();
    }

    /** The tag of the first level that holds the same tags, which are not repeated here; empty for most. */
    public String like() {
        return attribute("like");
    }

    /** A value for an example. */
    public String sample() {
        return attribute("sample");
    }

    /** What others call it. */
    List<String> meant() {
        return List.of(attribute("meant").split(" ", -1));
    }

    private String attribute(String attribute) {
        return attributes.getOrDefault(attribute, "");
    }

    /** It and all tags below it. */
    public Stream<KnownTag> all() {
        return Stream.concat(Stream.of(this), children.stream().flatMap(KnownTag::all));
    }

    Optional<KnownTag> child(String childName) {
        return children.stream().filter(each -> each.name.equals(childName)).findFirst();
    }

    /** An example in XML, with all tags that can stand together. */
    public List<String> xml() {
        List<String> lines = new ArrayList<>();
        String sample = sample();
        if (type == Type.MAP || !like().isEmpty()) {
            lines.addAll(List.of("<" + name + ">", "    " + sample, "</" + name + ">"));
        } else if (children.isEmpty()) {
            lines.add("<" + name + ">" + sample.replace("&", "&amp;").replace("<", "&lt;") + "</" + name + ">");
        } else {
            lines.add("<" + name + ">");
            children.stream()
                    .filter(child -> !child.alternative())
                    .flatMap(child -> child.xml().stream())
                    .map(line -> "    " + line)
                    .forEach(lines::add);
            lines.add("</" + name + ">");
        }
        return lines;
    }
}
