package io.github.pgbackup.mojo;

import io.github.pgbackup.Console;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.report.Printable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.logging.Log;

/**
 * Maven's log, to which no name of an object or message of a server can add a line. Synchronized: the streams that
 * Maven 3 colours its log by take two threads' escape sequences for one that is malformed, and throw.
 *
 * <p>Progress is a line that is written over in a terminal, and else one of the log's when that has had none for half a
 * minute, so that it shows life and is not flooded.
 */
final class MavenConsole implements Console {

    private static final long LOG_INTERVAL_NANOS = 30_000_000_000L;
    private static final long LIVE_INTERVAL_NANOS = 250_000_000L;
    private static final int WIDTH = 79;
    private static final String ERASE = "\r\u001b[K";

    private final Log log;
    private final boolean live;
    private final PrintStream terminal;
    private final LongSupplier nanos;
    private long last;
    private boolean open;

    MavenConsole(Log log, boolean live, PrintStream terminal, LongSupplier nanos) {
        this.log = log;
        this.live = live;
        this.terminal = terminal;
        this.nanos = nanos;
        this.last = nanos.getAsLong();
    }

    /**
     * The console of a build; live in a terminal unless it is a batch ({@code -B}), quiet ({@code -q}) or of several
     * threads ({@code -T}), whose lines would come in between.
     */
    static MavenConsole of(Log log, MavenSession session) {
        boolean live = session.getRequest().isInteractiveMode()
                && session.getRequest().getDegreeOfConcurrency() <= 1
                && log.isInfoEnabled()
                && isTerminal();
        // Maven 4 makes lines of the log of what goes to System.out.
        PrintStream terminal = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        return new MavenConsole(log, live, terminal, System::nanoTime);
    }

    /** From Java 22 on there is a console also where the output goes to a file, and a method that tells. */
    @SuppressWarnings("SystemConsoleNull") // it is null up to 21, and asked from 22 on
    private static boolean isTerminal() {
        java.io.Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    @Override
    public synchronized void info(String line) {
        toLog();
        log.info(Printable.text(line));
    }

    @Override
    public synchronized void stage(Duration after, String name) {
        toLog();
        log.info(Console.stamp(after) + Style.STRONG.of(name));
    }

    /** The last word of a goal: the verdict, in its colour, and the rest of the line. */
    synchronized void verdict(String goal, Style style, Verdict verdict, String rest) {
        toLog();
        log.info((verdict == Verdict.PASS ? "" : goal + ": ") + style.of(verdict.name()) + Printable.text(rest));
    }

    @Override
    public synchronized void warn(String line) {
        toLog();
        log.warn(Printable.text(line));
    }

    @Override
    public synchronized void debug(String line) {
        toLog();
        log.debug(Printable.text(line));
    }

    @Override
    public synchronized void progress(String line) {
        long now = nanos.getAsLong();
        if (now - last < (live ? LIVE_INTERVAL_NANOS : LOG_INTERVAL_NANOS)) {
            return;
        }
        last = now;
        String text = Printable.text(line);
        if (live) {
            terminal.print(ERASE + text.substring(0, Math.min(text.length(), WIDTH)));
            terminal.flush();
            open = true;
        } else {
            log.info(text);
        }
    }

    /** A line of the log shows life, too. */
    private void toLog() {
        erase();
        if (!live) {
            last = nanos.getAsLong();
        }
    }

    private void erase() {
        if (open) {
            terminal.print(ERASE);
            terminal.flush();
            open = false;
        }
    }
}
