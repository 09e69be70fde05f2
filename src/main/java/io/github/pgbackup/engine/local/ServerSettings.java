package io.github.pgbackup.engine.local;

import io.github.pgbackup.Machine;
import io.github.pgbackup.engine.ServerParameters;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The postgresql.conf of a throw-away server that is reached only through its socket. */
final class ServerSettings {

    private ServerSettings() {}

    /**
     * The text of the file.
     *
     * @param parameters settings that take precedence over those of every server
     */
    static String text(Path socketDirectory, Map<String, String> parameters) {
        Map<String, String> settings =
                new LinkedHashMap<>(ServerParameters.of(Machine.here().memory() >> 20));
        settings.putAll(parameters);
        settings.put("listen_addresses", "");
        settings.put(
                "unix_socket_directories", "\"" + socketDirectory.toString().replace("\"", "\"\"") + "\"");
        settings.put("unix_socket_permissions", "0700");
        return settings.entrySet().stream()
                .map(setting -> setting.getKey() + " = '"
                        + setting.getValue().replace("\\", "\\\\").replace("'", "''") + "'\n")
                .collect(Collectors.joining());
    }
}
