package io.github.pgbackup.production;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Setting;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.plan.ProtectedEnvironment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The servers that the restore must not touch, and that must be unchanged after the run.
 *
 * @param sources opens the servers that are configured by their address
 */
public record ProtectedServers(List<ProtectedEnvironment> environments, SourceOpener sources) {

    /**
     * Inspects all protected servers.
     *
     * @return their states by their configured names
     * @throws CannotVerifyException when one of them is not running
     */
    public Map<String, ProtectedState> inspect() throws InterruptedException {
        Map<String, ProtectedState> states = new LinkedHashMap<>();
        for (ProtectedEnvironment each : environments) {
            ProtectedState state = inspect(each);
            sources.console().info("  " + each.name() + ": " + state.describe());
            states.put(each.name(), state);
        }
        return states;
    }

    /** Checks that each server is still the one that {@link #inspect()} found before. */
    public List<Check> compare(Map<String, ProtectedState> before) throws InterruptedException {
        List<Check> checks = new ArrayList<>();
        for (ProtectedEnvironment each : environments) {
            String expected = Objects.requireNonNull(before.get(each.name())).incarnation();
            String actual;
            try {
                actual = inspect(each).incarnation();
            } catch (CannotVerifyException e) {
                actual = e.fact();
            }
            checks.add(Check.of("protected", each.name(), expected, actual, expected.equals(actual)));
        }
        return checks;
    }

    private ProtectedState inspect(ProtectedEnvironment each) throws InterruptedException {
        String container = each.container();
        if (container != null) {
            return ProtectedState.of(
                    each.name(), container, sources.daemons().require("" + Setting.PROTECTED_ENVIRONMENT_CONTAINER));
        }
        return ProtectedState.of(
                sources.open(Objects.requireNonNull(each.address())).identity(), Optional.empty());
    }
}
