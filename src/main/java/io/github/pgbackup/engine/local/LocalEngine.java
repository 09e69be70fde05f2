package io.github.pgbackup.engine.local;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.engine.DataDirectory;
import io.github.pgbackup.engine.Engine;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.Installation;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import java.io.File;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Runs a server of the source's major version on this machine: behind a Unix socket in a private directory; on Linux,
 * in its own network namespace if that is permitted; and as another user if the build runs as root.
 */
public final class LocalEngine implements Engine {

    private final Installations installations;
    private final ServerPrograms programs;
    private final Path workDirectory;
    private final Console console;

    /**
     * Creates the engine; it inspects nothing before {@link #provision}.
     *
     * @param workDirectory where to create the server's directory, usually {@code java.io.tmpdir}
     */
    public LocalEngine(Installations installations, BinaryResolver resolver, Path workDirectory, Console console) {
        this.installations = installations;
        this.programs = new ServerPrograms(installations, resolver, console);
        this.workDirectory = workDirectory;
        this.console = console;
    }

    @Override
    public String name() {
        return "local";
    }

    @Override
    public ClientPrograms dumpPrograms(PostgresVersion source, String host) {
        return installations.requireClient(source);
    }

    @Override
    public Optional<Path> dataDirectory() throws InterruptedException {
        return Optional.of(
                RunDirectory.parent(workDirectory, Confinement.probe().user()));
    }

    @Override
    public DataDirectory provision(ServerRequest request) throws InterruptedException {
        return prepare(request, LocalData::initialize);
    }

    @Override
    public DataDirectory adopt(ServerRequest request, Path directory) throws InterruptedException {
        return prepare(request, data -> data.copy(directory));
    }

    /** Fills a data directory. */
    private interface Filling {
        void fill(LocalData data) throws InterruptedException;
    }

    private DataDirectory prepare(ServerRequest request, Filling filling) throws InterruptedException {
        if (File.separatorChar == '\\') {
            throw new CannotVerifyException(
                    "The local engine runs on Linux and macOS, not on Windows.", Remedy.USE_ANOTHER_OPERATING_SYSTEM);
        }
        Confinement confinement = Confinement.probe();
        RunDirectory run = RunDirectory.create(workDirectory, confinement.user());
        try {
            run.sweepOthers(console);
            Installation server = programs.of(request.source(), run.programs());
            Installation client = installations.client(request.source()).orElse(null);
            LocalData data = new LocalData(request, run, server, client, confinement, console);
            filling.fill(data);
            return data;
        } catch (RuntimeException | InterruptedException | Error e) {
            LocalData.discard(run, e);
            throw e;
        }
    }
}
