package io.github.pgbackup.handover;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How to connect to a restored database.
 *
 * @param port on this machine's loopback address
 */
public record RestoredConnection(int port, Login login) {

    /** An address, because a name could resolve to another machine. */
    public static final String HOST = "127.0.0.1";

    /** The prefix of the properties' names. */
    public static final String PREFIX = "pgbackup.restored.";

    /** URL for the JDBC driver, without role and password. */
    public String url() {
        return "jdbc:postgresql://" + HOST + ":" + port + "/"
                + URLEncoder.encode(login.database(), StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The connection, by the names that the project's properties and the file use. */
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
