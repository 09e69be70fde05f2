package io.github.pgbackup.restore;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The outcome of a restore as pg_restore reports it. It proves nothing: only the contents of the restored database
 * count.
 *
 * @param jobs number of parallel jobs
 * @param exitStatus 0 without errors; 1 with errors, whether pg_restore continued or gave up
 * @param duration run time of pg_restore
 * @param errors in the order of the log
 * @param ignoredErrors number of errors after which pg_restore reports that it continued; empty when it reports none
 * @param unknownLines lines of the log with unknown meaning, at most 100
 */
public record RestoreResult(
        int jobs,
        int exitStatus,
        Duration duration,
        List<RestoreError> errors,
        OptionalInt ignoredErrors,
        List<String> unknownLines) {

    public RestoreResult {
        errors = List.copyOf(errors);
        unknownLines = List.copyOf(unknownLines);
    }

    /** The same result with the dump ids of its entries increased. */
    public RestoreResult renumbered(int by) {
        return new RestoreResult(
                jobs,
                exitStatus,
                duration,
                errors.stream().map(error -> error.renumbered(by)).toList(),
                ignoredErrors,
                unknownLines);
    }

    /** Combines this result with that of the next step. */
    public RestoreResult then(RestoreResult next) {
        boolean ended = reachedTheEnd() && next.reachedTheEnd();
        return new RestoreResult(
                jobs,
                Math.max(exitStatus, next.exitStatus),
                duration.plus(next.duration),
                Stream.concat(errors.stream(), next.errors.stream()).toList(),
                ended && (ignoredErrors.isPresent() || next.ignoredErrors.isPresent())
                        ? OptionalInt.of(ignoredErrors.orElse(0) + next.ignoredErrors.orElse(0))
                        : OptionalInt.empty(),
                Stream.concat(unknownLines.stream(), next.unknownLines.stream()).toList());
    }

    /** Whether pg_restore reached the end of the archive, with or without errors; false when it gave up. */
    public boolean reachedTheEnd() {
        return exitStatus == 0 || ignoredErrors.isPresent();
    }

    /**
     * A sentence when pg_restore counted a different number of errors than its log shows: one may be lost. With several
     * jobs, pg_restore (15.18) counted 4 where there were 2; in that case only "none" and "some" are distinguished.
     */
    public Optional<String> miscount() {
        int counted = ignoredErrors.orElse(exitStatus == 0 ? 0 : errors.size());
        boolean agree = jobs == 1 ? counted == errors.size() : (counted == 0) == errors.isEmpty();
        return agree
                ? Optional.empty()
                : Optional.of("pg_restore counted %d errors, but its log shows %d.".formatted(counted, errors.size()));
    }
}
