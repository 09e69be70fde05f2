package io.github.pgbackup.backup;

import io.github.pgbackup.baseline.Baseline;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.evidence.Facts;
import io.github.pgbackup.stage.Background;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/** The source of a backup: a dump that the run takes, or an existing archive. */
public interface BackupSource extends AutoCloseable {

    /**
     * A backup to restore.
     *
     * @param target the server for the restore, which starts while the backup is taken or read
     * @param baseline what the backup should contain; the call waits until that is known
     */
    record Acquired(Backup backup, Future<PostgresServer> target, Callable<Baseline> baseline) {}

    /** The findings so far. */
    Facts facts();

    /** The name for the beginning of a sentence. */
    String name();

    /** Makes sure that this is the intended database. */
    void guard() throws Exception;

    /**
     * Takes or reads the backup, and meanwhile starts the server for it.
     *
     * @param engine the engine whose programs take or read the backup
     * @param server starts the server
     * @param background runs concurrent work; it ends before the source is closed
     */
    Acquired acquire(ChosenEngine engine, ServerStart server, Background background) throws Exception;

    /** The tag that names the database, with its property. */
    String tag();

    /** Checks after the restore that the source is unchanged. */
    void inspectAfterwards() throws Exception;

    /** Releases everything except the backup. */
    @Override
    void close() throws IOException;

    /**
     * Deletes the parts of the backup that are not kept, when nothing is left that could fail.
     *
     * @param passed whether the verdict is PASS
     * @return whether the archive itself was deleted
     */
    boolean discard(boolean passed) throws IOException;
}
