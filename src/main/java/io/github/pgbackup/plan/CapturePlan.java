package io.github.pgbackup.plan;

import io.github.pgbackup.source.Identity;
import java.time.Duration;
import java.util.List;

/**
 * What to write expectations of.
 *
 * @param include of which relations; each of them must be there
 * @param exclude of which of those not
 * @param maximumDistinct the most values of a column that are written; 0: none of any column
 * @param timeout bound on the whole run
 * @param lockWaitTimeout how long the source may let us wait for a lock
 * @param maximumBlocking how long another session may wait for a lock of ours before we give up
 * @param maximumSnapshotBlocking how long a command with CONCURRENTLY may wait for our snapshot, which blocks nobody else
 * @param warnings what the user may not have meant: properties that a tag overrules
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
