package io.github.pgbackup.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The proof that nothing is left of a throw-away server.
 *
 * @param complete whether its process and its data were looked for and are gone
 * @param facts what was looked for and what was found, in the order to show them in
 */
public record Removal(boolean complete, Map<String, String> facts) {

    public Removal {
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }
}
