package io.github.pgbackup.backup;

import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.source.ExtensionLibraries;
import java.sql.SQLException;

/** Starts the server that a backup is restored into. */
public interface ServerStart {

    /**
     * Starts the server and waits until it accepts connections.
     *
     * @param origin the server that the backup comes from
     * @param extensions libraries that extensions of the backup may need to preload
     */
    PostgresServer start(Backup.Origin origin, ExtensionLibraries extensions) throws InterruptedException, SQLException;
}
