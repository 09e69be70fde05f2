package io.github.pgbackup.run;

import io.github.pgbackup.Console;
import io.github.pgbackup.Setting;
import io.github.pgbackup.container.Daemon;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.Engine;
import io.github.pgbackup.engine.container.ContainerEngine;
import io.github.pgbackup.plan.EngineChoice;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.postgres.Installations;
import java.util.Optional;
import java.util.function.Function;

/** Selects the engine for a run. */
public final class EngineSelection {

    private EngineSelection() {}

    /**
     * Returns the engine that the plan names. {@code auto} selects the container engine if a Docker daemon answers or an
     * image is named, else the local engine.
     *
     * @param local makes the local engine
     */
    public static Function<Installations, ChosenEngine> of(
            VerificationPlan.Restore restore,
            DaemonFinder daemons,
            Function<Installations, Engine> local,
            Console console) {
        return installations -> {
            EngineChoice choice = restore.engine();
            if (choice == EngineChoice.LOCAL) {
                return new ChosenEngine(local.apply(installations), "configured");
            }
            if (choice == EngineChoice.AUTO && restore.image() == null) {
                Optional<Daemon> found = daemons.find();
                return found.map(daemon -> new ChosenEngine(
                                container(daemon, restore, installations, console),
                                "chosen by 'auto': a Docker daemon answers at " + daemon.place()))
                        .orElseGet(() -> new ChosenEngine(
                                local.apply(installations),
                                "chosen by 'auto': no Docker daemon answers: " + daemons.tried()));
            }
            Daemon daemon = daemons.require(
                    choice == EngineChoice.CONTAINER
                            ? Setting.RESTORE_ENGINE.inFull("container")
                            : Setting.RESTORE_IMAGE.inFull());
            return new ChosenEngine(
                    container(daemon, restore, installations, console),
                    choice == EngineChoice.CONTAINER ? "configured" : "chosen by 'auto': an image is named");
        };
    }

    private static ContainerEngine container(
            Daemon daemon, VerificationPlan.Restore restore, Installations installations, Console console) {
        return new ContainerEngine(daemon, restore.image(), installations, console);
    }
}
