package io.github.pgbackup.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.test.Docker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("alone")
final class DaemonIT {

    @TempDir
    private Path directory;

    private final DaemonFinder finder = new DaemonFinder(System.getenv());
    private Daemon daemon;

    @BeforeEach
    void find() {
        Docker.require(15);
        daemon = finder.require("the test");
    }

    @AfterEach
    void close() {
        finder.close();
    }

    private RunningContainer start() throws InterruptedException {
        return daemon.run(new ContainerRequest(
                daemon.image("postgres:15"),
                "pgbackup-of-the-test",
                "postgres",
                Map.of("PGHOST", "elsewhere"),
                "none",
                64,
                64 << 20,
                0,
                List.of("sleep", "300")));
    }

    @Test
    void a_program_in_a_container_is_like_a_child_of_this_machine() throws Exception {
        try (RunningContainer running = start()) {
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            List<String> errors = new ArrayList<>();

            int status = running.container()
                    .command("sh")
                    .arguments(
                            "-c",
                            "echo \"$0 $PGUSER ${PGHOST-unset} $LC_ALL\"; echo to standard error >&2; exit 7",
                            "it's")
                    .environment("PGUSER", "me")
                    .onErrorLine(errors::add)
                    .run(stdout -> stdout.transferTo(output));

            assertThat(status).isEqualTo(7);
            assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo("it's me unset C\n");
            assertThat(errors).containsExactly("to standard error");
        }
    }

    @Test
    void a_program_that_takes_too_long_is_ended_and_leaves_no_process() throws Exception {
        try (RunningContainer running = start()) {
            assertThatThrownBy(() -> running.container()
                            .command("sleep")
                            .arguments("77")
                            .timeLimit(Duration.ofMillis(500))
                            .run())
                    .isInstanceOf(IOException.class)
                    .hasMessage("sleep did not end within 500 ms");
            assertThat(Docker.processes("pgbackup-of-the-test")).noneMatch(line -> line.contains("sleep 77"));
        }
    }

    @Test
    void an_interrupt_ends_a_program() throws Exception {
        try (RunningContainer running = start()) {
            Thread caller = Thread.currentThread();
            new Thread(() -> {
                        try {
                            Thread.sleep(500);
                        } catch (InterruptedException e) {
                            return;
                        }
                        caller.interrupt();
                    })
                    .start();

            assertThatThrownBy(() ->
                            running.container().command("sleep").arguments("77").run())
                    .isInstanceOf(InterruptedException.class);
            assertThat(Docker.processes("pgbackup-of-the-test")).noneMatch(line -> line.contains("sleep 77"));
        }
    }

    @Test
    void a_container_that_ends_meanwhile_is_an_error_and_not_an_empty_output() throws Exception {
        try (RunningContainer running = start()) {
            new Thread(() -> {
                        try {
                            Thread.sleep(500);
                        } catch (InterruptedException e) {
                            return;
                        }
                        Docker.docker("kill", "pgbackup-of-the-test");
                    })
                    .start();

            int status = -1;
            try {
                status = running.container().command("sleep").arguments("77").run();
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("gone");
            }
            assertThat(status).isNotZero();
        }
    }

    @Test
    void a_directory_is_copied_byte_for_byte_for_the_containers_user_alone() throws Exception {
        byte[] bytes = new byte[3_000_001];
        new Random(1).nextBytes(bytes);
        Path source = Files.createDirectories(directory.resolve("a dir.dir"));
        Files.write(source.resolve("toc.dat"), bytes);
        Files.createFile(source.resolve("empty"));
        try (RunningContainer running = start()) {
            running.container().copy(source, "/tmp/pgbackup/0");

            assertThat(Docker.docker(
                            "exec",
                            "pgbackup-of-the-test",
                            "sh",
                            "-c",
                            "cd '/tmp/pgbackup/0/a dir.dir' && stat -c '%n %U %a %s' . *"))
                    .isEqualTo(". postgres 700 4096\nempty postgres 600 0\ntoc.dat postgres 600 3000001");
            ByteArrayOutputStream back = new ByteArrayOutputStream();
            running.container()
                    .command("cat")
                    .arguments("/tmp/pgbackup/0/a dir.dir/toc.dat")
                    .run(stdout -> stdout.transferTo(back));
            assertThat(back.toByteArray()).isEqualTo(bytes);
        }
    }

    @Test
    void a_copy_that_does_not_fit_reports_the_message_of_tar() throws Exception {
        Path source = directory.resolve("large");
        try (OutputStream file = Files.newOutputStream(source)) {
            for (int i = 0; i < 80; i++) {
                file.write(new byte[1 << 20]);
            }
        }
        try (RunningContainer running = start()) {
            assertThatThrownBy(() -> running.container().copy(source, "/dev/shm/pgbackup"))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("large cannot be copied into the container: tar: large: ");
        }
    }

    @Test
    void a_container_that_a_killed_build_created_but_did_not_start_is_removed() throws Exception {
        Docker.docker(
                "create",
                "--name",
                "pgbackup-left-behind",
                "--label",
                "io.github.pgbackup.throw-away=true",
                "postgres:15");
        try {
            assertThat(daemon.sweep(Duration.ofSeconds(60))).isEmpty();
            Thread.sleep(1_100); // the daemon reports whole seconds
            assertThat(daemon.sweep(Duration.ZERO)).containsExactly("pgbackup-left-behind");
            assertThat(Docker.containers("pgbackup-left-behind")).isEmpty();
        } finally {
            Docker.run("", new String[] {"rm", "--force", "--volumes", "pgbackup-left-behind"});
        }
    }

    @Test
    void a_name_in_use_is_reported_in_the_daemons_words() throws Exception {
        try (RunningContainer running = start()) {
            assertThat(running.volumes()).hasSize(1);
            assertThatThrownBy(this::start)
                    .isInstanceOf(CannotVerifyException.class)
                    .hasMessageContaining("The container name \"/pgbackup-of-the-test\" is already in use");
        }
    }
}
