package io.github.pgbackup.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A tag that a goal accepts, from the model of the configuration.
 *
 * @param path the enclosing tags and its own, such as {@code <source><url>}
 * @param name its name
 * @param type the type of its value
 * @param goals the goals that accept it
 * @param description its meaning; empty for a top-level tag, which the Javadoc of the goal's parameter describes
 * @param property the equivalent property, such as {@code pgbackup.source.url}; null if there is none
 * @param attributes further attributes of the model: {@code default}, {@code sample}, {@code required} and so on
 * @param children the tags inside it
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

    /** The type of a tag's value. */
    public enum Type {
        /** Any text. */
        TEXT("text"),
        /** The name of a database object, an SQL identifier. */
        NAME("name"),
        /** A program and its arguments, without a shell. */
        COMMAND("command"),
        /** {@code true} or {@code false}. */
        FLAG("true or false"),
        /** One of several key words. */
        CHOICE("choice"),
        /** A duration, in ISO-8601 or short form. */
        DURATION("duration"),
        /** A number of rows, or a range of such numbers. */
        COUNT("number or range"),
        /** A whole number, or a range of whole numbers. */
        WHOLES("whole number or range"),
        /** A version or a range of versions of PostgreSQL. */
        VERSIONS("version or range"),
        /** A whole number between two others. */
        WHOLE("whole number"),
        /** Any whole number. */
        NUMBER("whole number"),
        /** A day. */
        DATE("date"),
        /** A percentage with its sign. */
        SHARE("percentage"),
        /** A whole percentage. */
        WHOLE_SHARE("whole percentage"),
        /** Bytes per second. */
        RATE("bytes a second"),
        /** A value of {@code pg_dump -Z}. */
        COMPRESSION("compression"),
        /** 64 hexadecimal digits. */
        SHA256("SHA-256"),
        /** The system identifier of a cluster. */
        SYSTEM_IDENTIFIER("number"),
        /** {@code auto}, or the hexadecimal id of a commit. */
        COMMIT("commit"),
        /** The name of a file. */
        FILE("file"),
        /** The name of a directory. */
        DIRECTORY("directory"),
        /** Several directories. */
        PATHS("directories"),
        /** Migration tools, separated by commas. */
        TOOLS("tools"),
        /** Patterns of names, separated by commas. */
        PATTERNS("patterns"),
        /** Tags with arbitrary names. */
        MAP("tags"),
        /** Tags of one name with a text each, or one text with commas. */
        TEXTS("list"),
        /** Tags that may each occur several times. */
        LIST("list"),
        /** Tags that may each occur once. */
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

    /** Its type in words, with the valid words or numbers. */
    public String typeText() {
        return switch (type) {
            case CHOICE -> String.join(", ", values());
            case WHOLE -> "whole number from " + attribute("from") + " to " + attribute("to");
            default -> type.words;
        };
    }

    /** The valid words of a choice. */
    public List<String> values() {
        String values = attribute("values");
        return values.isEmpty() ? List.of() : List.of(values.split(" ", -1));
    }

    /** The value if the tag is missing; empty if there is none. */
    public String defaultValue() {
        return attribute("default");
    }

    /** Whether the enclosing tag requires it. */
    public boolean required() {
        return attribute("required").equals("true");
    }

    /** The first version of the plugin that accepts it. */
    public String since() {
        return attribute("since");
    }

    /** Whether an example omits it, because it and another tag exclude each other. */
    public boolean alternative() {
        return !attribute("alternative").isEmpty();
    }

    /** The top-level tag with the same children, which are not repeated here; empty for most. */
    public String like() {
        return attribute("like");
    }

    /** An example value. */
    public String sample() {
        return attribute("sample");
    }

    /** Common wrong names for it. */
    List<String> aliases() {
        return List.of(attribute("meant").split(" ", -1));
    }

    private String attribute(String attribute) {
        return attributes.getOrDefault(attribute, "");
    }

    /** This tag and all tags below it. */
    public Stream<KnownTag> all() {
        return Stream.concat(Stream.of(this), children.stream().flatMap(KnownTag::all));
    }

    Optional<KnownTag> child(String childName) {
        return children.stream().filter(each -> each.name.equals(childName)).findFirst();
    }

    /** An XML example with all tags that can be combined. */
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
