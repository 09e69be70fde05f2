package io.github.pgbackup.baseline;

import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.comparison.DatabaseObservations;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.restore.RestoreResult;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A restored database, for the comparison with a baseline.
 *
 * @param contents the contents of the archive
 * @param rowsInArchive the number of rows of each entry of data; empty when the baseline does not need them
 * @param result the result of the restore
 * @param version the version of the throw-away server
 * @param session on the restored database, in a transaction that reads
 * @param tables its rows, sequences and large objects; null when rows are not compared
 */
public record Restored(
        TableOfContents contents,
        Map<Entry, Long> rowsInArchive,
        RestoreResult result,
        PostgresVersion version,
        Session session,
        @Nullable DatabaseObservations tables) {}
