package io.github.pgbackup.restore;

import java.util.regex.Pattern;
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

    /** The same with a higher number of its entry. */
    RestoreError renumbered(int by) {
        return new RestoreError(
                dumpId == null ? null : Integer.valueOf(dumpId + by), phase, entry, message, detail, command);
    }

    /** The words of postgres_fdw and dblink; those of other wrappers are their own. */
    private static final Pattern OTHER_SERVER =
            Pattern.compile("could not (connect to server \"|establish connection)");

    /** An option that servers from 15.20 on stamp columns with; only pg_dump of the same major leaves it out. */
    private static final String COLUMN_STAMP = "unrecognized parameter \"pg_attver\"";

    /** Whether a table is lost since pg_dump of another major than the source's wrote what no server takes. */
    public boolean isOfAnotherMajorsDump() {
        return message.contains(COLUMN_STAMP);
    }

    /** Whether the throw-away server was to read another server, to which it has no network. */
    public boolean otherServerUnreachable() {
        return OTHER_SERVER.matcher(message).find();
    }

    /** The stages of pg_restore as it names them; UNKNOWN before it names one. */
    public enum Phase {
        UNKNOWN,
        INITIALIZING,
        PROCESSING_TOC,
        FINALIZING
    }
}
