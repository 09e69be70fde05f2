package io.github.pgbackup.source;

import io.github.pgbackup.Setting;
import java.util.Optional;

/**
 * The setting that configures a connection. Messages use it to name what to change.
 *
 * @param key the key of the setting, such as {@code source}
 * @param name the name of an element of a list; empty if the setting is not a list
 */
public record Element(String key, Optional<String> name) {

    public static final Element SOURCE = new Element("source", Optional.empty());

    public static Element protectedEnvironment(String name) {
        return new Element(Setting.PROTECTED_ENVIRONMENT.key(), Optional.of(name));
    }

    /** The name of a part of it. */
    public String child(String part) {
        return name.isPresent()
                ? Setting.named(Setting.PROTECTED_ENVIRONMENT, name.get()) + Setting.name(part)
                : Setting.nameInFull(key + "." + part);
    }
}
