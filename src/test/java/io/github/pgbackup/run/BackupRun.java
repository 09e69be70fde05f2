package io.github.pgbackup.run;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.local.LocalEngine;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.TakenBackup;
import io.github.pgbackup.plan.BackupPlan;
import io.github.pgbackup.plan.InvalidConfigurationException;
import io.github.pgbackup.plan.PlanReader;
import io.github.pgbackup.plan.Tag;
import io.github.pgbackup.source.Credentials;
import io.github.pgbackup.stage.Interruption;
import io.github.pgbackup.test.ProductionServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A complete take-backup run with the plugin's own code, from the plan on. A test can act between the stages. */
final class BackupRun {

    private final Credentials credentials;
    private final Path root;
    private final Map<String, String> properties = new LinkedHashMap<>();
    private final Map<String, Runnable> stages = new LinkedHashMap<>();
    private final List<String> log = new ArrayList<>();
    private List<Tag> expectations = List.of();

    private BackupRun(Credentials credentials, Path root) {
        this.credentials = credentials;
        this.root = root;
    }

    /**
     * A backup into the folder {@code backups} of a directory.
     *
     * @param root the directory for backups and logs
     */
    static BackupRun of(ProductionServer production, String database, Path root) {
        return new BackupRun(new Credentials(production.superuser(), production.password()), root)
                .with("source.url", production.url(database))
                .with("binDirectory", production.bin().toString())
                .with("directory", root.resolve("backups").toString());
    }

    /** The same of a database in a container. */
    static BackupRun inContainer(String container, String database, Path root) {
        return new BackupRun(Credentials.NONE, root)
                .with("source.container", container)
                .with("source.database", database)
                .with("directory", root.resolve("backups").toString());
    }

    /** Sets a property, without its prefix. */
    BackupRun with(String property, String value) {
        properties.put("pgbackup." + property, value);
        return this;
    }

    /** Adds the content of a POM's {@code <expectations>}. */
    BackupRun expect(Tag tag) {
        expectations = tag.children();
        return this;
    }

    /** Acts when a stage begins. */
    BackupRun at(String stage, Runnable action) {
        stages.put("] " + stage, action);
        return this;
    }

    /** The output on the console. */
    List<String> log() {
        return log;
    }

    TakenBackup run() {
        Console console = new Recording();
        DaemonFinder daemons = new DaemonFinder(System.getenv());
        try (EvidenceFolder folder = EvidenceFolder.prepare(root.resolve("take-backup"))) {
            BackupPlan plan = new PlanReader(properties::get, root)
                    .readBackup(new Tag("configuration", null, List.of(new Tag("expectations", null, expectations))));
            var environment = new BackupVerification.Environment(
                    "test",
                    System.getenv(),
                    address -> credentials,
                    daemons,
                    installations -> new ChosenEngine(
                            new LocalEngine(
                                    installations,
                                    (group, artifact, version) -> {
                                        throw new CannotVerifyException(artifact + " is not for tests.", Remedy.NONE);
                                    },
                                    plan.run().workDirectory(),
                                    console),
                            "for the test"));
            try (daemons;
                    Interruption interruption = new Interruption(plan.run().timeout(), console)) {
                return new BackupTaking(plan, environment, folder, console, interruption).run();
            }
        } catch (InvalidConfigurationException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private final class Recording implements Console {

        @Override
        public void info(String line) {
            log.add(line);
            stages.forEach((stage, action) -> {
                if (line.endsWith(stage)) {
                    action.run();
                }
            });
        }

        @Override
        public void warn(String line) {
            log.add(line);
        }

        @Override
        public void debug(String line) {
            log.add(line);
        }
    }
}
