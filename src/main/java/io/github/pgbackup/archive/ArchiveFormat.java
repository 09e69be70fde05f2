package io.github.pgbackup.archive;

import java.util.Locale;

/** The formats of pg_dump. */
public enum ArchiveFormat {
    /** One file. */
    CUSTOM("c"),
    /** A directory with one file per table; the only format that pg_dump writes with several jobs. */
    DIRECTORY("d"),
    /** A script for psql. The plugin reads such dumps and never writes one. */
    PLAIN("p");

    private final String letter;

    ArchiveFormat(String letter) {
        this.letter = letter;
    }

    String option() {
        return "--format=" + letter;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
