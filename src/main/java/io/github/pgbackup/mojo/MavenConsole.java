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
 * Writes to Maven's log. Names of objects and messages of servers cannot add lines to it. The methods are synchronized
 * because Maven 3 colours its log through streams that throw when they meet the interleaved escape sequences of two
 * threads.
 *
 * <p>In a terminal, each line of progress overwrites the one before. Elsewhere, a line of progress goes to the log only
 * if the log has been silent for half a minute, so that the log shows life without being flooded.
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
     * The console of a build. It is live in a terminal, unless the build is in batch mode ({@code -B}), quiet
     * ({@code -q}) or parallel ({@code -T}): in a parallel build, lines of other threads would come in between.
     */
    static MavenConsole of(Log log, MavenSession session) {
        boolean live = session.getRequest().isInteractiveMode()
                && session.getRequest().getDegreeOfConcurrency() <= 1
                && log.isInfoEnabled()
                && isTerminal();
        // Maven 4 turns what is written to System.out into lines of the log.
        PrintStream terminal = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        return new MavenConsole(log, live, terminal, System::nanoTime);
    }

    /**
     * Up to Java 21, there is no console if the output goes to a file. Since Java 22, there always is one, and its new
     * method isTerminal shows the difference.
     */
    @SuppressWarnings("SystemConsoleNull") // it can be null up to Java 21
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

    /** Writes the last line of a goal: the verdict, in its colour, and the rest of the line. */
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

    /** Prepares for a line of the log, which shows life as progress does. */
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
