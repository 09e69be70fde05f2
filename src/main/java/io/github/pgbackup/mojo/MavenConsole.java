package io.github.pgbackup.mojo;

import io.github.pgbackup.Console;
import io.github.pgbackup.report.Printable;
import org.apache.maven.plugin.logging.Log;

/**
 * Maven's log, to which no name of an object or message of a server can add a line. Synchronized: the streams that
 * Maven 3 colours its log by take two threads' escape sequences for one that is malformed, and throw.
 */
record MavenConsole(Log log) implements Console {

    @Override
    public synchronized void info(String line) {
        log.info(Printable.text(line));
    }

    @Override
    public synchronized void warn(String line) {
        log.warn(Printable.text(line));
    }

    @Override
    public synchronized void debug(String line) {
        log.debug(Printable.text(line));
    }
}
