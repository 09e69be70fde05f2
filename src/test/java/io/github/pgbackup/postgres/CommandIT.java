package io.github.pgbackup.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs real child processes, which need not be PostgreSQL's. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(60)
class CommandIT {

    @TempDir
    private Path directory;

    @Test
    void the_exit_status_is_the_childs() throws Exception {
        assertThat(shell("exit 0").run()).isZero();
        assertThat(shell("exit 3").run()).isEqualTo(3);
        assertThat(shell("kill -9 $$").run()).isEqualTo(128 + 9);
    }

    @Test
    void arguments_reach_the_child_unchanged() throws Exception {
        assertThat(output(Command.of(Path.of("/bin/echo")).arguments("a b", "$HOME", "'\"", "*")))
                .isEqualTo("a b $HOME '\" *\n");
    }

    @Test
    void the_environment_has_only_those_PostgreSQL_variables_that_were_set() throws Exception {
        assertThat(output(shell("env").environment("PGPASSWORD", "secret"))
                        .lines()
                        .filter(line -> line.startsWith("PG")))
                .containsExactly("PGPASSWORD=secret");
        assertThat(output(shell("echo $LC_ALL"))).isEqualTo("C\n");
    }

    @Test
    void standard_input_is_empty() throws Exception {
        assertThat(output(shell("cat; echo end"))).isEqualTo("end\n");
    }

