package io.github.pgbackup.provenance;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Who started the run, according to the machine; not authenticated.
 *
 * @param user the user of the operating system
 * @param actor the user according to the CI server
 * @param job the job of the CI server, by its address if it has one
 * @param commit the commit that was checked out, if known
 */
public record RunBy(String user, Optional<String> actor, Optional<String> job, Optional<String> commit) {

    private static final List<String> ACTORS = List.of(
            "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_USER_ID", "BUILD_REQUESTEDFOR", "BUILDKITE_BUILD_CREATOR");

    /** GitLab, Jenkins, CircleCI, Buildkite, Travis, Drone. */
    private static final List<String> JOBS = List.of(
            "CI_JOB_URL",
            "BUILD_URL",
            "CIRCLE_BUILD_URL",
            "BUILDKITE_BUILD_URL",
            "TRAVIS_JOB_WEB_URL",
            "DRONE_BUILD_LINK");

    /** Only the user, which needs no environment. */
    public static RunBy userAlone() {
        return new RunBy(System.getProperty("user.name"), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Reads who started the run from the environment of this process. */
    public static RunBy of(Path directory, Map<String, String> environment) {
        return new RunBy(
                System.getProperty("user.name"),
                first(ACTORS, environment),
                gitHub(environment).or(() -> first(JOBS, environment)),
                Commit.of(directory, environment).map(Commit::id));
    }

    private static Optional<String> gitHub(Map<String, String> environment) {
        String server = environment.get("GITHUB_SERVER_URL");
        String repository = environment.get("GITHUB_REPOSITORY");
        String run = environment.get("GITHUB_RUN_ID");
        return server == null || repository == null || run == null
                ? Optional.empty()
                : Optional.of(server + "/" + repository + "/actions/runs/" + run);
    }

    private static Optional<String> first(List<String> names, Map<String, String> environment) {
        return names.stream()
                .map(environment::get)
                .filter(Objects::nonNull)
                .filter(value -> !value.isBlank())
                .findFirst();
    }

    /** One line of text. */
    public String describe() {
        return user
                + actor.map(" for "::concat).orElse("")
                + job.map(", job "::concat).orElse("")
                + commit.map(", commit "::concat).orElse("");
    }
}
