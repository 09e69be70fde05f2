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
 * A backup, and what is known about it before the restore.
 *
 * @param archive the archive to restore
 * @param roles the roles that own its objects
 * @param settings settings of those roles, if a role is to log in
 * @param restoring the number of connections for restoring and reading
 * @param tableSizes sizes of its tables in bytes by their names, for the progress; empty when unknown
 * @param client the version of the pg_dump that this run used; empty for an existing archive
 * @param source the server that it was taken from, which must not be the restore target; empty when unknown
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
     * @param version the version of its server
     * @param superuser the name of that server's bootstrap superuser
     */
    public record Origin(String database, PostgresVersion version, String superuser) {}
}
