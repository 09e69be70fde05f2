package io.github.pgbackup.postgres;

import java.util.Map;
import java.util.Optional;

/**
 * Client programs below these versions can be made to run code by what a hostile source puts into a dump:
 * CVE-2025-8714, CVE-2025-8715 and CVE-2026-18408 (PostgreSQL's security page).
 */
public final class ClientSecurity {

    /** The first safe release of each major version that is still maintained. */
    private static final Map<Integer, PostgresVersion> FLOOR = Map.of(
            14, PostgresVersion.parse("14.24"),
            15, PostgresVersion.parse("15.19"),
            16, PostgresVersion.parse("16.15"),
            17, PostgresVersion.parse("17.11"),
            18, PostgresVersion.parse("18.6"));

    private ClientSecurity() {}

    /** A sentence when the client's version is known to be vulnerable. */
    public static Optional<String> warning(ClientPrograms client) {
        return warning(client.version(), client.place());
    }

    public static Optional<String> warning(PostgresVersion version, String place) {
        PostgresVersion floor = FLOOR.get(version.major());
        if (floor == null ? version.major() > 13 : version.compareTo(floor) >= 0) {
            return Optional.empty();
        }
        return Optional.of("The client programs " + version + " in " + place
                + " lack security fixes, so a hostile dump could run commands of its choice (CVE-2025-8714, CVE-2025-8715, CVE-2026-18408); "
                + (floor == null ? "their major version is no longer maintained." : "update them to " + floor + "."));
    }
}
