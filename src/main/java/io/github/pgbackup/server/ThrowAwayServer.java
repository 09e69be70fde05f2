package io.github.pgbackup.server;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.backup.Backup;
import io.github.pgbackup.backup.ServerStart;
import io.github.pgbackup.container.Container;
import io.github.pgbackup.container.ContainerState;
import io.github.pgbackup.disk.DiskWatch;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.Isolation;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.Removal;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Facts;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.postgres.ClientSecurity;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.production.ProtectedState;
import io.github.pgbackup.source.ExtensionLibraries;
import io.github.pgbackup.source.ServerIdentity;
import io.github.pgbackup.stage.Interruption;
import io.github.pgbackup.stage.Run;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The throw-away server: starts it, proves that it is isolated and not a protected server, and stops it. */
public final class ThrowAwayServer implements ServerStart, AutoCloseable {

    private final Run run;
    private final ChosenEngine engine;
    private final Facts facts = new Facts();
    private @Nullable PostgresServer server;
    private @Nullable DiskWatch disk;
    private boolean closing;

    /** Preloaded libraries, separated by commas. */
    private volatile String preloaded = "";

    public ThrowAwayServer(Run run, ChosenEngine engine) {
        this.run = run;
        this.engine = engine;
    }

    /** The findings so far. */
    public Facts facts() {
        return facts;
    }

    /** Starts the server, with the source's version unless an image is configured. */
    @Override
    public PostgresServer start(Backup.Origin source, ExtensionLibraries extensions)
            throws InterruptedException, SQLException {
        TargetStart.Started started = new TargetStart(
                        engine.engine(),
                        source,
                        run.folder().log("server"),
                        run.plan().restore().parameters(),
                        extensions)
                .start();
        preloaded = started.preloaded();
        own(started.server());
        return started.server();
    }

    /** Takes the server; stops it at once if the run no longer waits for it. */
    private synchronized void own(PostgresServer started) {
        server = started;
        if (closing) {
            started.stop();
        }
    }

    private synchronized @Nullable PostgresServer serverToStop() {
        closing = true;
        return server;
    }

    public void watchDisk(PostgresServer target) {
        Remedy remedy = target.container().isPresent()
                ? Remedy.USE_A_LARGER_DISK_FOR_THE_DAEMON
                : Remedy.USE_A_LARGER_DISK_FOR_THE_COPY;
        disk = target.disk()
                .flatMap(directory -> DiskWatch.start(
                        directory, sentence -> run.interruption().interrupt(new Interruption.Reason(sentence, remedy))))
                .orElse(null);
    }

    /** Ends the watch, because there is no longer a run that it could end. */
    public void unwatchDisk() {
        if (disk != null) {
            disk.close();
        }
    }

    /** Checks the disk after a failure; if it is full, the run ends for that reason. */
    public void inspectDisk() {
        if (disk != null) {
            disk.inspect();
        }
    }

    /**
     * Makes sure that the server is not the source or a protected environment, and checks its isolation.
     *
     * @throws CannotVerifyException when it is one of those servers
     */
    public void guard(PostgresServer target, Backup backup, Map<String, ProtectedState> environments)
            throws SQLException {
        try (Session session = target.connect("template1")) {
            ServerIdentity identity = ServerIdentity.of(session);
            Isolation isolation = target.isolation();
            facts.add(section(identity, isolation));
            run.console()
                    .info("  at " + identity.address().orElse("a Unix socket") + ", system identifier "
                            + identity.systemIdentifier().orElse("(not readable)"));
            if (!backup.client().equals(Optional.of(target.version()))) {
                facts.warn(ClientSecurity.warning(target.version(), "the throw-away server"));
            }
            Optional<ContainerState> container = target.container().flatMap(Container::inspect);
            backup.source().ifPresent(source -> mustBeAnother(identity, container, "source", source));
            environments.forEach((name, environment) ->
                    mustBeAnother(identity, container, "protected environment " + name, environment));
            facts.add(Check.of(
                    "target",
                    "reachable from outside",
                    "no",
                    isolation.unreachable() ? "no" : "not proved: " + isolation.facts(),
                    isolation.unreachable()));
        }
    }

    private VerificationReport.Target section(ServerIdentity identity, Isolation isolation) {
        Map<String, String> measured = new LinkedHashMap<>(isolation.facts());
        if (!preloaded.isEmpty()) {
            measured.put("preloaded libraries", preloaded + ", without background workers");
        }
        run.plan().restore().parameters().forEach((name, value) -> measured.put("parameter " + name, value));
        measured.put("identity", identity.describe());
        return new VerificationReport.Target(
                engine.engine().name(), engine.reason(), identity.version().toString(), measured, Map.of());
    }

    private void mustBeAnother(
            ServerIdentity target, Optional<ContainerState> container, String name, ProtectedState other) {
        boolean same = other.isOrIsCopiedTo(target, container);
        facts.add(Check.of(
                "target", "not the " + name, "a server other than " + other.describe(), target.describe(), !same));
        if (same) {
            throw new CannotVerifyException(
                    "The restore target is the " + name + " (" + target.describe() + "). Nothing was restored.",
                    Remedy.GIVE_THE_RESTORE_ITS_OWN_SERVER);
        }
    }

    /** Stops the server; returns whether nothing of it remains. */
    public boolean removed() {
        PostgresServer stopped = serverToStop();
        return stopped == null || stopped.stop().complete();
    }

    /** Stops the server and deletes its data; empty when none was started. */
    public Optional<Removal> stop() {
        unwatchDisk();
        return Optional.ofNullable(serverToStop()).map(PostgresServer::stop);
    }

    /** Releases the engine; the server must be stopped before. */
    @Override
    public void close() {
        engine.engine().close();
    }
}
