package io.github.pgbackup.mojo;

import io.github.pgbackup.Console;
import io.github.pgbackup.report.Printable;
import org.apache.maven.plugin.logging.Log;

/** Maven's log, to which no name of an object or message of a server can add a line. */
record MavenConsole(Log log) implements Console {

    @Override
    public void info(String line) {
        log.info(Printable.text(line));
    }

    @Override
    public void warn(String line) {
        log.warn(Printable.text(line));
    }

    @Override
    public void debug(String line) {
        log.debug(Printable.text(line));
    }
}
