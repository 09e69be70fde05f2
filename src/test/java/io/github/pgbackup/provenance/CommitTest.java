package io.github.pgbackup.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uses a real Git. */
final class CommitTest {

    private static final String ELSEWHERE = "a".repeat(40);

    @TempDir
    private Path directory;

    private final Map<String, String> environment = new HashMap<>(Map.of("HOME", "/nonexistent"));

    private String git(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("git", "-C", directory.toString(), "-c", "user.name=x", "-c", "user.email=x@example.org"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("GIT_"));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.strip();
    }

    private void commit() throws Exception {
        git("init", "-q");
        Files.writeString(directory.resolve("V1.sql"), "select 1");
        git("add", "V1.sql");
        git("commit", "-q", "-m", "One");
    }

    @Test
    void the_commit_is_the_one_that_is_checked_out_whatever_the_ci_server_says() throws Exception {
        commit();
        environment.put("GITHUB_SHA", ELSEWHERE);

        assertThat(Commit.of(directory, environment)).contains(new Commit(git("rev-parse", "HEAD"), false));
        Path below = Files.createDirectories(directory.resolve("module/src"));
        assertThat(Commit.of(below, environment)).contains(new Commit(git("rev-parse", "HEAD"), false));
    }

    @Test
    void a_checkout_with_changes_differs_from_its_commit() throws Exception {
        commit();
        Files.writeString(directory.resolve("notes.txt"), "not known to Git");
        assertThat(Commit.of(directory, environment).orElseThrow().changed()).isFalse();

        Files.writeString(directory.resolve("V1.sql"), "select 2");
        assertThat(Commit.of(directory, environment).orElseThrow().changed()).isTrue();
    }

    /** A file system monitor that hangs, as a network disk may. */
    @Test
    void a_git_that_hangs_is_not_waited_for_and_the_checkout_counts_as_changed() throws Exception {
        commit();
        Path monitor = Files.writeString(directory.resolve(".git/monitor"), "#!/bin/sh\nexec sleep 600\n");
        Files.setPosixFilePermissions(monitor, PosixFilePermissions.fromString("rwx------"));
        git("config", "core.fsmonitor", monitor.toString());

        assertThat(Commit.of(directory, environment, Duration.ofSeconds(1)))
                .contains(new Commit(git("rev-parse", "HEAD"), true));
    }

    @Test
    void without_a_checkout_the_variables_of_the_ci_server_name_the_commit() {
        assertThat(Commit.of(directory, environment)).isEmpty();

        environment.put("CI_COMMIT_SHA", "main");
        assertThat(Commit.of(directory, environment)).isEmpty();

        environment.put("GIT_COMMIT", ELSEWHERE);
        assertThat(Commit.of(directory, environment)).contains(new Commit(ELSEWHERE, false));
    }

    @Test
    void a_repository_without_a_commit_has_none() throws Exception {
        git("init", "-q");

        assertThat(Commit.of(directory, environment)).isEmpty();
    }

    @Test
    void who_runs_it_is_what_the_ci_server_says() throws Exception {
        assertThat(RunBy.of(directory, environment)).isEqualTo(RunBy.userAlone());

        commit();
        environment.putAll(Map.of(
                "GITHUB_SERVER_URL", "https://github.com",
                "GITHUB_REPOSITORY", "acme/shop",
                "GITHUB_RUN_ID", "17",
                "GITHUB_ACTOR", "ada"));
        RunBy runBy = RunBy.of(directory, environment);
        assertThat(runBy)
                .isEqualTo(new RunBy(
                        System.getProperty("user.name"),
                        Optional.of("ada"),
                        Optional.of("https://github.com/acme/shop/actions/runs/17"),
                        Optional.of(git("rev-parse", "HEAD"))));
        assertThat(runBy.describe())
                .isEqualTo(
                        System.getProperty("user.name") + " for ada, job https://github.com/acme/shop/actions/runs/17,"
                                + " commit " + git("rev-parse", "HEAD"));
        assertThat(RunBy.of(directory, Map.of("CI_JOB_URL", "https://gitlab.example/1"))
                        .job())
                .contains("https://gitlab.example/1");
    }
}
