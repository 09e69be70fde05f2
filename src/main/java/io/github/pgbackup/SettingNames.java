package io.github.pgbackup;

import java.util.Map;
import java.util.Optional;

/** What a front end calls the settings, whose keys have dots: {@code archive.file}. It is found as a service. */
public interface SettingNames {

    /** As a sentence names it. */
    String name(String key);

    /** Another way to give it; empty where there is none. */
    Optional<String> otherName(String key);

    /** With a value, as a sentence says it. */
    String withValue(String key, String value);

    /**
     * As the user writes it.
     *
     * @param content its parts by their names; the text of a setting that has no parts under the empty name
     */
    String written(String key, Map<String, String> content);

    /** One of a list of things, by the name that the user gave it. */
    String named(String key, String name);
}
