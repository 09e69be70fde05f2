package io.github.pgbackup.rehearsal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Limits for a migration; null means no limit.
 *
 * @param maximumLock how long one transaction may keep others from writing to an existing table
 * @param maximumStatement how long one statement may take
 * @param maximumDuration how long all statements may take, from the beginning of the first one to the end of the last
 *     one
 */
public record RehearsalLimits(
        @Nullable Duration maximumLock,
        @Nullable Duration maximumStatement,
        @Nullable Duration maximumDuration) {

    public static final RehearsalLimits NONE = new RehearsalLimits(null, null, null);
}
