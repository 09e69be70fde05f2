package io.github.pgbackup.restore;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An error that pg_restore reported, without values of rows.
 *
 * @param dumpId the archive's entry that caused it; null when pg_restore named none
 * @param phase the stage of the restore
 * @param entry the entry as pg_restore prints it, for example {@code 1259 16385 TABLE orders app}; empty when none
 * @param message the error itself
 * @param detail DETAIL, HINT and CONTEXT lines, joined by line feeds; null when there are none
 * @param command the SQL that failed; empty when there was none, as for a COPY
 */
public record RestoreError(
        @Nullable Integer dumpId,
        Phase phase,
        String entry,
        String message,
        @Nullable String detail,
        String command) {

    /** The same error with the dump id of its entry increased. */
    RestoreError renumbered(int by) {
        return new RestoreError(
                dumpId == null ? null : Integer.valueOf(dumpId + by), phase, entry, message, detail, command);
    }

    /** Messages of postgres_fdw and dblink; other wrappers have their own. */
    private static final Pattern OTHER_SERVER =
            Pattern.compile("could not (connect to server \"|establish connection)");

    /** Since 15.20, servers stamp columns with this option; only pg_dump of the same major version omits it. */
    private static final String COLUMN_STAMP = "unrecognized parameter \"pg_attver\"";

    /** Whether a table is lost because pg_dump of another major version wrote an option that no server accepts. */
    public boolean isOfAnotherMajorsDump() {
        return message.contains(COLUMN_STAMP);
    }

    /** Whether the throw-away server tried to read another server; it has no network. */
    public boolean otherServerUnreachable() {
        return OTHER_SERVER.matcher(message).find();
    }

    /** The stages of pg_restore, by its own names; UNKNOWN until it has named one. */
    public enum Phase {
        UNKNOWN,
        INITIALIZING,
        PROCESSING_TOC,
        FINALIZING
    }
}
