package io.github.pgbackup.test;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The {@code docker} command, with which a test does what a user would do. */
public final class Docker {

    /** The majors whose official images, or images that keep their contract, the tests expect. */
    public static final List<Integer> MAJORS = List.of(13, 15, 17, 18);

    /** PostgreSQL 15 with musl and busybox, like the Alpine variants of the official images: .ci/musl-image makes it. */
    public static final String MUSL = "postgres:15-musl";

    private Docker() {}

    /** Major versions whose images the daemon has; under {@code CI=true} all of them. */
    public static Stream<Integer> majors() {
        return MAJORS.stream().filter(major -> has(image(major)));
    }

    /**
     * Continues only if a daemon with these images answers.
     *
     * @throws org.opentest4j.TestAbortedException otherwise: the test is skipped
     * @throws IllegalStateException otherwise, under {@code CI=true}
     */
    public static void require(int... majors) {
        for (int major : majors) {
            require(image(major));
        }
    }

    /** The same for one image. */
    public static void require(String image) {
        if (!has(image)) {
            throw Programs.missing("There is no Docker daemon with the image " + image + ".");
        }
    }

    private static String image(int major) {
        return "postgres:" + major;
    }

    private static boolean has(String image) {
        if (run("image", "inspect", image).status() == 0) {
            return true;
        }
        if ("true".equals(System.getenv("CI"))) {
            throw new IllegalStateException("The Docker daemon has no image " + image + ".");
        }
        return false;
    }

    /** The output of a command, and its exit status. */
    public record Result(int status, String output, String errors) {}

    /** Runs {@code docker}, which must succeed. Returns its output without the last line end. */
    public static String docker(String... arguments) {
        return succeed(run("", arguments), arguments);
    }

    /** The same with a standard input. */
    public static String dockerWithInput(String input, String... arguments) {
        return succeed(run(input, arguments), arguments);
    }

    private static String succeed(Result result, String... arguments) {
        if (result.status() != 0) {
            throw new IllegalStateException("docker " + String.join(" ", arguments) + " ended with " + result.status()
                    + ": " + result.errors());
        }
        return result.output().strip();
    }

    private static Result run(String first, String second, String third) {
        return run("", new String[] {first, second, third});
    }

    /** Runs {@code docker}, however it ends. */
    public static Result run(String input, String[] arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command).start();
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            StringBuilder errors = new StringBuilder();
            Thread drain = new Thread(() -> errors.append(text(process.getErrorStream())));
            drain.start();
            String output = text(process.getInputStream());
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly();
            }
            drain.join();
            return new Result(process.waitFor(), output, errors.toString());
        } catch (IOException e) {
            return new Result(127, "", String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String text(InputStream stream) {
        try {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Containers, running or not, whose name has this prefix. */
    public static List<String> containers(String prefix) {
        return list("ps", "-a", "--format", "{{.Names}}").stream()
                .filter(name -> name.startsWith(prefix))
                .toList();
    }

    /** Volumes that no container uses. */
    public static List<String> danglingVolumes() {
        return list("volume", "ls", "-q", "--filter", "dangling=true");
    }

    /** The lines of the output; none if no daemon answers, which is an error under {@code CI=true}. */
    private static List<String> list(String... arguments) {
        boolean answers = "true".equals(System.getenv("CI"))
                || run("", new String[] {"version"}).status() == 0;
        return answers ? docker(arguments).lines().toList() : List.of();
    }

    /** The command lines of the processes in a container. */
    public static List<String> processes(String container) {
        return docker("top", container, "-eo", "pid,args").lines().toList();
    }
}
