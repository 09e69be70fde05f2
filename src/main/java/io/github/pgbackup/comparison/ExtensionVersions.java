package io.github.pgbackup.comparison;

import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/**
 * The versions of a database's extensions.
 *
 * @param installed name to version
 * @param defaults name to the version that CREATE EXTENSION would create, for all extensions with packages on the
 *     server
 */
public record ExtensionVersions(Map<String, String> installed, Map<String, String> defaults) {

    public ExtensionVersions {
        installed = new TreeMap<>(installed);
        defaults = new TreeMap<>(defaults);
    }

    public static ExtensionVersions of(Session session) throws SQLException {
        return new ExtensionVersions(
                SourceCatalog.extensionVersions(session), SourceCatalog.defaultExtensionVersions(session));
    }
}
