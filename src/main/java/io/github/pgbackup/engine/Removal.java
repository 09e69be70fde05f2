package io.github.pgbackup.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The proof that nothing remains of a throw-away server.
 *
 * @param complete whether a check showed that its process and its data are gone
 * @param facts what was checked and found, in display order
 */
public record Removal(boolean complete, Map<String, String> facts) {

    public Removal {
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }
}
