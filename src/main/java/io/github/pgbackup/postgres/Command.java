package io.github.pgbackup.postgres;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A single run of a program, as a child process that never outlives this JVM, however the JVM ends.
 *
 * <p>A program of PostgreSQL ({@link #of}) inherits the environment of this process without its {@code PG*} variables,
 * which could redirect a client to another cluster. {@code LC_ALL} is set to {@code C}, because we parse messages.
 * {@link #environment} adds variables. Its standard input is empty.
 *
 * <p>Use an instance from one thread and for one run.
 */
public final class Command {

    private static final boolean WINDOWS = File.separatorChar == '\\';

    /** How often to check whether the thread that reads the child's output was interrupted. */
    private static final long POLL_MILLIS = 50;

    /** Time between the request to end (SIGTERM) and the forced end (SIGKILL). */
    private static final int GRACE_SECONDS = 5;

    /**
     * Runs a program and ends it when standard input ends. Only the JVM holds the other end, so this happens when the
     * JVM closes it and when the JVM dies. Without this, a {@code pg_dump} would continue to read production.
     *
     * <p>It leaves no orphaned child: in a container, the first process adopts orphans. If that process is PostgreSQL,
     * it mistakes a killed orphan for a crashed backend and restarts the whole server.
     *
     * <p>The program runs in its own process group. Ctrl-C in a terminal reaches it only through the JVM, and its own
     * children (the workers of {@code pg_dump --jobs}) end together with it.
     */
    private static final String SUPERVISING_SHELL = """
            trap : INT HUP                                  # the JVM decides what an interrupt means
            end() { kill -s "$1" -- "-$child" || kill -s "$1" "$child"; }
            lives() {                                       # a zombie (Z) does not
                end 0 && { [ ! -e /proc/self/stat ] ||
                    { grep -q ". [RSDTtIPKW] [0-9]* $child " /proc/[0-9]*/stat; [ $? -ne 1 ]; }; }
            }
            ending=
            exec 3<&0 </dev/null
            if command -v setsid >/dev/null
            then setsid "$@" 3<&- &
            else set -m 2>/dev/null; "$@" 3<&- &
            fi
            child=$!
            trap 'end TERM' TERM
            trap 'ending=yes' USR1
            exec >/dev/null 2>&1                            # the output ends when the program's does
            (
                trap '' INT HUP
                while read -r line; do :; done <&3          # blocks until the JVM closes it
                kill -s USR1 $$
                end TERM
                tenths=0
                while [ "$tenths" -lt GRACE0 ] && lives     # the child can end before its own children
                do sleep 0.1 || sleep 1; tenths=$((tenths + 1))
                done
                lives && end KILL
            ) &
            lease=$!
            exec 3<&-
            while wait "$child"; status=$?; kill -0 "$child"; do :; done    # a trap ends the wait, not the child
            [ "$ending" ] || kill -s KILL "$lease"          # a shell that has just been forked can lose another signal
            wait "$lease"
            exit "$status"
            """.replace("GRACE", Integer.toString(GRACE_SECONDS));

    private final String program;
    private final Launcher launcher;
    private final List<String> arguments = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final List<Consumer<String>> errorLines = new ArrayList<>();
    private @Nullable Path errorLog;
    private @Nullable Duration timeLimit;

    /** Starts programs at some place. */
    public interface Launcher {

        /**
         * Starts a program.
         * @param argv the program and its arguments
         * @param environment variables to set
         * @return the process; it ends when its standard input is closed, and when this JVM ends
         * @throws IOException if it cannot be started
         */
        Process start(List<String> argv, Map<String, String> environment) throws IOException;
    }

    private Command(String program, Launcher launcher) {
        this.program = program;
        this.launcher = launcher;
    }

    /** A run of the program with this absolute path on this machine. */
    public static Command of(Path program) {
        return here(program, name -> name.startsWith("PG")).environment("LC_ALL", "C");
    }

    /**
     * The same with the whole environment of this process, unchanged. A variable whose name is no identifier may get lost in
     * the shell.
     */
    public static Command inWholeEnvironment(Path program) {
        return here(program, name -> false);
    }

    private static Command here(Path program, Predicate<String> withheld) {
        return new Command(program.toString(), (argv, environment) -> startHere(argv, environment, withheld));
    }

    /**
     * A run of a program at another place.
     *
     * @param program a name that is searched for in {@code PATH} there
     * @param launcher starts the program through {@code sh}, which must exist there
     */
    public static Command by(Launcher launcher, String program) {
        return new Command(program, launcher).environment("LC_ALL", "C");
    }

    public Command arguments(String... more) {
        return arguments(List.of(more));
    }

    public Command arguments(List<String> more) {
        arguments.addAll(more);
        return this;
    }

    /** Sets a variable of the child's environment; pass passwords this way, not as arguments. */
    public Command environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Appends standard error to this file, which is created with access for the owner only. */
    public Command standardError(Path log) {
        errorLog = log;
        return this;
    }

    /** Also passes each line of standard error to this consumer, in a separate thread, before the run returns. */
    public Command onErrorLine(Consumer<String> consumer) {
        errorLines.add(consumer);
        return this;
    }

    /** Ends the child and fails the run when it takes longer than this. */
    public Command timeLimit(Duration limit) {
        timeLimit = limit;
        return this;
    }

    /**
     * Runs the program and discards its standard output.
     *
     * @see #run(OutputReader)
     */
    public int run() throws IOException, InterruptedException {
        return run(standardOutput -> {});
    }

    /**
     * Runs the program and waits for its end.
     *
     * @param reader reads standard output, in the calling thread
     * @return the exit status: 0 to 255; above 128 for a child that was ended by a signal
     * @throws IOException if the program cannot be started, a stream cannot be read or written, or the time limit is
     *     exceeded; the child has ended by then
     * @throws InterruptedException if the calling thread is interrupted; the child has been ended by then with SIGTERM
     *     and, 5 s later, with SIGKILL
     */
    public int run(OutputReader reader) throws IOException, InterruptedException {
        Process process = start();
        Supervisor supervisor = new Supervisor(process, Thread.currentThread(), timeLimit);
        try {
            ErrorOutput errors = new ErrorOutput(process.getErrorStream(), errorLog, errorLines);
            supervisor.start();
            InputStream standardOutput = process.getInputStream();
            reader.read(standardOutput);
            standardOutput.transferTo(OutputStream.nullOutputStream());
            int status = process.waitFor();
            errors.finish();
            supervisor.throwIfItEndedTheChild(program);
            return status;
        } catch (InterruptedIOException e) {
            Thread.interrupted();
            throw new InterruptedException(program + " was interrupted");
        } catch (IOException | RuntimeException e) {
            supervisor.throwIfItEndedTheChild(program); // in that case the reader's failure is only a consequence
            throw e;
        } finally {
            end(process);
        }
    }

    private Process start() throws IOException {
        List<String> argv = new ArrayList<>(List.of("/bin/sh", "-c", SUPERVISING_SHELL, "pgbackup", program));
        argv.addAll(arguments);
        return launcher.start(argv, environment);
    }

    private static Process startHere(List<String> leased, Map<String, String> environment, Predicate<String> withheld)
            throws IOException {
        List<String> argv = leased.subList(4, leased.size());
        if (!Files.isExecutable(Path.of(argv.get(0)))) {
            throw new NoSuchFileException(argv.get(0), null, "there is no such program");
        }
        ProcessBuilder builder = new ProcessBuilder(argv);
        builder.environment().keySet().removeIf(withheld);
        if (WINDOWS) {
            builder.environment().putAll(environment);
        } else {
            NativeText.Command command =
                    NativeText.ofThisJvm().escaped(new NativeText.Command(leased.get(2), argv, environment));
            List<String> line = new ArrayList<>(List.of(leased.get(0), leased.get(1), command.script(), leased.get(3)));
            line.addAll(command.arguments());
            builder.command(line);
            builder.environment().putAll(command.variables());
        }
        return builder.start();
    }

    /** Ends the child if it still runs, and waits for its end even when the thread is interrupted. */
    private static void end(Process process) {
        boolean interrupted = Thread.interrupted();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(2 * GRACE_SECONDS);
        release(process);
        while (process.isAlive()) {
            try {
                if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    process.destroyForcibly();
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the supervising shell; on Windows, where there is none, the child itself. */
    private static void release(Process process) {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // The child has ended, and the pipe with it.
        }
        if (WINDOWS) {
            process.destroy();
        }
    }

    /**
     * Ends the child when the calling thread, which may hang in a read, is interrupted, or when the time limit is
     * exceeded.
     */
    private static final class Supervisor extends Thread {

        private final Process process;
        private final Thread caller;
        private final @Nullable Duration timeLimit;
        private volatile boolean interrupted;
        private volatile boolean timedOut;

        Supervisor(Process process, Thread caller, @Nullable Duration timeLimit) {
            super("pgbackup child");
            setDaemon(true);
            this.process = process;
            this.caller = caller;
            this.timeLimit = timeLimit;
        }

        @Override
        public void run() {
            long started = System.nanoTime();
            try {
                while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    interrupted = caller.isInterrupted();
                    timedOut = timeLimit != null && System.nanoTime() - started > timeLimit.toNanos();
                    if (interrupted || timedOut) {
                        release(process);
                        return;
                    }
                }
            } catch (InterruptedException e) {
                release(process); // only a JVM that shuts down interrupts this thread
            }
        }

        void throwIfItEndedTheChild(String program) throws IOException, InterruptedException {
            if (interrupted) {
                Thread.interrupted();
                throw new InterruptedException(program + " was interrupted");
            }
            if (timedOut && timeLimit != null) {
                throw new IOException(program + " did not end within " + timeLimit.toMillis() + " ms");
            }
        }
    }
}
