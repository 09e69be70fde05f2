package io.github.pgbackup.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One tag of the plugin's configuration as the user wrote it.
 *
 * @param name the tag's name
 * @param value its text, trimmed; null when it has none
 * @param children the tags inside it, in order
 */
public record Tag(String name, @Nullable String value, List<Tag> children) {

    public Tag {
        children = List.copyOf(children);
    }
}
