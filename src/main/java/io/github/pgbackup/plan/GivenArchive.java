package io.github.pgbackup.plan;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backup that already exists.
 *
 * @param origin where it comes from
 * @param sha256 the expected hash of each file, in the order of the files, in lower case; empty for those in the files
 *     {@code <file>.sha256} that exist
 * @param maximumAge its maximum age; null for none
 * @param roles a script with the roles, as written by {@code pg_dumpall --globals-only}; null for the roles that the
 *     archive names
 * @param manifest the contents of the source when the archive was taken; null for the one {@code <file>.manifest.json}
 *     that exists, if any
 */
public record GivenArchive(
        ArchiveOrigin origin,
        List<String> sha256,
        @Nullable Duration maximumAge,
        @Nullable Path roles,
        @Nullable Path manifest) {

    public GivenArchive {
        sha256 = List.copyOf(sha256);
    }
}
