package io.github.pgbackup.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HistoryTest {

    private static final Map<String, Long> ROWS = Map.of("public.orders", 1_000L, "public.\u00fcnits \"x\"\n", 7L);

    @TempDir
    private Path directory;

    private History history;
    private final List<PastRun> read = new ArrayList<>();

    @BeforeEach
    void name() {
        history = new History(directory.resolve("runs/history.jsonl"));
    }

    private History.Damage read() throws IOException {
        read.clear();
        return history.forEach(read::add);
    }

    @Test
    void runs_are_read_as_they_were_appended() throws Exception {
        assertThat(read()).isEqualTo(new History.Damage(0, 0));
        assertThat(read).isEmpty();

        history.prepare();
        List<PastRun> runs = List.of(
                PastRuns.of(0, "PASS", ROWS), PastRuns.of(1, "NOT_VERIFIED", Map.of()), PastRuns.of(2, "FAIL", ROWS));
        for (PastRun run : runs) {
            history.append(run);
        }

        assertThat(read()).isEqualTo(new History.Damage(0, 0));
        assertThat(read).isEqualTo(runs);
        assertThat(Files.readAllLines(history.file())).hasSize(3);
    }

    @Test
    void existing_lines_are_never_changed() throws Exception {
        history.prepare();
        history.append(PastRuns.of(0, "PASS", ROWS));
        byte[] before = Files.readAllBytes(history.file());

        history.append(PastRuns.of(1, "PASS", ROWS));

        assertThat(Files.readAllBytes(history.file())).startsWith(before);
    }

    /** A crash leaves such a line behind. */
    @Test
    void a_truncated_line_is_ignored_and_the_next_run_has_its_own_line() throws Exception {
        history.prepare();
        history.append(PastRuns.of(0, "PASS", ROWS));
        long whole = Files.size(history.file());
        history.append(PastRuns.of(1, "FAIL", ROWS));
        byte[] both = Files.readAllBytes(history.file());
        for (int cut = (int) whole + 1; cut < both.length; cut++) {
            Files.write(history.file(), java.util.Arrays.copyOf(both, cut));

            history.append(PastRuns.of(2, "PASS", ROWS));

            boolean onlyTheEnd = cut == both.length - 1;
            assertThat(read())
                    .as("cut at %s", cut)
                    .isEqualTo(onlyTheEnd ? new History.Damage(0, 0) : new History.Damage(1, 2));
            assertThat(read).hasSize(onlyTheEnd ? 3 : 2).first().isEqualTo(PastRuns.of(0, "PASS", ROWS));
            assertThat(read).last().isEqualTo(PastRuns.of(2, "PASS", ROWS));
        }
    }

    @Test
    void a_line_with_any_altered_byte_is_ignored() throws Exception {
        history.prepare();
        history.append(PastRuns.of(0, "PASS", ROWS));
        byte[] line = Files.readAllBytes(history.file());
        for (int at = 0; at < line.length - 1; at++) {
            for (int bit : new int[] {1, 16, 128}) {
                byte[] altered = line.clone();
                altered[at] ^= (byte) bit;
                Files.write(history.file(), altered);
                assertThat(read().count()).as("bit %s of byte %s", bit, at).isPositive();
                assertThat(read).isEmpty();
            }
        }
    }

    @Test
    void foreign_lines_are_ignored() throws Exception {
        history.prepare();
        Files.writeString(history.file(), "# our runs\n\n{}\n{\"startedAt\":1,\"lineSha256\":\"x\"}\n");
        history.append(PastRuns.of(0, "PASS", ROWS));

        assertThat(read()).isEqualTo(new History.Damage(3, 1));
        assertThat(read).hasSize(1);
    }

    @Test
    void threads_of_one_build_do_not_mix_their_lines() throws Exception {
        history.prepare();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (int writer = 0; writer < 4; writer++) {
                int of = writer;
                writers.add(threads.submit((Callable<Void>) () -> {
                    for (int i = 0; i < 25; i++) {
                        history.append(PastRuns.of(of * 1_000 + i, "PASS", ROWS));
                    }
                    return null;
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(read()).isEqualTo(new History.Damage(0, 0));
        assertThat(Set.copyOf(read)).hasSize(100);
    }

    /** Two builds in separate processes. */
    @Test
    void processes_do_not_mix_their_lines() throws Exception {
        history.prepare();
        List<Process> writers = new ArrayList<>();
        for (int writer = 0; writer < 2; writer++) {
            writers.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin/java").toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Writer.class.getName(),
                            history.file().toString(),
                            String.valueOf(writer * 1_000))
                    .redirectErrorStream(true)
                    .redirectOutput(
                            directory.resolve("writer-" + writer + ".log").toFile())
                    .start());
        }
        for (Process writer : writers) {
            assertThat(writer.waitFor()).isZero();
        }

        assertThat(read()).isEqualTo(new History.Damage(0, 0));
        assertThat(new HashSet<>(read)).hasSize(200);
    }

    /** What each of those builds does. */
    static final class Writer {
        public static void main(String[] arguments) throws Exception {
            for (int i = 0; i < 100; i++) {
                new History(Path.of(arguments[0]))
                        .append(PastRuns.of(Integer.parseInt(arguments[1]) + i, "PASS", ROWS));
            }
        }
    }

    @Test
    void a_hundred_thousand_lines_are_read_in_seconds_and_appended_to_at_once() throws Exception {
        history.prepare();
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            lines.append(HistoryLine.of(PastRuns.of(i % 3_000, i % 10 == 0 ? "FAIL" : "PASS", ROWS)))
                    .append('\n');
        }
        Files.writeString(history.file(), lines, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        long[] counted = new long[1];

        long began = System.nanoTime();
        assertThat(history.forEach(run -> counted[0]++)).isEqualTo(new History.Damage(0, 0));
        Duration reading = Duration.ofNanos(System.nanoTime() - began);
        began = System.nanoTime();
        history.append(PastRuns.of(3_000, "PASS", ROWS));
        Duration appending = Duration.ofNanos(System.nanoTime() - began);

        assertThat(counted[0]).isEqualTo(100_000);
        assertThat(reading).isLessThan(Duration.ofSeconds(30));
        assertThat(appending).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void a_history_that_cannot_be_written_is_reported() throws Exception {
        Files.createDirectories(history.file());

        assertThat(org.assertj.core.api.Assertions.catchThrowable(history::prepare))
                .isInstanceOf(IOException.class);
    }
}
