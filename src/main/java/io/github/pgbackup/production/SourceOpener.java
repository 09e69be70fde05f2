package io.github.pgbackup.production;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.Container;
import io.github.pgbackup.container.ContainerState;
import io.github.pgbackup.container.Daemon;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.plan.DatabaseAddress;
import io.github.pgbackup.source.Credentials;
import io.github.pgbackup.source.SessionLimits;
import io.github.pgbackup.source.Source;
import java.util.function.Function;

/**
 * Opens databases over the network or in a container.
 *
 * @param credentials the credentials for a database
 * @param daemons finds the Docker daemon that runs the containers
 * @param limits the limits of each session
 */
public record SourceOpener(
        Function<DatabaseAddress, Credentials> credentials,
        DaemonFinder daemons,
        SessionLimits limits,
        Console console) {

    /**
     * Opens a database with a first connection.
     *
     * @throws CannotVerifyException when no server answers, or the role may not connect
     */
    public Source open(DatabaseAddress address) throws InterruptedException {
        Credentials given = credentials.apply(address);
        if (address.url().container().isEmpty()) {
            return Source.open(address.url(), given, limits, console);
        }
        Container container = container(address);
        ContainerState state = container
                .inspect()
                .filter(ContainerState::running)
                .orElseThrow(() -> {
                    String name = address.url().container().orElseThrow();
                    return new CannotVerifyException(
                            address.url().tag() + " is '" + name + "', but that container is not running.",
                            Remedy.startTheContainer(name));
                });
        return Source.open(address.url(), given, limits, container, state);
    }

    /** The container that currently has that name. */
    Container container(DatabaseAddress address) {
        String tag = address.url().tag();
        String name = address.url().container().orElseThrow();
        Daemon daemon = daemons.require(tag);
        return daemon.container(name)
                .orElseThrow(() -> new CannotVerifyException(
                        tag + " is '" + name + "', but the Docker daemon at " + daemon.place()
                                + " has no container with that name or ID.",
                        Remedy.CORRECT_THE_NAME_OF_THE_CONTAINER));
    }
}
