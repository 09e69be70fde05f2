package io.github.pgbackup.plan;

import java.util.Locale;

/** What to do when the disks may be too small for the archive and the restored database. */
public enum OnLittleSpace {
    /** Stop before the dump. */
    STOP,
    /** Warn and continue: the restored database may be smaller, or the archive may compress well. */
    WARN;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
