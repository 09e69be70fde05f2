package io.github.pgbackup.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What can reach a throw-away server, as measured while it runs.
 *
 * @param unreachable whether the server was looked at, and no process outside its own network and no other user of the
 *     machine can connect to it; false also if looking failed
 * @param facts name and value of each measurement, in the order to show them in
 */
public record Isolation(boolean unreachable, Map<String, String> facts) {

    public Isolation {
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }
}
