package io.github.pgbackup.plan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads one level of the configuration strictly: what has been asked for is what is allowed, so {@link #end()} can
 * report every other tag. A scalar that has no tag is looked up as a property ({@code pgbackup.source.url} for
 * {@code <source><url>}); as everywhere in Maven, the tag wins.
 */
final class Section {

    /** Where a dollar and a brace can be meant. */
    private static final Set<String> FREE_TEXT = Set.of("sql", "is", "returns", "definition", "default", "reason");

    private final String path;
    private final @Nullable Tag tag;
    private final boolean hasProperties;
    private final Function<String, @Nullable String> properties;
    private final List<String> problems;
    private final Set<String> asked = new LinkedHashSet<>();

    private Section(
            String path,
            @Nullable Tag tag,
            boolean hasProperties,
            Function<String, @Nullable String> properties,
            List<String> problems) {
        this.path = path;
        this.tag = tag;
        this.hasProperties = hasProperties;
        this.properties = properties;
        this.problems = problems;
    }

    static Section root(Tag configuration, Function<String, @Nullable String> properties, List<String> problems) {
        return new Section("", configuration, true, properties, problems);
    }

    /** The section below a tag; it may be absent, and its scalars may then come from properties. */
    Section section(String name) {
        return new Section(pathOf(name), child(name), hasProperties, properties, problems);
    }

    boolean isPresent() {
        return tag != null;
    }

    /** The tags of a list, such as {@code <value>} in {@code <values>}; lists have no properties. */
    List<Section> list(String name, String item) {
        Tag list = child(name);
        if (list == null) {
            return List.of();
        }
        List<Section> items = new ArrayList<>();
        for (Tag each : list.children()) {
            if (each.name().equals(item)) {
                items.add(new Section(pathOf(name) + tagged(item), each, false, properties, problems));
            } else {
                unknown(pathOf(name), each, Set.of(item));
            }
        }
        return items;
    }

    /** The tags of this section one by one, for a list whose tags are of several kinds. */
    List<Section> each(Set<String> allowed) {
        if (tag == null) {
            return List.of();
        }
        List<Section> items = new ArrayList<>();
        for (Tag each : tag.children()) {
            asked.add(each.name());
            if (allowed.contains(each.name())) {
                items.add(new Section(path + tagged(each.name()), each, false, properties, problems));
            } else {
                unknown(path, each, allowed);
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

    String text(String name, String otherwise) {
        String value = text(name);
        return value == null ? otherwise : value;
    }

    /** A scalar that must be there. */
    String required(String name, String why) {
        String value = text(name);
        if (value == null) {
            problem(pathOf(name), why);
            return "";
        }
        return value;
    }

    <T> T scalar(String name, Function<String, T> parser, T otherwise) {
        T value = scalar(name, parser);
        return value == null ? otherwise : value;
    }

    /** A scalar, parsed; the parser throws {@link IllegalArgumentException} with what is allowed. */
    <T> @Nullable T scalar(String name, Function<String, T> parser) {
        String value = value(name);
        if (value == null) {
            return null;
        }
        if (value.contains("${") && !FREE_TEXT.contains(name)) {
            problem(pathOf(name), "is '" + value + "'; the property in it is not set");
            return null;
        }
        try {
            return parser.apply(value);
        } catch (IllegalArgumentException e) {
            problem(pathOf(name), "is '" + value + "'; " + sentence(e));
            return null;
        }
    }

    <E extends Enum<E>> E choice(String name, Class<E> choices, E otherwise) {
        return scalar(name, value -> choice(value, choices), otherwise);
    }

    boolean flag(String name, boolean otherwise) {
        return scalar(
                name,
                value -> switch (value) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new IllegalArgumentException("allowed are true and false");
                },
                otherwise);
    }

    boolean has(String name) {
        return value(name) != null;
    }

    /** Reports the tags that nobody asked for. */
    void end() {
        if (tag != null) {
            tag.children().stream()
                    .filter(child -> !asked.contains(child.name()))
                    .forEach(child -> unknown(path, child, asked));
            if (tag.value() != null && !asked.isEmpty()) {
                problem(path, "holds the text '" + tag.value() + "'; allowed are only the tags " + tags(asked));
            }
        }
    }

    void problem(String message) {
        problem(path, message);
    }

    void problemAt(String name, String message) {
        problem(pathOf(name), message);
    }

    private void problem(String where, String message) {
        String property = property(where);
        String also = hasProperties && !property.isEmpty() ? " (-D" + property + ")" : "";
        problems.add((where.isEmpty() ? "<configuration>" : where) + also + " " + message + ".");
    }

    private static String sentence(IllegalArgumentException e) {
        String message = String.valueOf(e.getMessage());
        return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
    }

    private void unknown(String where, Tag child, Set<String> allowed) {
        String value = child.value() == null ? "" : " with the value '" + child.value() + "'";
        String nearest = nearest(child.name(), allowed);
        problems.add((where.isEmpty() ? "<configuration>" : where)
                + " has an unknown tag <"
                + child.name()
                + ">"
                + value
                + (nearest.isEmpty() ? "" : "; did you mean <" + nearest + ">?")
                + " Allowed: "
                + tags(allowed)
                + ".");
    }

    private @Nullable String value(String name) {
        Tag child = child(name);
        if (child == null) {
            return hasProperties ? properties.apply(property(pathOf(name))) : null;
        }
        if (!child.children().isEmpty()) {
            problem(pathOf(name), "holds tags; allowed is one value");
            return null;
        }
        return child.value() == null ? "" : child.value();
    }

    private @Nullable Tag child(String name) {
        asked.add(name);
        if (tag == null) {
            return null;
        }
        List<Tag> found =
                tag.children().stream().filter(each -> each.name().equals(name)).toList();
        if (found.size() > 1) {
            String message = pathOf(name) + " is given " + found.size() + " times; allowed is once.";
            if (!problems.contains(message)) {
                problems.add(message);
            }
        }
        return found.isEmpty() ? null : found.get(0);
    }

    private String pathOf(String name) {
        return path + tagged(name);
    }

    private static String tagged(String name) {
        return "<" + name + ">";
    }

    private static String property(String path) {
        return path.isEmpty()
                ? ""
                : Stream.of(path.substring(1, path.length() - 1).split("><", -1))
                        .collect(Collectors.joining(".", "pgbackup.", ""));
    }

    private static String tags(Set<String> names) {
        return names.stream().sorted().map(Section::tagged).collect(Collectors.joining(" "));
    }

    private static <E extends Enum<E>> E choice(String value, Class<E> choices) {
        for (E each : choices.getEnumConstants()) {
            if (each.toString().equals(value)) {
                return each;
            }
        }
        throw new IllegalArgumentException("allowed are "
                + Stream.of(choices.getEnumConstants()).map(Enum::toString).collect(Collectors.joining(", ")));
    }

    /** The allowed name that differs least, if it differs by a third of its letters at most. */
    private static String nearest(String name, Set<String> allowed) {
        String best = "";
        int least = Integer.MAX_VALUE;
        for (String each : allowed) {
            int distance = distance(name.toLowerCase(Locale.ROOT), each.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                best = each;
            }
        }
        return least <= Math.max(1, best.length() / 3) ? best : "";
    }

    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substitution, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
