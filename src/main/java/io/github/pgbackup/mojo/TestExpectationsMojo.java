package io.github.pgbackup.mojo;

import io.github.pgbackup.plan.InvalidConfigurationException;
import io.github.pgbackup.plan.PlanReader;
import io.github.pgbackup.plan.VerificationPlan;
import java.util.Map;
import javax.inject.Inject;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.eclipse.aether.RepositorySystem;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a backup as {@code verify-backup} does, and then tests the expectations: it makes one fault after another in
 * the restored database and checks whether an expectation notices it. The report names each fault that went unnoticed,
 * with an expectation that would catch it.
 */
@Mojo(name = "test-expectations", defaultPhase = LifecyclePhase.VERIFY, requiresProject = false, threadSafe = true)
public final class TestExpectationsMojo extends VerifyBackupMojo {

    /** Seed for the choice of faults, a whole number. The same seed chooses the same faults. */
    @Parameter(property = "pgbackup.seed", defaultValue = PlanReader.SEED)
    private String seed;

    /** Maximum duration of the faults, for example 1m or PT1M; the verification before them does not count. */
    @Parameter(property = "pgbackup.budget", defaultValue = PlanReader.BUDGET)
    private String budget;

    /**
     * Minimum share of the faults, in percent, that the expectations must catch. If they catch less, the build fails.
     */
    @Parameter(property = "pgbackup.minimumCaught")
    private @Nullable String minimumCaught;

    /** Called by Maven. */
    @Inject
    public TestExpectationsMojo(SettingsDecrypter decrypter, RepositorySystem repositories) {
        super(decrypter, repositories);
    }

    @Override
    String skipped() {
        return "no expectations were tested";
    }

    @Override
    String goal() {
        return "test-expectations";
    }

    @Override
    VerificationPlan plan(PlanReader reader) throws InvalidConfigurationException {
        return reader.readTest(tags());
    }

    @Override
    void addParameters(Map<String, @Nullable Object> parameters) {
        super.addParameters(parameters);
        parameters.put("seed", seed);
        parameters.put("budget", budget);
        parameters.put("minimumCaught", minimumCaught);
    }
}
