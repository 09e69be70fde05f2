package io.github.pgbackup.archive;

import java.util.Locale;

/** The formats of pg_dump. */
public enum ArchiveFormat {
    /** One file. */
    CUSTOM("c"),
    /** A directory with one file a table; the only format that pg_dump writes with several jobs. */
    DIRECTORY("d"),
    /** A script for psql. It is read where there is one; no run writes it. */
    PLAIN("p");

    private final String letter;

    ArchiveFormat(String letter) {
        this.letter = letter;
    }

    /**
     * Reads the format as a user writes it: {@code custom} or {@code directory}.
     *
     * @throws IllegalArgumentException for anything else; the message is a sentence for the user
     */
    public static ArchiveFormat parse(String text) {
        for (ArchiveFormat format : values()) {
            if (format != PLAIN && format.toString().equals(text)) {
                return format;
            }
        }
        throw new IllegalArgumentException(
                "'%s' is not a format of an archive; allowed are custom and directory.".formatted(text));
    }

    String option() {
        return "--format=" + letter;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
