package io.github.pgbackup.plan;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A backup that is there already.
 *
 * @param origin where it comes from
 * @param sha256 that it must have, in lower case; null: that of the file {@code <file>.sha256}, if there is one
 * @param maximumAge how long ago it may have been taken; null: not asked
 * @param roles a script with the roles, as {@code pg_dumpall --globals-only} writes it; null: those that the archive names
 * @param manifest what the source held when the archive was taken; null: {@code <file>.manifest.json}, if there is one
 */
public record GivenArchive(
        ArchiveOrigin origin,
        @Nullable String sha256,
        @Nullable Duration maximumAge,
        @Nullable Path roles,
        @Nullable Path manifest) {}
