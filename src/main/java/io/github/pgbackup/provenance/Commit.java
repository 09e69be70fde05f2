package io.github.pgbackup.provenance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Git commit.
 *
 * @param id 40 hexadecimal digits, or 64 for SHA-256
 * @param changed whether the checkout has uncommitted changes; untracked files do not count
 */
public record Commit(String id, boolean changed) {

    private static final Duration TIME_LIMIT = Duration.ofSeconds(30);
    private static final Pattern ID = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

    /** GitHub and Gitea, GitLab, Jenkins, Azure Pipelines, Bitbucket, CircleCI, Buildkite, Travis, Drone, TeamCity. */
    private static final List<String> VARIABLES = List.of(
            "GITHUB_SHA",
            "CI_COMMIT_SHA",
            "GIT_COMMIT",
            "BUILD_SOURCEVERSION",
            "BITBUCKET_COMMIT",
            "CIRCLE_SHA1",
            "BUILDKITE_COMMIT",
            "TRAVIS_COMMIT",
            "DRONE_COMMIT_SHA",
            "BUILD_VCS_NUMBER");

    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /**
     * The commit that is checked out in a directory; without a checkout or without {@code git}, the one that the
     * variables of a CI server name.
     */
    public static Optional<Commit> of(Path directory, Map<String, String> environment) {
        return of(directory, environment, TIME_LIMIT);
    }

    /** If git does not answer in time, the checkout counts as changed. */
    static Optional<Commit> of(Path directory, Map<String, String> environment, Duration timeLimit) {
        return git(directory, environment, timeLimit, "rev-parse", "--verify", "HEAD")
                .filter(Commit::isId)
                .map(id -> new Commit(
                        id,
                        git(directory, environment, timeLimit, "status", "--porcelain", "--untracked-files=no")
                                .filter(String::isEmpty)
                                .isEmpty()))
                .or(() -> VARIABLES.stream()
                        .map(environment::get)
                        .filter(Objects::nonNull)
                        .filter(Commit::isId)
                        .findFirst()
                        .map(id -> new Commit(id, false)));
    }

    /**
     * The output of {@code git}; empty when it fails, is not installed, or takes too long, as on a dead network disk.
     */
    private static Optional<String> git(
            Path directory, Map<String, String> environment, Duration timeLimit, String... arguments) {
        try {
            List<String> command = new ArrayList<>(List.of("git", "-C", directory.toString()));
            command.addAll(Stream.of(arguments).toList());
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().clear();
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            CompletableFuture<String> printed = CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
            if (!process.waitFor(timeLimit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                return Optional.empty();
            }
            return process.exitValue() == 0 ? Optional.of(printed.join().strip()) : Optional.empty();
        } catch (IOException | CompletionException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static String read(InputStream in) {
        try {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
