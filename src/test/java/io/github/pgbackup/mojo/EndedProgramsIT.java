package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.postgres.RunningProcess;
import io.github.pgbackup.test.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A build that is ended while the user's programs write an archive ends these programs and all that they have started. */
final class EndedProgramsIT {

    /** A program that ignores the request to end is killed five seconds later. */
    private static final Duration SOON = Duration.ofSeconds(15);

    @TempDir
    private Path project;

    private String script(String name, String... lines) throws IOException {
        Path script = Files.writeString(project.resolve(name), "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script.toString();
    }

    @ParameterizedTest
    @CsvSource({"KILL,false,137", "TERM,false,143", "INT,true,130"})
    void the_programs_of_an_archive_end_with_the_build(String signal, boolean group, int status) throws Exception {
        MavenBuild build = new MavenBuild(project).configuration("""
                <archive>
                    <command>%s</command>
                    <filters>
                        <filter>cat -</filter>
                        <filter>%s</filter>
                    </filters>
                </archive>
                """.formatted(
                        script("write", "echo begin", "sleep 601 &", "sleep 602"),
                        script("filter", "trap '' TERM", "cat", "while :; do sleep 1; done")));

        List<ProcessHandle> processes = new ArrayList<>();
        try (MavenBuild.Running running = build.start("verify")) {
            running.awaitLine(line -> line.endsWith("] read archive"));
            Await.await(() -> List.of("sleep 601", "sleep 602", "/cat -", "/filter").stream()
                    .allMatch(program -> running.descendants().stream()
                            .anyMatch(process ->
                                    process.info().commandLine().orElse("").endsWith(program))));
            processes.addAll(running.descendants());
            running.signal(signal, group);
            assertThat(running.result().status()).isEqualTo(status);
            Await.await(() -> processes.stream().noneMatch(process -> new RunningProcess(process.pid()).runs()), SOON);
        } finally {
            processes.forEach(ProcessHandle::destroyForcibly);
        }
        assertThat(processes).hasSizeGreaterThanOrEqualTo(6);
    }
}
