package io.github.pgbackup.handover;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a restored database is reached.
 *
 * @param port of this machine's loopback
 */
public record RestoredConnection(int port, Login login) {

    /** A name that resolves to another address first would be another machine. */
    public static final String HOST = "127.0.0.1";

    /** What the properties' names begin with. */
    public static final String PREFIX = "pgbackup.restored.";

    /** For the JDBC driver; without role and password. */
    public String url() {
        return "jdbc:postgresql://" + HOST + ":" + port + "/"
                + URLEncoder.encode(login.database(), StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** What is handed over, by the names that the project's properties and the file give it. */
    public Map<String, String> properties() {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put(PREFIX + "url", url());
        properties.put(PREFIX + "host", HOST);
        properties.put(PREFIX + "port", Integer.toString(port));
        properties.put(PREFIX + "database", login.database());
        properties.put(PREFIX + "user", login.user());
        properties.put(PREFIX + "password", login.password());
        return properties;
    }
}
