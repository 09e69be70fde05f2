package io.github.pgbackup.plan;

import io.github.pgbackup.archive.ArchiveFormat;
import io.github.pgbackup.archive.Compression;
import io.github.pgbackup.archive.Rate;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.restore.PgRestore;
import io.github.pgbackup.source.Identity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What to verify and how: the configuration after validation, with defaults applied.
 *
 * @param source the database to dump, or to compare with an archive; null when there is only an archive
 * @param archive the archive to verify; null when the source is dumped
 * @param reference how many rows an archive may lack compared with the source, when both are given
 * @param timeout time limit of the whole run
 * @param lockWaitTimeout how long we may wait for a lock in the source
 * @param maximumBlocking how long another session may wait for one of our locks before we give up
 * @param maximumSnapshotBlocking how long a command with CONCURRENTLY may wait for our snapshot, which blocks nobody
 *     else
 * @param retries how often to retry a run that failed for a transient reason
 * @param retryPause how long to wait before a retry
 * @param onLittleSpace what to do when a disk may be too small for the archive or the restored database
 * @param demands the requirements that decide how much a verdict is worth, for the evidence
 * @param trust the signature and other means to make the verdict trustworthy
 * @param rehearsal how to hand over the restored database; null if it is not handed over
 * @param parameters every scalar in effect, by its property without the prefix, and every list as one line; contains no
 *     secrets
 * @param warnings about what the user may not have intended, such as properties that a tag overrides
 * @param workDirectory where the throw-away server keeps its data, a full copy of production
 */
public record VerificationPlan(
        @Nullable DatabaseAddress source,
        @Nullable GivenArchive archive,
        AllowedLoss reference,
        Identity identity,
        List<ProtectedEnvironment> protectedEnvironments,
        Backup backup,
        Restore restore,
        Comparison comparison,
        List<Expectation> expectations,
        List<Path> binDirectories,
        Path workDirectory,
        Duration timeout,
        Duration lockWaitTimeout,
        Duration maximumBlocking,
        Duration maximumSnapshotBlocking,
        int retries,
        Duration retryPause,
        OnLittleSpace onLittleSpace,
        Demands demands,
        Trust trust,
        @Nullable RehearsalPlan rehearsal,
        Map<String, String> parameters,
        List<String> warnings) {

    public VerificationPlan {
        protectedEnvironments = List.copyOf(protectedEnvironments);
        expectations = List.copyOf(expectations);
        binDirectories = List.copyOf(binDirectories);
        parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
        warnings = List.copyOf(warnings);
    }

    /**
     * How to take the archive.
     *
     * @param format null to choose it when the database is known; the same applies to the next two
     * @param compression compression of the table data
     * @param jobs parallel connections of {@code pg_dump}; more than one requires the directory format
     * @param maximumRate of the archive as it leaves {@code pg_dump}, in the custom format; null for no limit
     * @param directory where to copy an archive that has passed; null for nowhere
     */
    public record Backup(
            @Nullable ArchiveFormat format,
            @Nullable Compression compression,
            @Nullable Integer jobs,
            KeepArchive keepArchive,
            @Nullable Rate maximumRate,
            @Nullable Path directory) {

        /** The same settings with another format. */
        Backup inFormat(ArchiveFormat chosen) {
            return new Backup(chosen, compression, jobs, keepArchive, maximumRate, directory);
        }

        /** Whether nothing remains of the archive when the run has ended. */
        public boolean leavesNoArchive() {
            return keepArchive == KeepArchive.NEVER && directory == null;
        }
    }

    /**
     * How to restore it.
     *
     * @param image the image of the container; null for the official one of the source's major version
     * @param jobs parallel connections of {@code pg_restore}; null to choose it when the database is known
     * @param roles whether to create the source's roles, without login, so that owners, grants and policies are
     *     restored
     * @param maximumDuration the recovery time budget; null for none
     * @param parameters configuration parameters of the throw-away server
     */
    public record Restore(
            EngineChoice engine,
            @Nullable String image,
            @Nullable Integer jobs,
            PgRestore.Roles roles,
            @Nullable Duration maximumDuration,
            Map<String, String> parameters,
            List<ToleratedDifference> toleratedDifferences) {

        public Restore {
            parameters = Map.copyOf(parameters);
            toleratedDifferences = List.copyOf(toleratedDifferences);
        }

        /** Whether owners and privileges are restored and therefore compared. */
        public boolean withRoles() {
            return roles == PgRestore.Roles.PROVISION;
        }
    }
}
