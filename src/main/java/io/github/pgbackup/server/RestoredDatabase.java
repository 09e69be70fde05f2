package io.github.pgbackup.server;

import io.github.pgbackup.backup.Backup;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.restore.RestoreResult;

/**
 * A restored database.
 *
 * @param server the throw-away server that it is in
 * @param backup the backup that was restored
 * @param result how the restore went
 */
public record RestoredDatabase(PostgresServer server, Backup backup, RestoreResult result) {

    public String name() {
        return backup.database();
    }
}
