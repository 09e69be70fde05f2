package io.github.pgbackup.backup;

import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.production.ProtectedState;
import io.github.pgbackup.restore.Role;
import io.github.pgbackup.restore.RoleSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A backup, and what is known of it before it is restored.
 *
 * @param archive what is restored
 * @param roles the roles that its objects belong to
 * @param settings what those roles set when they log in, as far as a role is to log in
 * @param restoring by how many connections it is restored and read
 * @param tableSizes bytes of its tables by their names, for the progress; empty when nobody knows them
 * @param client the version of the pg_dump that this run took it with; empty when it was there already
 * @param source the server that it was taken from, which must not be restored into; empty when this run does not know it
 */
public record Backup(
        Archive archive,
        List<Role> roles,
        RoleSettings settings,
        RestoreChoice restoring,
        Map<String, Long> tableSizes,
        Optional<PostgresVersion> client,
        Optional<ProtectedState> source) {

    public Backup {
        roles = List.copyOf(roles);
        tableSizes = Map.copyOf(tableSizes);
    }

    public String database() {
        return archive.contents().databaseName();
    }

    /**
     * The server that a backup needs.
     *
     * @param database the database that was backed up
     * @param version of its server
     * @param superuser the name of that server's bootstrap superuser
     */
    public record Origin(String database, PostgresVersion version, String superuser) {}
}
