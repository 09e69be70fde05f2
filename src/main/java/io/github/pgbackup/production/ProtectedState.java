package io.github.pgbackup.production;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.Container;
import io.github.pgbackup.container.ContainerState;
import io.github.pgbackup.container.Daemon;
import io.github.pgbackup.source.ServerIdentity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * The state of a server that the restore must not touch: the source, or a protected environment.
 *
 * @param server what the server says about itself; empty when only its container is known
 * @param container the container; empty when only its address is known
 * @param systemIdentifier empty when it could not be read
 */
public record ProtectedState(
        Optional<ServerIdentity> server, Optional<ContainerState> container, Optional<String> systemIdentifier) {

    public static ProtectedState of(ServerIdentity server, Optional<ContainerState> container) {
        return new ProtectedState(Optional.of(server), container, server.systemIdentifier());
    }

    /**
     * Inspects a container that must be running.
     *
     * @param name the environment's name in the configuration
     * @throws CannotVerifyException if there is no such container, or it is not running
     */
    public static ProtectedState of(String name, String nameOrId, Daemon daemon) throws InterruptedException {
        Optional<Container> container = daemon.container(nameOrId);
        Optional<ContainerState> state = container.flatMap(Container::inspect);
        if (container.isEmpty() || state.isEmpty() || !state.get().running()) {
            throw new CannotVerifyException(
                    "The protected environment '" + name + "' is the container " + nameOrId
                            + ", which must be running, but "
                            + state.map(seen -> "it is " + seen.status()).orElse("there is no such container")
                            + " on the Docker daemon at " + daemon.place() + ".",
                    Remedy.START_THE_PROTECTED_CONTAINER);
        }
        return new ProtectedState(Optional.empty(), state, controlData(container.get(), state.get()));
    }

    /** Reads the system identifier from the control file, because there are no credentials for a session. */
    private static Optional<String> controlData(Container container, ContainerState state) throws InterruptedException {
        String data = state.environment().get("PGDATA");
        if (data == null) {
            return Optional.empty();
        }
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            container
                    .command("pg_controldata")
                    .arguments(data)
                    .timeLimit(Duration.ofSeconds(10))
                    .run(stdout -> stdout.transferTo(printed));
        } catch (IOException e) {
            return Optional.empty();
        }
        String label = "Database system identifier:";
        return printed.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith(label))
                .map(line -> line.substring(label.length()).strip())
                .findFirst();
    }

    public String describe() {
        String facts = server.map(ServerIdentity::describe)
                .orElseGet(() -> "system identifier " + systemIdentifier.orElse("(not readable)"));
        return container.map(state -> state.describe() + ", " + facts).orElse(facts);
    }

    /**
     * Whether the throw-away server is this server or runs on its files. A new cluster has its own system identifier,
     * so an equal identifier means at best a copy.
     */
    public boolean isOrIsCopiedTo(ServerIdentity target, Optional<ContainerState> targetContainer) {
        boolean sameContainer = container.isPresent()
                && targetContainer
                        .filter(state -> state.id().equals(container.get().id())
                                || state.volumes().stream()
                                        .anyMatch(container.get().volumes()::contains))
                        .isPresent();
        boolean sameFiles = systemIdentifier.isPresent() && systemIdentifier.equals(target.systemIdentifier());
        return sameContainer
                || sameFiles
                || server.filter(other -> other.sameServer(target)).isPresent();
    }

    /** The part of the state that must be the same after the run. */
    public String incarnation() {
        return container
                .map(ContainerState::incarnation)
                .orElseGet(() ->
                        "up since " + server.map(ServerIdentity::startedAt).orElseThrow());
    }
}
