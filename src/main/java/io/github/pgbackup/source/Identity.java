package io.github.pgbackup.source;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.ContainerState;
import io.github.pgbackup.postgres.PostgresVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What the source has to be; what is empty is not asked. */
public record Identity(
        Optional<String> database,
        Optional<String> role,
        Optional<Boolean> superuser,
        Optional<ServerVersion> serverVersion,
        Optional<String> systemIdentifier,
        Optional<String> container) {

    /**
     * A range of versions.
     *
     * @param text the range as the user wrote it
     */
    public record ServerVersion(String text, Predicate<PostgresVersion> range) {}

    /**
     * One fact asked for and what it is.
     *
     * @param tag below {@code <identity>}
     */
    public record Finding(String tag, String name, String expected, String actual, boolean holds) {

        /** The fact, and what was expected where that is something else. */
        public String sentence() {
            return "identity: " + name + " is `" + actual + "`" + (holds ? "" : ", expected `" + expected + "`");
        }
    }

    /** A finding for each fact that is asked for. */
    public List<Finding> findings(ServerIdentity actual, Optional<ContainerState> inside) {
        return findings(
                actual.database(),
                actual.role(),
                actual.superuser(),
                actual.version(),
                actual.systemIdentifier(),
                inside.map(ContainerState::label));
    }

    /**
     * A finding for each fact that is asked for, of a server that an earlier run has looked at.
     *
     * @param actualContainer the {@link ContainerState#label} of the container that it was in
     */
    public List<Finding> findings(
            String actualDatabase,
            String actualRole,
            boolean actualSuperuser,
            PostgresVersion actualVersion,
            Optional<String> actualSystemIdentifier,
            Optional<String> actualContainer) {
        List<Finding> findings = new ArrayList<>();
        database.ifPresent(expected -> findings.add(equal("database", "database", expected, actualDatabase)));
        role.ifPresent(expected -> findings.add(equal("role", "role", expected, actualRole)));
        superuser.ifPresent(
                expected -> findings.add(equal("superuser", "superuser", "" + expected, "" + actualSuperuser)));
        serverVersion.ifPresent(expected -> findings.add(new Finding(
                "serverVersion",
                "server version",
                expected.text(),
                "" + actualVersion,
                expected.range().test(actualVersion))));
        systemIdentifier.ifPresent(expected -> findings.add(equal(
                "systemIdentifier",
                "system identifier",
                expected,
                actualSystemIdentifier.orElse("not readable by role " + actualRole))));
        container.ifPresent(expected -> findings.add(new Finding(
                "container",
                "container",
                expected,
                actualContainer.orElse("none, it is reached by a URL"),
                actualContainer
                        .filter(label -> ContainerState.isCalled(label, expected))
                        .isPresent())));
        return List.copyOf(findings);
    }

    /** Why nothing may be done with a source, if one of its facts is not what it must be. */
    public static Optional<CannotVerifyException> refusal(List<Finding> findings) {
        List<Finding> wrong =
                findings.stream().filter(finding -> !finding.holds()).toList();
        return wrong.isEmpty()
                ? Optional.empty()
                : Optional.of(new CannotVerifyException(
                        "The source is not the database that it must be: "
                                + wrong.stream().map(Finding::sentence).collect(Collectors.joining("; ")) + ".",
                        Remedy.correctTheSourceOrItsIdentity(
                                wrong.stream().map(Finding::tag).toList())));
    }

    private static Finding equal(String tag, String name, String expected, String actual) {
        return new Finding(tag, name, expected, actual, expected.equals(actual));
    }
}
