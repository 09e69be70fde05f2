package io.github.pgbackup.mojo;

import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.local.LocalEngine;
import io.github.pgbackup.plan.DatabaseAddress;
import io.github.pgbackup.plan.PlanReader;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.run.BackupVerification;
import io.github.pgbackup.run.EngineSelection;
import io.github.pgbackup.source.Credentials;
import java.util.Map;
import java.util.function.Function;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.eclipse.aether.RepositorySystem;
import org.jspecify.annotations.Nullable;

/** A goal that connects to the source. */
abstract class SourceMojo extends ConfiguredMojo {

    /**
     * The database to read: {@code url}, or {@code container} with {@code database} and {@code user}; {@code serverId}
     * names the credentials in settings.xml. For example
     * {@code <source><url>jdbc:postgresql://db.internal:5432/directus</url></source>}. Properties:
     * {@code pgbackup.source.url} and so on.
     */
    @Parameter
    private @Nullable PlexusConfiguration source;

    /** Maximum duration of the whole run, for example 4h or PT4H. */
    @Parameter(property = "pgbackup.timeout", defaultValue = PlanReader.TIMEOUT)
    private String timeout;

    /** How long to wait for a lock on the source before giving up, for example 10s or PT10S. */
    @Parameter(property = "pgbackup.lockWaitTimeout", defaultValue = PlanReader.LOCK_WAIT_TIMEOUT)
    private String lockWaitTimeout;

    /**
     * How long another session may wait for one of our locks before we cancel the dump and our queries, for example 5s
     * or PT5S.
     */
    @Parameter(property = "pgbackup.maximumBlocking", defaultValue = PlanReader.MAXIMUM_BLOCKING)
    private String maximumBlocking;

    /**
     * How long CREATE INDEX CONCURRENTLY and other commands with CONCURRENTLY may wait for our snapshot before we
     * cancel the dump and our queries, for example 1h or PT1H. Such a command blocks no other session while it waits.
     * As soon as another session waits for it, {@code maximumBlocking} applies.
     */
    @Parameter(property = "pgbackup.maximumSnapshotBlocking", defaultValue = PlanReader.MAXIMUM_SNAPSHOT_BLOCKING)
    private String maximumSnapshotBlocking;

    private final SettingsDecrypter decrypter;

    SourceMojo(SettingsDecrypter decrypter) {
        this.decrypter = decrypter;
    }

    @Override
    void addParameters(Map<String, @Nullable Object> parameters) {
        parameters.put("source", source);
        parameters.put("timeout", timeout);
        parameters.put("lockWaitTimeout", lockWaitTimeout);
        parameters.put("maximumBlocking", maximumBlocking);
        parameters.put("maximumSnapshotBlocking", maximumSnapshotBlocking);
    }

    final SettingsDecrypter decrypter() {
        return decrypter;
    }

    /** The credentials for a database, from settings.xml or the environment. */
    final Function<DatabaseAddress, Credentials> credentials() {
        return new MavenCredentials(session().getSettings(), decrypter, System.getenv())::of;
    }

    /** What a run needs that starts a throw-away server, or uses its programs. */
    final BackupVerification.Environment environment(
            VerificationPlan plan, DaemonFinder daemons, RepositorySystem repositories, MavenConsole console) {
        return new BackupVerification.Environment(
                pluginVersion(),
                System.getenv(),
                credentials(),
                daemons,
                EngineSelection.of(
                        plan.restore(),
                        daemons,
                        installations -> new LocalEngine(
                                installations,
                                new MavenBinaryResolver(repositories, session())::resolve,
                                plan.workDirectory(),
                                console),
                        console));
    }
}
