package io.github.pgbackup.engine.container;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.Container;
import io.github.pgbackup.container.ContainerClient;
import io.github.pgbackup.container.ContainerState;
import io.github.pgbackup.container.Daemon;
import io.github.pgbackup.container.Image;
import io.github.pgbackup.container.RunningContainer;
import io.github.pgbackup.engine.DataDirectory;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.ServerParameters;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.postgres.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The data directory in a container of the {@link ContainerEngine}. The container runs; the script that starts the
 * server in it waits for a line.
 */
final class ContainerData implements DataDirectory {

    /** The image's entrypoint creates the data directory, as the image does for each new one. */
    static final String MADE_BY_THE_IMAGE = "made by the image";

    /** The data directory is copied into the container. */
    static final String COPIED = "copied";

    private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

    /**
     * $1 is how the data directory is created, followed by the entrypoint and its command. An image's entrypoint
     * creates the data directory and then executes the server. The only way to make it wait in between is another
     * {@code postgres}, first in its {@code PATH}, which waits and then executes the real one.
     */
    private static final String WAITING = """
            mkdir -p /tmp/pgbackup && mkfifo -m 600 /tmp/pgbackup/start
            how=$1
            shift
            if [ "$how" = copied ]; then
                : >/tmp/pgbackup/provisioned
                read -r go </tmp/pgbackup/start
                exec "$@"
            fi
            printf '#!/usr/bin/env bash\\n: >/tmp/pgbackup/provisioned\\nread -r go </tmp/pgbackup/start\\nPATH=%q exec %q "$@"\\n' \
                "$PATH" "$(command -v postgres)" >/tmp/pgbackup/postgres
            chmod 700 /tmp/pgbackup/postgres
            PATH=/tmp/pgbackup:$PATH exec "$@"
            """;

    /** If an entrypoint calls the server by its full path, it does not wait. */
    private static final String AWAIT_PROVISIONED = """
            until [ -e /tmp/pgbackup/provisioned ] || pg_isready --quiet --host=127.0.0.1 --port=5432; do sleep 0.05; done
            """;

    private static final String START = AWAIT_PROVISIONED + """
            [ -e /tmp/pgbackup/provisioned ] && echo go >/tmp/pgbackup/start
            until pg_isready --quiet --host=127.0.0.1 --port=5432; do sleep 0.05; done
            """;

    /**
     * $1 is the data directory, $2 the directory that was copied into it. This server ignores the copy's rules of who
     * may connect, and its parameters.
     */
    private static final String ADOPT = """
            cd "$1" && mv "$2"/* . && rm -rf "$2" postmaster.pid postmaster.opts postgresql.auto.conf && chmod 700 . &&
            printf 'local all all trust\\nhost all all 127.0.0.1/32 trust\\n' >pg_hba.conf && : >postgresql.conf
            """;

    private final Daemon daemon;
    private final RunningContainer running;
    private final Image image;
    private final ServerRequest request;
    private final Map<String, String> parameters;
    private final ServerLog log;
    private boolean started;

    ContainerData(
            Daemon daemon,
            RunningContainer running,
            Image image,
            ServerRequest request,
            Map<String, String> parameters,
            ServerLog log) {
        this.daemon = daemon;
        this.running = running;
        this.image = image;
        this.request = request;
        this.parameters = parameters;
        this.log = log;
    }

    /** The command of the container. It creates the data directory if necessary, and waits. */
    static List<String> waiting(String how, List<String> server) {
        List<String> words = new ArrayList<>(List.of("bash", "-c", WAITING, "pgbackup", how));
        words.addAll(server);
        return words;
    }

    /** Waits until the image has created the directory. */
    void awaitProvisioned() throws InterruptedException {
        await(AWAIT_PROVISIONED);
    }

    /** Copies a data directory that something else has created. */
    void copy(Path from) throws InterruptedException {
        String data = running.container()
                .inspect()
                .map(ContainerState::environment)
                .map(variables -> variables.get("PGDATA"))
                .orElse("");
        try {
            running.container().copy(from, data);
            int status = running.container()
                    .command("sh")
                    .arguments("-c", ADOPT, "sh", data, String.valueOf(from.getFileName()))
                    .run();
            if (status != 0) {
                throw new IOException("it ended with status " + status);
            }
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The data directory " + from + " cannot be copied into a container of " + image.name() + ": "
                            + CannotVerifyException.reason(e) + ".",
                    Remedy.KEEP_THE_CONTRACT_OF_THE_OFFICIAL_IMAGES,
                    e);
        }
    }

    @Override
    public PostgresServer start() throws InterruptedException {
        started = true;
        boolean ready = false;
        try {
            await(START);
            ContainerClient programs = ContainerClient.of(running.container(), "a container of " + image.name());
            if (programs.version().major() < request.source().major()) {
                throw ContainerEngine.older(image, programs.version(), request.source());
            }
            PostgresServer server = new ContainerServer(daemon, running, image, programs, request.superuser());
            setChangedLater(server);
            ready = true;
            return server;
        } finally {
            if (!ready) {
                running.remove(ContainerEngine.REMOVAL_TIMEOUT);
            }
        }
    }

    @Override
    public void close() {
        if (!started) {
            started = true;
            running.remove(ContainerEngine.REMOVAL_TIMEOUT);
        }
    }

    /** Sets the parameters that the command line omits. */
    private void setChangedLater(PostgresServer server) {
        try (Session session = server.connect("postgres")) {
            for (String name : ServerParameters.CHANGED_LATER) {
                session.execute("alter system set " + name + " = '"
                        + String.valueOf(parameters.get(name)).replace("'", "''") + "'");
            }
            session.text("select pg_catalog.pg_reload_conf()::text");
        } catch (SQLException e) {
            throw new CannotVerifyException(
                    "The throw-away server rejected its parameters: " + e.getMessage() + ".",
                    Remedy.KEEP_THE_CONTRACT_OF_THE_OFFICIAL_IMAGES,
                    e);
        }
    }

    /**
     * Runs a script that waits. The server with which an image sets up its data listens only on a socket, so it does
     * not answer here.
     */
    private void await(String script) throws InterruptedException {
        Container container = running.container();
        try {
            int status = container
                    .command("sh")
                    .arguments("-c", script)
                    .timeLimit(START_TIMEOUT)
                    .run();
            if (status == 0) {
                return;
            }
        } catch (IOException e) {
            // timed out, or the container is gone: reported below
        }
        String why = container.inspect().map(ContainerState::running).orElse(false)
                ? "was not ready within " + START_TIMEOUT.toSeconds() + " s"
                : "ended before it was ready";
        throw new CannotVerifyException(
                "The throw-away server in a container of " + image.name() + " " + why + ". The end of its log: "
                        + log.end(),
                Remedy.KEEP_THE_CONTRACT_OF_THE_OFFICIAL_IMAGES);
    }
}
