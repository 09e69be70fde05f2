package io.github.pgbackup.engine;

import io.github.pgbackup.postgres.Session;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import org.postgresql.Driver;

/** Opens sessions on a throw-away server, which trusts every connection. */
public final class SuperuserSession {

    private SuperuserSession() {}

    /**
     * Opens a session.
     *
     * @param socket driver properties that describe how to reach the server
     */
    public static Session open(Map<String, String> socket, String superuser, String database) throws SQLException {
        Properties properties = new Properties();
        properties.putAll(socket);
        properties.setProperty("PGDBNAME", database);
        properties.setProperty("user", superuser);
        properties.setProperty("sslmode", "disable");
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("ApplicationName", "pgbackup");
        Connection connection = new Driver().connect("jdbc:postgresql://127.0.0.1/", properties);
        if (connection == null) {
            throw new SQLException("The driver rejected its own URL.");
        }
        return new Session(connection);
    }
}
