package io.github.pgbackup.server;

import io.github.pgbackup.backup.Backup;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.restore.RestoreResult;

/**
 * A database as a restore left it.
 *
 * @param server the throw-away server that it is in
 * @param backup what was restored
 * @param result how the restore went
 */
public record RestoredDatabase(PostgresServer server, Backup backup, RestoreResult result) {

    public String name() {
        return backup.database();
    }
}
