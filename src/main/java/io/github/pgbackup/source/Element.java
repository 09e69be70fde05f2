package io.github.pgbackup.source;

import io.github.pgbackup.Setting;
import java.util.Optional;

/**
 * The setting that configures a connection. With it, messages name what to change.
 *
 * @param key of the setting, {@code source}
 * @param name of one in a list; empty for one that there is only one of
 */
public record Element(String key, Optional<String> name) {

    public static final Element SOURCE = new Element("source", Optional.empty());

    public static Element protectedEnvironment(String name) {
        return new Element(Setting.PROTECTED_ENVIRONMENT.key(), Optional.of(name));
    }

    /** What a part of it is called. */
    public String child(String part) {
        return name.isPresent()
                ? Setting.named(Setting.PROTECTED_ENVIRONMENT, name.get()) + Setting.name(part)
                : Setting.nameInFull(key + "." + part);
    }
}
