package io.github.pgbackup.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.Console;
import io.github.pgbackup.evidence.VerificationReport;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class StagesTest {

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final CountDownLatch toldTwice = new CountDownLatch(2);

    private final Console console = new Console() {
        @Override
        public void info(String line) {
            lines.add(line);
        }

        @Override
        public void warn(String line) {}

        @Override
        public void debug(String line) {}

        @Override
        public void progress(String line) {
            told.add(line);
            toldTwice.countDown();
        }
    };

    private final Stages stages = new Stages(console, Duration.ofMillis(20));

    @Test
    void a_stage_without_progress_shows_that_it_is_running() throws Exception {
        stages.run(
                "introspect",
                () -> assertThat(toldTwice.await(30, TimeUnit.SECONDS)).isTrue());

        assertThat(lines).singleElement().asString().matches("\\[ +\\d\\.\\d s] introspect");
        assertThat(told).allMatch(line -> line.matches("  introspect, \\d+ s"));
    }

    @Test
    void a_stage_shows_its_progress() throws Exception {
        stages.run("dump", () -> {
            stages.telling(() -> "table 1 of 3");
            assertThat(toldTwice.await(30, TimeUnit.SECONDS)).isTrue();
        });

        assertThat(told.get(told.size() - 1)).matches("  dump, \\d+ s: table 1 of 3");
    }

    @Test
    void a_concurrent_stage_is_logged_when_the_run_waits_for_it() throws Exception {
        try (Background background = new Background(() -> {}, () -> {})) {
            Future<Boolean> target =
                    background.start(() -> stages.concurrently("target", () -> toldTwice.await(30, TimeUnit.SECONDS)));
            stages.run("dump", () -> {});
            assertThat(stages.join("target", target)).isTrue();
        }

        assertThat(lines).extracting(line -> line.replaceAll(".*] ", "")).containsExactly("dump", "target");
        assertThat(told).last().asString().matches("  target, \\d+ s");
        assertThat(stages.finished())
                .extracting(VerificationReport.Stage::name)
                .containsExactlyInAnyOrder("dump", "target");
    }

    @Test
    void nothing_is_shown_after_the_end_of_a_stage() throws Exception {
        assertThatThrownBy(() -> stages.run("dump", () -> {
                    assertThat(toldTwice.await(30, TimeUnit.SECONDS)).isTrue();
                    throw new IllegalStateException("ended");
                }))
                .hasMessage("ended");
        int then = told.size();
        Thread.sleep(200);

        assertThat(told).hasSize(then);
        assertThat(stages.finished()).extracting(VerificationReport.Stage::name).containsExactly("dump");
    }

    @Test
    void a_late_stage_has_its_time_in_minutes() {
        assertThat(Console.stamp(Duration.ofMillis(1_240))).isEqualTo("[  1.2 s] ");
        assertThat(Console.stamp(Duration.ofSeconds(899))).isEqualTo("[899.0 s] ");
        assertThat(Console.stamp(Duration.ofSeconds(5_423))).isEqualTo("[ 90 min] ");
    }
}
