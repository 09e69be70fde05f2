package io.github.pgbackup.plan;

import io.github.pgbackup.Spelling;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads one level of the configuration strictly: a tag is known once it has been looked up, so {@link #end()} can
 * report every other tag. A scalar without a tag is looked up as a property ({@code pgbackup.source.url} for
 * {@code <source><url>}); as everywhere in Maven, the tag wins.
 */
final class Section {

    /** Values that may contain a literal dollar and brace: databases store templates, too. */
    private static final Set<String> LITERAL = Set.of("sql", "is", "returns", "definition", "default", "name");

    private static final String PREFIX = "pgbackup.";

    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{[^}]*}?");

    /** The separator of two name=value pairs. */
    private static final Pattern PAIRS = Pattern.compile(",(?=\\s*[A-Za-z_][\\w.$]*\\s*=)");

    /** Attributes that Maven reads: {@code combine.children}, {@code combine.self}, {@code xml:space} and so on. */
    private static final Pattern OF_MAVEN = Pattern.compile("combine\\..*|xml:.*");

    /** Attributes by which editors find the schema of an expectations file; they may be pasted into a POM with it. */
    private static final Set<String> OF_A_SCHEMA = Set.of("xmlns:xsi", "xsi:noNamespaceSchemaLocation");

    /** Attributes in a file, where nothing is merged. */
    private static final Pattern OF_XML = Pattern.compile("xml:.*");

    /**
     * Collects all problems, and what was read.
     *
     * @param inEffect scalars, including defaults, by their property without the prefix
     * @param known the paths of all tags that were looked up, whether present or not
     */
    record Findings(List<String> problems, List<String> warnings, Map<String, String> inEffect, Set<String> known) {

        Findings() {
            this(new ArrayList<>(), new ArrayList<>(), new TreeMap<>(), new TreeSet<>());
        }

        private static void add(List<String> sentences, String sentence) {
            // A tag can be looked up more than once.
            if (!sentences.contains(sentence)) {
                sentences.add(sentence);
            }
        }
    }

    private final String path;

    /** Identifies an element of a list, for messages about its tags; empty outside of lists. */
    private final String element;

    private final @Nullable Tag tag;
    private final boolean hasProperties;
    private final Function<String, @Nullable String> properties;
    private final Findings findings;
    private final Set<String> known = new LinkedHashSet<>();
    private final Set<String> refused = new HashSet<>();
    private final Set<String> listed = new HashSet<>();
    private final Set<String> repeated = new HashSet<>();

    private Section(
            String path,
            String element,
            @Nullable Tag tag,
            boolean hasProperties,
            Function<String, @Nullable String> properties,
            Findings findings) {
        this.path = path;
        this.element = element;
        this.tag = tag;
        this.hasProperties = hasProperties;
        this.properties = properties;
        this.findings = findings;
    }

    static Section root(Tag configuration, Function<String, @Nullable String> properties, Findings findings) {
        return new Section("", "", configuration, true, properties, findings);
    }

    /** The section of a tag. It may be absent; its scalars may then come from properties. */
    Section section(String name) {
        return new Section(pathOf(name), element, child(name), hasProperties, properties, findings);
    }

    /** An element of a list; messages identify it by its name, or else by its number. */
    private Section element(String listPath, Tag item, int place) {
        String named = item.children().stream()
                .filter(child -> child.name().equals("name") && child.value() != null)
                .map(child -> " of '" + child.value() + "'")
                .findFirst()
                .orElse(" of entry " + place + element);
        return new Section(listPath + tagged(item.name()), named, item, false, properties, findings);
    }

    /** The texts of a list whose tags have one name, or else a scalar or property with commas. */
    List<String> texts(String name, String item) {
        Tag list = child(name);
        if (list != null && !list.children().isEmpty()) {
            Section items = section(name);
            List<Tag> texts = list.children().stream()
                    .filter(each -> each.name().equals(item))
                    .toList();
            List<String> values = new ArrayList<>();
            for (Tag each : texts) {
                // Parse each as if it were the only one.
                Section only = new Section(
                        items.path,
                        element,
                        new Tag(list.name(), null, List.of(each), Set.of(), list.place()),
                        false,
                        properties,
                        findings);
                values.add(only.required(item, "it must be one of <" + name + ">"));
            }
            items.markKnown(item);
            items.end();
            inEffect(name, String.join(",", values));
            return values.stream().filter(value -> !value.isEmpty()).toList();
        }
        String text = text(name);
        if (text == null) {
            return List.of();
        }
        List<String> values = Stream.of(text.split(",", -1)).map(String::trim).toList();
        if (values.contains("")) {
            problemAt(name, "is '" + text + "'; expected names separated by commas");
        }
        return values.stream().filter(value -> !value.isEmpty()).toList();
    }

    /** A section for a tag of another file. */
    Section inFile(Tag other) {
        Section section = new Section(tagged(other.name()), "", other, false, properties, findings);
        section.attributes();
        return section;
    }

    boolean isPresent() {
        return tag != null;
    }

    /**
     * The tags of a list with a single kind of tag, such as {@code <value>} in {@code <values>}; lists have no
     * properties.
     */
    List<Section> list(String name, String item) {
        Section list = section(name);
        List<Section> items = list.each(Set.of(item));
        list.end();
        return items;
    }

    /** The tags of this section one by one, for a list with several kinds of tags. */
    List<Section> each(Set<String> allowed) {
        if (tag == null) {
            return List.of();
        }
        allowed.forEach(this::markKnown);
        listed.addAll(allowed);
        List<Section> items = new ArrayList<>();
        for (Tag each : tag.children()) {
            if (allowed.contains(each.name())) {
                items.add(element(path, each, items.size() + 1));
            }
        }
        return items;
    }

    String name() {
        return tag == null ? "" : tag.name();
    }

    @Nullable String text(String name) {
        return scalar(name, Function.identity());
    }

    String text(String name, String defaultValue) {
        String value = text(name);
        return value == null ? defaultValue : value;
    }

    /** Reads a scalar that must be present and not empty. */
    String required(String name, String why) {
        String given = value(name);
        if (given == null || given.isEmpty()) {
            problemAt(name, (given == null ? "is missing: " : "is empty: ") + why);
            return "";
        }
        return text(name, "");
    }

    <T> T scalar(String name, Function<String, T> parser, T defaultValue) {
        T value = scalar(name, parser);
        if (value == null) {
            inEffect(name, String.valueOf(defaultValue));
        }
        return value == null ? defaultValue : value;
    }

    private void inEffect(String name, String value) {
        if (hasProperties) {
            findings.inEffect().put(property(pathOf(name)).substring(PREFIX.length()), value);
        }
    }

    /** Parses a scalar; the parser throws {@link IllegalArgumentException} with what it expects. */
    <T> @Nullable T scalar(String name, Function<String, T> parser) {
        String value = value(name);
        if (value == null) {
            return null;
        }
        Matcher placeholder = PLACEHOLDER.matcher(value);
        if (!isInFile(name) && placeholder.find()) {
            // Shows only the placeholder: a URL may contain a password.
            problemAt(
                    name,
                    "contains " + placeholder.group() + ", but no such property is set"
                            + (path.startsWith("<expectations>") && LITERAL.contains(name)
                                    ? "; to use the text literally, move this expectation to a file of"
                                            + " <expectationsFiles> (-Dpgbackup.expectationsFiles), where Maven replaces"
                                            + " nothing"
                                    : ""));
            return null;
        }
        inEffect(name, value);
        try {
            return parser.apply(value);
        } catch (IllegalArgumentException e) {
            problemAt(name, (value.isEmpty() ? "is empty" : "is '" + value + "'") + continued(e));
            return null;
        }
    }

    /** A scalar that may occur several times in the POM. */
    <T> List<T> scalars(String name, Function<String, T> parser) {
        List<Tag> given = tag == null
                ? List.of()
                : tag.children().stream()
                        .filter(child -> child.name().equals(name))
                        .toList();
        if (given.size() < 2) {
            T one = scalar(name, parser);
            return one == null ? List.of() : List.of(one);
        }
        known.add(name);
        repeated.add(name);
        List<T> values = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (Tag each : given) {
            Section only = new Section(
                    path,
                    element,
                    new Tag(name(), null, List.of(each), Set.of(), each.place()),
                    false,
                    properties,
                    findings);
            T value = only.scalar(name, parser);
            if (value != null) {
                values.add(value);
            }
            texts.add(each.value() == null ? "" : each.value());
        }
        inEffect(name, String.join(", ", texts));
        if (hasProperties && properties.apply(property(pathOf(name))) != null) {
            Findings.add(
                    findings.warnings(),
                    pathOf(name) + " has values in the POM, so the property " + property(pathOf(name))
                            + " is not used. Remove the tags to use the property.");
        }
        return values;
    }

    <E extends Enum<E>> @Nullable E choice(String name, Class<E> choices) {
        return scalar(name, value -> chosen(value, choices));
    }

    <E extends Enum<E>> E choice(String name, Class<E> choices, E defaultValue) {
        return scalar(name, value -> chosen(value, choices), defaultValue);
    }

    boolean flag(String name, boolean defaultValue) {
        return scalar(
                name,
                value -> switch (value) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new IllegalArgumentException("expected true or false");
                },
                defaultValue);
    }

    boolean has(String name) {
        return value(name) != null;
    }

    /**
     * The tags below a tag, with any names, and their values; or else the {@code name=value} pairs of the property,
     * separated by commas. A comma that is not followed by another {@code name=} is part of the value.
     */
    Map<String, String> map(String name, String example) {
        Tag child = child(name);
        String property = hasProperties ? properties.apply(property(pathOf(name))) : null;
        Map<String, String> map = new LinkedHashMap<>();
        if (child == null) {
            for (String pair : property == null || property.isBlank() ? new String[0] : PAIRS.split(property, -1)) {
                int equals = pair.indexOf('=');
                if (equals < 1) {
                    problemAt(name, "is '" + property + "'; expected pairs such as " + example);
                    return Map.of();
                }
                map.put(
                        pair.substring(0, equals).strip(),
                        pair.substring(equals + 1).strip());
            }
            return map;
        }
        if (property != null) {
            Findings.add(
                    findings.warnings(),
                    pathOf(name) + " has tags in the POM, so the property " + property(pathOf(name))
                            + " is not used. Remove the tags to use the property.");
        }
        if (child.value() != null) {
            problemAt(name, "contains text; expected a tag with the name of each");
        }
        for (Tag each : child.children()) {
            String value = each.value() == null ? "" : each.value();
            Matcher placeholder = PLACEHOLDER.matcher(value);
            if (!each.children().isEmpty()) {
                problemAt(name, "has tags in <" + each.name() + ">; expected a single value");
            } else if (placeholder.find()) {
                problemAt(
                        name,
                        "contains " + placeholder.group() + " in <" + each.name() + ">, but no such property is set");
            } else if (map.put(each.name(), value) != null) {
                problemAt(name, "has <" + each.name() + "> more than once");
            }
        }
        return map;
    }

    /** Reports a tag that is known but not accepted here; returns whether it is present. */
    boolean refuse(String name, String why) {
        refused.add(name);
        boolean written = tag != null
                && tag.children().stream().anyMatch(child -> child.name().equals(name));
        boolean there = written || hasProperties && properties.apply(property(pathOf(name))) != null;
        if (there) {
            problemAt(name, why);
        }
        return there;
    }

    /** Reports tags that were never looked up, and attributes that have no effect. */
    void end() {
        if (tag == null) {
            return;
        }
        if (path.isEmpty()) {
            attributes();
        }
        int place = 0;
        for (Tag child : tag.children()) {
            boolean item = listed.contains(child.name());
            place += item ? 1 : 0;
            (item
                            ? element(path, child, place)
                            : new Section(pathOf(child.name()), element, child, hasProperties, properties, findings))
                    .attributes();
        }
        tag.children().stream()
                .filter(child -> !known.contains(child.name()) && !refused.contains(child.name()))
                .forEach(this::unknown);
        if (tag.value() != null) {
            // Omits the text: it may be a URL with a password.
            problem("contains text; expected the tags " + tags(known));
        }
    }

    /** Reports attributes, because Maven silently ignores them. */
    private void attributes() {
        Tag own = tag;
        if (own != null) {
            Pattern read = own.isInFile() ? OF_XML : OF_MAVEN;
            own.attributes().stream()
                    .filter(attribute -> !read.matcher(attribute).matches()
                            && !(path.equals("<expectations>") && OF_A_SCHEMA.contains(attribute)))
                    .sorted()
                    .forEach(attribute -> problem("has the attribute '" + attribute
                            + "', which has no effect; write the tag <" + attribute + "> or remove it"));
        }
    }

    /** Reports a problem of this section as a whole. */
    void problem(String message) {
        Findings.add(findings.problems(), at(tag) + here() + element + " " + message + ".");
    }

    /** Reports a problem of a tag in this section. */
    void problemAt(String name, String message) {
        Findings.add(
                findings.problems(),
                at(written(name)) + place(name)
                        + (name.equals("name") && !tagValue(name).isEmpty() ? "" : element) + " " + message + ".");
    }

    /** The tag with this name, or else this one. */
    private @Nullable Tag written(String name) {
        return tag == null
                ? null
                : tag.children().stream()
                        .filter(child -> child.name().equals(name))
                        .findFirst()
                        .orElse(tag);
    }

    private boolean isInFile(String name) {
        Tag written = written(name);
        return written != null && written.isInFile();
    }

    private static String at(@Nullable Tag tag) {
        return tag == null || !tag.isInFile() ? "" : tag.place() + ": ";
    }

    private String place(String name) {
        return pathOf(name) + (hasProperties ? " (-D" + property(pathOf(name)) + ")" : "");
    }

    private String here() {
        return path.isEmpty() ? "<configuration>" : path;
    }

    private String tagValue(String name) {
        return tag == null
                ? ""
                : tag.children().stream()
                        .filter(child -> child.name().equals(name) && child.value() != null)
                        .map(child -> String.valueOf(child.value()))
                        .findFirst()
                        .orElse("");
    }

    private static String continued(IllegalArgumentException e) {
        String message = String.valueOf(e.getMessage());
        String joint = Character.isUpperCase(message.charAt(0)) ? ". " : "; ";
        return joint + (message.endsWith(".") ? message.substring(0, message.length() - 1) : message);
    }

    /** Omits the tag's value: it may be a secret in the wrong tag. */
    private void unknown(Tag child) {
        String called = Tags.byAlias(path, child.name());
        String meant = called == null || !known.contains(called) ? nearest(child.name(), known) : called;
        Findings.add(
                findings.problems(),
                at(child) + here() + element + " has an unknown tag <" + child.name() + ">"
                        + (meant.isEmpty() ? "." : "; did you mean <" + meant + ">?")
                        + (meant.equals(called) ? "" : whereItBelongs(child.name())) + " Known tags: "
                        + tags(known)
                        + ".");
    }

    /** Where a tag belongs that is known elsewhere. */
    private static String whereItBelongs(String name) {
        List<String> places = Tags.places(name);
        return places.isEmpty()
                ? ""
                : " <" + name + "> belongs in "
                        + places.stream()
                                .map(place -> place.isEmpty() ? "<configuration>" : place)
                                .collect(Collectors.joining(" or "))
                        + ".";
    }

    private @Nullable String value(String name) {
        Tag child = child(name);
        String property = hasProperties ? properties.apply(property(pathOf(name))) : null;
        if (child == null) {
            return property;
        }
        if (!child.children().isEmpty()) {
            problemAt(name, "contains tags; expected a single value");
            return null;
        }
        String value = child.value() == null ? "" : child.value();
        if (property != null && !property.equals(value)) {
            Findings.add(
                    findings.warnings(),
                    pathOf(name) + " has a value in the POM, so the other value of the property "
                            + property(pathOf(name)) + " is not used. Remove the tag to use the property.");
        }
        return value;
    }

    private void markKnown(String name) {
        known.add(name);
        findings.known().add(pathOf(name));
    }

    private @Nullable Tag child(String name) {
        markKnown(name);
        if (tag == null) {
            return null;
        }
        List<Tag> found =
                tag.children().stream().filter(each -> each.name().equals(name)).toList();
        if (found.size() > 1 && !repeated.contains(name)) {
            Findings.add(
                    findings.problems(),
                    at(found.get(1)) + pathOf(name) + element + " is given " + found.size() + " times; expected one.");
        }
        return found.isEmpty() ? null : found.get(0);
    }

    private String pathOf(String name) {
        return path + tagged(name);
    }

    private static String tagged(String name) {
        return "<" + name + ">";
    }

    static String property(String path) {
        return path.isEmpty()
                ? ""
                : Stream.of(path.substring(1, path.length() - 1).split("><", -1))
                        .collect(Collectors.joining(".", PREFIX, ""));
    }

    private static String tags(Set<String> names) {
        return names.stream().sorted().map(Section::tagged).collect(Collectors.joining(" "));
    }

    private static <E extends Enum<E>> E chosen(String value, Class<E> choices) {
        for (E each : choices.getEnumConstants()) {
            if (each.toString().equals(value)) {
                return each;
            }
        }
        throw new IllegalArgumentException("expected one of "
                + Stream.of(choices.getEnumConstants()).map(Enum::toString).collect(Collectors.joining(", ")));
    }

    /** The valid name that a misspelt one probably means, if any. */
    static String nearest(String name, Set<String> allowed) {
        return Spelling.nearest(name, allowed);
    }
}
