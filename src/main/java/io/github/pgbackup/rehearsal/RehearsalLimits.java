package io.github.pgbackup.rehearsal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much a migration may cost; null: as much as it likes.
 *
 * @param maximumLock how long one transaction may keep others from writing to a table that was there before
 * @param maximumStatement how long one statement may take
 * @param maximumDuration from the beginning of the first statement to the end of the last one
 */
public record RehearsalLimits(
        @Nullable Duration maximumLock,
        @Nullable Duration maximumStatement,
        @Nullable Duration maximumDuration) {

    public static final RehearsalLimits NONE = new RehearsalLimits(null, null, null);
}
