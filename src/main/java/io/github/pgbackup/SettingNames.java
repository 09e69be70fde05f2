package io.github.pgbackup;

import java.util.Map;
import java.util.Optional;

/**
 * The names by which a front end knows the settings. A key has dots: {@code archive.file}. Implemented as a service.
 */
public interface SettingNames {

    /** The name of a setting, as used in a sentence. */
    String name(String key);

    /** Another way to set it; empty if there is none. */
    Optional<String> otherName(String key);

    /** The name with a value, as used in a sentence. */
    String withValue(String key, String value);

    /**
     * The setting as the user writes it.
     *
     * @param content its parts by their names; the text of a setting that has no parts under the empty name
     */
    String written(String key, Map<String, String> content);

    /** An element of a list, identified by the name that the user gave it. */
    String named(String key, String name);
}