    @Test
    void both_streams_are_drained_and_errors_go_to_an_owner_only_file_and_to_the_consumer() throws Exception {
        Path log = directory.resolve("child.log");
        List<String> lines = new ArrayList<>();

        String output = output(shell("i=0; while [ $i -lt 20000 ]; do echo out $i; echo error $i >&2; i=$((i+1)); done")
                .standardError(log)
                .onErrorLine(lines::add));

        assertThat(output.lines()).hasSize(20_000).last().isEqualTo("out 19999");
        assertThat(lines).hasSize(20_000).last().isEqualTo("error 19999");
        assertThat(Files.readAllLines(log)).isEqualTo(lines);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(log)))
                .isEqualTo("rw-------");
    }

    @Test
    void a_log_is_appended_to() throws Exception {
        Path log = directory.resolve("child.log");
        shell("echo one >&2").standardError(log).run();
        shell("printf two >&2").standardError(log).run();

        assertThat(log).hasContent("one\ntwo");
    }

    @Test
    void what_the_reader_leaves_unread_does_not_hold_the_child_up() throws Exception {
        assertThat(shell("head -c 1000000 /dev/zero; exit 4").run(standardOutput -> {}))
                .isEqualTo(4);
    }

    @Test
    void when_the_reader_fails_the_child_ends() {
        long started = System.nanoTime();
        assertThatThrownBy(() -> shell("echo $$; exec sleep 60").run(standardOutput -> {
                    throw new IOException("disk full");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("disk full");
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void when_the_consumer_of_errors_fails_so_does_the_run() {
        assertThatThrownBy(() -> shell("echo oops >&2")
                        .onErrorLine(line -> {
                            throw new IllegalStateException(line);
                        })
                        .run())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("oops");
    }

    @Test
    void a_program_that_does_not_exist_is_an_error() {
        assertThatThrownBy(() -> Command.of(directory.resolve("gone")).run())
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(directory.resolve("gone") + ": there is no such program");
    }

    @Test
    void an_interrupt_ends_the_child_and_what_it_started() throws Exception {
        Path pids = directory.resolve("pids");
        List<Throwable> thrown = new ArrayList<>();
        Thread thread = new Thread(() -> {
            try {
                shell("sleep 61 & echo $$ $! > " + pids + "; wait").run();
            } catch (IOException | InterruptedException e) {
                thrown.add(e);
            }
        });
        thread.start();
        List<RunningProcess> children = awaitPids(pids);
        long started = System.nanoTime();
        thread.interrupt();
        thread.join();

        assertThat(thrown).singleElement().isInstanceOf(InterruptedException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(2));
        assertThat(children).hasSize(2).noneMatch(RunningProcess::runs);
    }

    @Test
    void a_child_that_ignores_the_request_to_end_is_killed_five_seconds_later() throws Exception {
        Path pids = directory.resolve("pids");
        long started = System.nanoTime();
        assertThatThrownBy(() -> shell("trap '' TERM; echo $$ > " + pids + "; while :; do sleep 1; done")
                        .timeLimit(Duration.ofMillis(500))
                        .run())
                .isInstanceOf(IOException.class)
                .hasMessage("/bin/sh did not end within 500 ms");
        assertThat(Duration.ofNanos(System.nanoTime() - started))
                .isBetween(Duration.ofMillis(5_300), Duration.ofSeconds(8));
        assertThat(awaitPids(pids)).noneMatch(RunningProcess::runs);
    }

    @Test
    void so_is_a_childs_child_that_ignores_it() throws Exception {
        Path pids = directory.resolve("pids");
        assertThatThrownBy(() -> shell("(trap '' TERM; while :; do sleep 1; done) & echo $$ $! > " + pids + "; wait")
                        .timeLimit(Duration.ofMillis(500))
                        .run())
                .isInstanceOf(IOException.class)
                .hasMessage("/bin/sh did not end within 500 ms");
        assertThat(awaitPids(pids)).hasSize(2).noneMatch(RunningProcess::runs);
    }

    @Test
    void no_process_is_left_behind_by_a_run() throws Exception {
        long before = ProcessHandle.current().descendants().count();
        shell("exit 0").run();
        shell("kill -15 $$").run();

        assertThat(ProcessHandle.current().descendants().count()).isEqualTo(before);
    }

    @Test
    void a_child_does_not_outlive_a_JVM_that_is_killed() throws Exception {
        Path pids = directory.resolve("pids");
        Process jvm = jvm(pids);
        List<RunningProcess> children = awaitPids(pids);
        List<RunningProcess> family = jvm.descendants()
                .map(process -> new RunningProcess(process.pid()))
                .toList();
        assertThat(children).allMatch(RunningProcess::runs);
        long killed = System.nanoTime();
        jvm.destroyForcibly().waitFor();
        while (family.stream().anyMatch(RunningProcess::runs)) {
            assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofSeconds(1));
            Thread.sleep(10);
        }

        assertThat(family).hasSizeGreaterThanOrEqualTo(children.size() + 2);
    }

    @Test
    void a_child_survives_an_interrupt_from_the_terminal_until_the_JVM_ends_it() throws Exception {
        Path pids = directory.resolve("pids");
        Process jvm = jvm(pids);
        List<RunningProcess> children = awaitPids(pids);
        // Ctrl-C reaches the whole process group: every descendant of the JVM that has not left it.
        for (ProcessHandle process : jvm.descendants().toList()) {
            if (!children.contains(new RunningProcess(process.pid()))) {
                new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                        .start()
                        .waitFor();
            }
        }
        Thread.sleep(300);
        assertThat(children).allMatch(RunningProcess::runs);
        jvm.destroy();
        jvm.waitFor(5, TimeUnit.SECONDS);
        Thread.sleep(500);

        assertThat(children).noneMatch(RunningProcess::runs);
    }

    /** A JVM that only starts a child, which starts another child; it prints their process ids. */
    private static Process jvm(Path pids) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Sleeper.class.getName(),
                        pids.toString())
                .inheritIO()
                .start();
    }

    static final class Sleeper {
        public static void main(String... arguments) throws Exception {
            shell("sleep 61 & echo $$ $! > " + arguments[0] + "; wait").run();
        }
    }

    private static Command shell(String script) {
        return Command.of(Path.of("/bin/sh")).arguments("-c", script);
    }

    private static String output(Command command) throws IOException, InterruptedException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        assertThat(command.run(standardOutput -> standardOutput.transferTo(output)))
                .isZero();
        return output.toString(StandardCharsets.UTF_8);
    }

    private static List<RunningProcess> awaitPids(Path file) throws IOException, InterruptedException {
        while (!Files.exists(file) || !Files.readString(file).endsWith("\n")) {
            Thread.sleep(10);
        }
        return List.of(Files.readString(file).strip().split(" ")).stream()
                .map(pid -> new RunningProcess(Long.parseLong(pid)))
                .toList();
    }
}
