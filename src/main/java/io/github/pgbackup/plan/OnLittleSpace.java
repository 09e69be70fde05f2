package io.github.pgbackup.plan;

import java.util.Locale;

/** What to do when the disks have less room than archive and restored copy can be expected to need. */
public enum OnLittleSpace {
    /** Stop before the dump. */
    STOP,
    /** Warn and go on: the database may shrink by the restore, or the archive compress well. */
    WARN;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
