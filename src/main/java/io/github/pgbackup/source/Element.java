package io.github.pgbackup.source;

import java.util.Optional;

/**
 * The POM element that configures a connection. With it, messages name the tag and the property to change.
 *
 * @param tag as written in the POM, {@code <source>}
 * @param propertyPrefix without the {@code -D} and the dot before the child's name; empty for an element of a list
 */
public record Element(String tag, Optional<String> propertyPrefix) {

    public static final Element SOURCE = new Element("<source>", Optional.of("pgbackup.source"));

    public static Element protectedEnvironment(String name) {
        return new Element("<protectedEnvironment><name>" + name + "</name>", Optional.empty());
    }

    /** The child's tag, and its property if it has one: {@code <source><url> (-Dpgbackup.source.url)}. */
    public String child(String name) {
        return tag + "<" + name + ">"
                + propertyPrefix
                        .map(prefix -> " (-D" + prefix + "." + name + ")")
                        .orElse("");
    }
}
