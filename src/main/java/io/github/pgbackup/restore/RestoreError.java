package io.github.pgbackup.restore;

import org.jspecify.annotations.Nullable;

/**
 * An error that pg_restore reported, without values of rows.
 *
 * @param dumpId the entry of the archive that it was at; null when it named none
 * @param phase where in the restore it was
 * @param entry the entry as pg_restore prints it, for example {@code 1259 16385 TABLE orders app}; empty when none
 * @param message the error itself
 * @param detail DETAIL, HINT and CONTEXT lines, joined by line feeds; null when there are none
 * @param command the SQL that failed; empty when there was none, as in a COPY
 */
public record RestoreError(
        @Nullable Integer dumpId,
        Phase phase,
        String entry,
        String message,
        @Nullable String detail,
        String command) {

    /** The stages of pg_restore as it names them; UNKNOWN before it names one. */
    public enum Phase {
        UNKNOWN,
        INITIALIZING,
        PROCESSING_TOC,
        FINALIZING
    }
}
