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
 * What to verify and how: the configuration after validation, defaults applied.
 *
 * @param source the database that is dumped, or that an archive is compared with; null when there is an archive alone
 * @param archive the archive that is verified; null when the source is dumped
 * @param reference what an archive may lack of what the source has now, when both are given
 * @param timeout bound on the whole run
 * @param lockWaitTimeout how long the source may let us wait for a lock
 * @param maximumBlocking how long another session may wait for a lock of ours before we give up
 * @param maximumSnapshotBlocking how long a command with CONCURRENTLY may wait for our snapshot, which blocks nobody else
 * @param retries how often a run that could not come to its end for a reason that may pass is tried again
 * @param retryPause how long to wait before that
 * @param onLittleSpace what to do when a disk is too small for archive or restored copy
 * @param demands what decides how much a verdict is worth, for the evidence
 * @param trust signature and whatever else lets others rely on the verdict
 * @param rehearsal how the restored database is handed over; null: it is not
 * @param parameters every scalar as it is in effect, by the name of its property without the prefix, and lists in a line
 *     each; no secret is among them
 * @param warnings what the user may not have meant: properties that a tag overrules
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
     * How the archive is taken.
     *
     * @param format null: chosen when the database is known, and so with the next two
     * @param compression of the table data
     * @param jobs parallel connections of {@code pg_dump}; more than one needs the directory format
     * @param maximumRate of the archive as it leaves {@code pg_dump}, in the custom format; null: as fast as it can
     * @param directory where an archive that has passed is copied to; null: nowhere
     */
    public record Backup(
            @Nullable ArchiveFormat format,
            @Nullable Compression compression,
            @Nullable Integer jobs,
            KeepArchive keepArchive,
            @Nullable Rate maximumRate,
            @Nullable Path directory) {

        /** The same in a format that nobody configured. */
        Backup inFormat(ArchiveFormat chosen) {
            return new Backup(chosen, compression, jobs, keepArchive, maximumRate, directory);
        }

        /** Whether nothing is left of the archive when the run has ended. */
        public boolean leavesNoArchive() {
            return keepArchive == KeepArchive.NEVER && directory == null;
        }
    }

    /**
     * How it is restored.
     *
     * @param image what a container is made of; null: the official one of the source's major version
     * @param jobs parallel connections of {@code pg_restore}; null: chosen when the database is known
     * @param roles whether the source's roles are created, without login, so that owners, grants and policies are restored
     * @param maximumDuration the recovery-time budget; null: none
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

        /** Whether owners and privileges are restored, and so belong to what is compared. */
        public boolean withRoles() {
            return roles == PgRestore.Roles.PROVISION;
        }
    }
}
