package io.github.pgbackup;

import java.time.Duration;
import java.util.Locale;

/** Output for the user during a run; the Mojo passes it to Maven's log. */
public interface Console {

    void info(String line);

    void warn(String line);

    void debug(String line);

    /** Reports that a stage of the run begins, and how long after the start. */
    default void stage(Duration after, String name) {
        info(stamp(after) + name);
    }

    /** Reports progress in a line that the next one replaces; some or all such lines may be omitted. */
    default void progress(String line) {}

    /** A time in brackets: in seconds, and from 15 minutes on in minutes. */
    static String stamp(Duration after) {
        return after.toMinutes() < 15
                ? String.format(Locale.ROOT, "[%5.1f s] ", after.toMillis() / 1000.0)
                : String.format(Locale.ROOT, "[%3d min] ", after.toMinutes());
    }
}
