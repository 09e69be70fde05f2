package io.github.pgbackup;

/** What the run tells its user while it goes; the Mojo passes it on to Maven's log. */
public interface Console {

    void info(String line);

    void warn(String line);

    void debug(String line);

    /** A line that the next one replaces; of many only some are shown, or none. */
    default void progress(String line) {}
}
