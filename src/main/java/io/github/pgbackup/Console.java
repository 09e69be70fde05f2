package io.github.pgbackup;

import java.time.Duration;
import java.util.Locale;

/** What the run tells its user while it goes; the Mojo passes it on to Maven's log. */
public interface Console {

    void info(String line);

    void warn(String line);

    void debug(String line);

    /** A part of the run begins, so long after the whole. */
    default void stage(Duration after, String name) {
        info(stamp(after) + name);
    }

    /** A line that the next one replaces; of many only some are shown, or none. */
    default void progress(String line) {}

    /** When something is, in brackets: in seconds, in minutes once nobody counts the seconds any more. */
    static String stamp(Duration after) {
        return after.toMinutes() < 15
                ? String.format(Locale.ROOT, "[%5.1f s] ", after.toMillis() / 1000.0)
                : String.format(Locale.ROOT, "[%3d min] ", after.toMinutes());
    }
}
