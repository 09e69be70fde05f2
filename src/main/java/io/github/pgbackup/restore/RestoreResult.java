package io.github.pgbackup.restore;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * How a restore went, as pg_restore tells it. It proves nothing: what counts is what is in the restored database.
 *
 * @param jobs how many jobs pg_restore ran at the same time
 * @param exitStatus 0 without errors; 1 with errors, whether it went on or gave up
 * @param duration of pg_restore
 * @param errors in the order of the log
 * @param ignoredErrors how many errors pg_restore says that it went on after; empty when it says nothing
 * @param unknownLines lines of the log that belong to nothing that is known, at most a hundred
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

    /** The same with higher numbers of the entries. */
    public RestoreResult renumbered(int by) {
        return new RestoreResult(
                jobs,
                exitStatus,
                duration,
                errors.stream().map(error -> error.renumbered(by)).toList(),
                ignoredErrors,
                unknownLines);
    }

    /** This one and what followed it. */
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

    /** Whether pg_restore came to the end of the archive, with errors or without; false when it gave up on one. */
    public boolean reachedTheEnd() {
        return exitStatus == 0 || ignoredErrors.isPresent();
    }

    /**
     * A sentence when pg_restore counted other errors than were read from its log: one may be lost. With several jobs
     * pg_restore (15.18) counted 4 where 2 were; there only none and some are told apart.
     */
    public Optional<String> miscount() {
        int counted = ignoredErrors.orElse(exitStatus == 0 ? 0 : errors.size());
        boolean agree = jobs == 1 ? counted == errors.size() : (counted == 0) == errors.isEmpty();
        return agree
                ? Optional.empty()
                : Optional.of("pg_restore counted %d errors, and its log shows %d.".formatted(counted, errors.size()));
    }
}
