package io.github.pgbackup.engine.local;

import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.postgres.Installation;
import io.github.pgbackup.postgres.OwnerOnly;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * initdb or postgres, below a shell. When this JVM closes the shell's standard input or dies, the shell ends them and
 * deletes the run directory. If the server has its own network namespace, every process in it ends with the server.
 */
final class ServerProcess {

    /**
     * Holds the lease on a run directory: $1 is the directory, $2 a file that keeps the directory if the command has
     * created it, followed by the command. It works like the supervising shell of
     * {@link io.github.pgbackup.postgres.Command}, but it shuts the server down in PostgreSQL's way and deletes the
     * directory. It leaves signals to the JVM, which is responsible for an orderly end.
     */
    private static final String LEASE = """
            trap : INT HUP TERM
            run=$1 keep=$2
            shift 2
            end() {
                postmaster=$(head -n 1 "$run/data/postmaster.pid")
                case $postmaster in
                    '' | -*) kill -s "$1" -- "-$child" || kill -s "$1" "$child" ;;     # initdb and its children
                    *) kill -s "$2" "$postmaster" ;;            # by its pid: su would not forward the signal
                esac
            }
            exec 3<&0 </dev/null
            if command -v setsid >/dev/null
            then setsid "$@" 3<&- &
            else set -m 2>/dev/null; "$@" 3<&- &
            fi
            child=$!
            exec >/dev/null 2>&1
            (
                trap '' INT HUP TERM
                while read -r line; do :; done <&3              # blocks until the JVM closes it
                end TERM QUIT
                trap 'kill "$grace"; exit' USR1
                sleep 5 & grace=$!
                wait "$grace"
                end KILL KILL
            ) &
            lease=$!
            exec 3<&-
            while wait "$child"; kill -0 "$child"; do :; done   # a trap ends the wait, not the child
            attempts=0                  # initdb and its children, which hang for ever where their files go before they do
            while kill -0 -- "-$child" && [ "$attempts" -lt 20 ]; do attempts=$((attempts + 1)); sleep 0.1 || sleep 1; done
            kill -s KILL -- "-$child"
            [ -n "$keep" ] && [ -e "$run/$keep" ] && kill -s USR1 "$lease" && exit
            attempts=0                                          # what restored code has put in the background
            while read -r net <"$run/network" && own=$(readlink /proc/self/ns/net) && [ "$net" != "$own" ] &&
                strays=$(ls -l /proc/[0-9]*/ns/net | grep -F "$net" | sed 's|.* /proc/\\([0-9]*\\)/.*|\\1|') &&
                [ -n "$strays" ] && [ "$attempts" -lt 20 ]
            do kill -s STOP $strays; kill -s KILL $strays; attempts=$((attempts + 1)); sleep 0.1 || sleep 1
            done
            attempts=0                                          # what could not be ended may still be making files
            until rm -rf -- "$run" || [ "$attempts" -eq 20 ]; do attempts=$((attempts + 1)); sleep 0.1 || sleep 1; done
            kill -s USR1 "$lease"
            """;

    /**
     * $1 the programs, $2 the run directory, $3 the superuser, $4 additional options of initdb, then the confinement.
     */
    private static final String INITDB = """
            { echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null    # when memory runs out, the kernel kills it first
            bin=$1 run=$2 superuser=$3 options=$4
            shift 4
            "$@" "$bin/initdb" --pgdata="$run/data" --username="$superuser" --auth=trust \
                --encoding=UTF8 --locale=C --no-sync $options &&
            : >"$run/provisioned"
            """;

    /** $1 the programs, $2 the run directory, $3 the confinement. */
    private static final String SERVER = """
            { echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null
            bin=$1 run=$2
            shift 2
            exec "$@" "$bin/postgres" -D "$run/data" -c config_file="$run/postgresql.conf"
            """;

    /** The file in a run directory with which initdb's shell reports that initdb has succeeded. */
    static final String PROVISIONED = "provisioned";

    /** Long enough to delete the data of any database that was just restored. */
    private static final Duration REMOVAL_TIMEOUT = Duration.ofMinutes(2);

    private final Process shell;

    private ServerProcess(Process shell) {
        this.shell = shell;
    }

    /** Starts initdb and returns immediately. The run directory remains if initdb succeeds. */
    static ServerProcess initdb(Installation programs, RunDirectory run, Confinement confinement, ServerRequest request)
            throws IOException {
        return start(
                run,
                PROVISIONED,
                INITDB,
                programs,
                List.of(request.superuser(), programs.version().major() >= 18 ? "--no-data-checksums" : ""),
                confinement,
                request);
    }

    /** Starts the server and returns immediately. */
    static ServerProcess postgres(
            Installation programs, RunDirectory run, Confinement confinement, ServerRequest request)
            throws IOException {
        return start(run, "", SERVER, programs, List.of(), confinement, request);
    }

    private static ServerProcess start(
            RunDirectory run,
            String keep,
            String script,
            Installation programs,
            List<String> arguments,
            Confinement confinement,
            ServerRequest request)
            throws IOException {
        OwnerOnly.append(request.serverLog()).close();
        List<String> line = new ArrayList<>();
        line.addAll(List.of("/bin/sh", "-c", LEASE, "pgbackup", run.path().toString(), keep));
        line.addAll(List.of(
                "/bin/sh",
                "-c",
                script,
                "pgbackup",
                programs.bin().toString(),
                run.path().toString()));
        line.addAll(arguments);
        line.addAll(confinement.prefix());
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(new File("/")) // the server's user may not be allowed to access ours
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(request.serverLog().toFile()));
        removeUnneededVariables(builder.environment());
        return new ServerProcess(builder.start());
    }

    /** Restored functions can read the server's environment, and a build's environment is full of secrets. */
    private static void removeUnneededVariables(Map<String, String> environment) {
        environment.keySet().retainAll(List.of("PATH", "LD_LIBRARY_PATH"));
        environment.put("LC_ALL", "C");
        environment.put("TZ", "UTC"); // otherwise initdb compares the machine's zone with all known ones
    }

    /**
     * Waits until the process has ended.
     *
     * @return whether it has
     * @throws InterruptedException if the thread is interrupted; the process has been ended by then
     */
    boolean await(Duration longest) throws InterruptedException {
        try {
            return shell.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            end();
            throw e;
        }
    }

    boolean isAlive() {
        return shell.isAlive();
    }

    /**
     * Releases the lease and waits until the shell has ended everything and deleted the run directory.
     *
     * <p>Not interruptible: otherwise a copy of production could be left behind.
     */
    void end() {
        try {
            shell.getOutputStream().close();
        } catch (IOException e) {
            // The shell has ended, and the pipe with it.
        }
        boolean interrupted = false;
        long deadline = System.nanoTime() + REMOVAL_TIMEOUT.toNanos();
        while (shell.isAlive() && System.nanoTime() < deadline) {
            try {
                shell.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
