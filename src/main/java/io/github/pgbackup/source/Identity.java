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

/** The identity that the source must have; empty facts are not checked. */
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
     * The result of checking one fact.
     *
     * @param tag below {@code <identity>}
     */
    public record Finding(String tag, String name, String expected, String actual, boolean holds) {

        /** The fact, and the expected value if it differs. */
        public String sentence() {
            return "identity: " + name + " is `" + actual + "`" + (holds ? "" : ", expected `" + expected + "`");
        }
    }

    /** Checks each configured fact. */
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
     * Checks each configured fact for a server that an earlier run has inspected.
     *
     * @param actualContainer the {@link ContainerState#label} of the container that the server ran in
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

    /** The error for a source that does not match; empty when all facts hold. */
    public static Optional<CannotVerifyException> refusal(List<Finding> findings) {
        List<Finding> wrong =
                findings.stream().filter(finding -> !finding.holds()).toList();
        return wrong.isEmpty()
                ? Optional.empty()
                : Optional.of(new CannotVerifyException(
                        "The source is not the expected database: "
                                + wrong.stream().map(Finding::sentence).collect(Collectors.joining("; ")) + ".",
                        Remedy.correctTheSourceOrItsIdentity(
                                wrong.stream().map(Finding::tag).toList())));
    }

    private static Finding equal(String tag, String name, String expected, String actual) {
        return new Finding(tag, name, expected, actual, expected.equals(actual));
    }
}
