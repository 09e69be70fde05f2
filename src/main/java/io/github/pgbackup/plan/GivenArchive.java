package io.github.pgbackup.plan;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A backup that already exists.
 *
 * @param origin where it comes from
 * @param sha256 its expected hash in lower case; null for the one in the file {@code <file>.sha256}, if that exists
 * @param maximumAge its maximum age; null for none
 * @param roles a script with the roles, as written by {@code pg_dumpall --globals-only}; null for the roles that the
 *     archive names
 * @param manifest the contents of the source when the archive was taken; null for {@code <file>.manifest.json}, if that
 *     exists
 */
public record GivenArchive(
        ArchiveOrigin origin,
        @Nullable String sha256,
        @Nullable Duration maximumAge,
        @Nullable Path roles,
        @Nullable Path manifest) {}
