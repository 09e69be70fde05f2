package io.github.pgbackup.plan;

import io.github.pgbackup.source.Identity;
import java.time.Duration;
import java.util.List;

/**
 * Which expectations to capture.
 *
 * @param include patterns of relations; each must match at least one
 * @param exclude patterns of relations to exclude
 * @param maximumDistinct maximum number of distinct values to capture per column; 0 for none
 * @param timeout time limit of the whole run
 * @param lockWaitTimeout how long we may wait for a lock in the source
 * @param maximumBlocking how long another session may wait for one of our locks before we give up
 * @param maximumSnapshotBlocking how long a command with CONCURRENTLY may wait for our snapshot, which blocks nobody
 *     else
 * @param warnings about what the user may not have intended, such as properties that a tag overrides
 */
public record CapturePlan(
        DatabaseAddress source,
        Identity identity,
        List<NamePattern> include,
        List<NamePattern> exclude,
        int maximumDistinct,
        Duration timeout,
        Duration lockWaitTimeout,
        Duration maximumBlocking,
        Duration maximumSnapshotBlocking,
        List<String> warnings) {

    public CapturePlan {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
        warnings = List.copyOf(warnings);
    }
}
