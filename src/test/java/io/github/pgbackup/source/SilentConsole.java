package io.github.pgbackup.source;

import io.github.pgbackup.Console;

/** For tests that do not check the output. */
public final class SilentConsole implements Console {

    @Override
    public void info(String line) {}

    @Override
    public void warn(String line) {}

    @Override
    public void debug(String line) {}
}
