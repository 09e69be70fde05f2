package io.github.pgbackup.backup;

import io.github.pgbackup.baseline.Baseline;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.evidence.Facts;
import io.github.pgbackup.stage.Background;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/** Where a backup comes from: a dump that the run takes, or an archive that is there already. */
public interface BackupSource extends AutoCloseable {

    /**
     * A backup to restore.
     *
     * @param target the server for it, which starts while the backup is taken or read
     * @param baseline what the backup should hold; waits until that is known
     */
    record Acquired(Backup backup, Future<PostgresServer> target, Callable<Baseline> baseline) {}

    /** What has been found so far, by whatever of the following is done. */
    Facts facts();

    /** What it is called in a sentence, with a capital letter. */
    String name();

    /** Makes sure that this is the database that was meant. */
    void guard() throws Exception;

    /**
     * Takes or reads the backup, and has the server for it started meanwhile.
     *
     * @param engine whose programs take or read it
     * @param server starts the server
     * @param background runs what does not have to be waited for; it ends before the source is closed
     */
    Acquired acquire(ChosenEngine engine, ServerStart server, Background background) throws Exception;

    /** The tag that says which database it is, with its property. */
    String tag();

    /** After the restore: whether the source is as it was. */
    void inspectAfterwards() throws Exception;

    /** Lets go of everything but the backup. */
    @Override
    void close() throws IOException;

    /**
     * Deletes what is not to be kept of the backup, once nothing is left that could fail.
     *
     * @param passed whether the verdict is PASS
     * @return whether the archive itself was deleted
     */
    boolean discard(boolean passed) throws IOException;
}
