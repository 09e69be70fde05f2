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
 * Verifies a backup as {@code verify-backup} does, and then tests the expectations: it makes one fault after the other in the
 * restored database and asks the expectations whether they notice it. The report names each fault that they missed, with an
 * expectation that would catch it.
 */
@Mojo(name = "test-expectations", defaultPhase = LifecyclePhase.VERIFY, requiresProject = false, threadSafe = true)
public final class TestExpectationsMojo extends VerifyBackupMojo {

    /** Which faults are chosen where there are several to choose from, a whole number: the same seed chooses the same faults. */
    @Parameter(property = "pgbackup.seed", defaultValue = PlanReader.SEED)
    private String seed;

    /** How long the faults may take, for example 10m or PT10M; the verification before them does not count. */
    @Parameter(property = "pgbackup.budget", defaultValue = PlanReader.BUDGET)
    private String budget;

    /** The share of the faults, in percent, that the expectations have to catch; below it the build fails. */
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
