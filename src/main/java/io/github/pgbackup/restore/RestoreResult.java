package io.github.pgbackup.restore;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a restore went, as pg_restore tells it. It proves nothing: what counts is what is in the restored database.
 *
 * @param exitStatus 0 without errors; 1 with errors, whether it went on or gave up
 * @param duration of pg_restore
 * @param errors in the order of the log
 * @param ignoredErrors how many errors pg_restore says that it went on after; empty when it says nothing
 * @param unknownLines lines of the log that belong to nothing that is known, at most a hundred
 */
public record RestoreResult(
        int exitStatus,
        Duration duration,
        List<RestoreError> errors,
        OptionalInt ignoredErrors,
        List<String> unknownLines) {

    public RestoreResult {
        errors = List.copyOf(errors);
        unknownLines = List.copyOf(unknownLines);
    }

    /** Whether pg_restore came to the end of the archive, with errors or without; false when it gave up on one. */
    public boolean reachedTheEnd() {
        return exitStatus == 0 || ignoredErrors.isPresent();
    }

    /** A sentence when pg_restore counted other errors than were read from its log: one may be lost. */
    public Optional<String> miscount() {
        int counted = ignoredErrors.orElse(exitStatus == 0 ? 0 : errors.size());
        return counted == errors.size()
                ? Optional.empty()
                : Optional.of("pg_restore counted %d errors, and its log shows %d.".formatted(counted, errors.size()));
    }
}
