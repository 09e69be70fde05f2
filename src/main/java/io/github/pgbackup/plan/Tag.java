package io.github.pgbackup.plan;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A tag of the plugin's configuration, as the user wrote it.
 *
 * @param name the tag's name
 * @param value its trimmed text; null when it has none
 * @param children the tags inside it, in order
 * @param attributes the names of its XML attributes
 * @param place file and line; empty for a tag of the POM, for which Maven provides no line
 */
public record Tag(String name, @Nullable String value, List<Tag> children, Set<String> attributes, String place) {

    public Tag {
        children = List.copyOf(children);
        attributes = Set.copyOf(attributes);
    }

    /** A tag of the POM without attributes. */
    public Tag(String name, @Nullable String value, List<Tag> children) {
        this(name, value, children, Set.of(), "");
    }

    /** The same tag with other attributes. */
    public Tag withAttributes(Set<String> others) {
        return new Tag(name, value, children, others, place);
    }

    /** Whether it comes from a separate file, which Maven does not interpolate or merge. */
    boolean isInFile() {
        return !place.isEmpty();
    }
}
