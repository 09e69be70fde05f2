package io.github.pgbackup.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What can reach a throw-away server, as measured while it runs.
 *
 * @param unreachable whether an inspection of the server showed that no process outside of its own network and no other
 *     user of the machine can connect to it; false also if the inspection failed
 * @param facts name and value of each measurement, in display order
 */
public record Isolation(boolean unreachable, Map<String, String> facts) {

    public Isolation {
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }
}
