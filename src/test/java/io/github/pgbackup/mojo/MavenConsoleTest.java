package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verifyNoMoreInteractions;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.maven.plugin.logging.Log;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;

final class MavenConsoleTest {

    private final Log log = mock(Log.class);
    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private long millis;

    private MavenConsole console(boolean live) {
        return new MavenConsole(
                log, live, new PrintStream(screen, true, StandardCharsets.UTF_8), () -> millis * 1_000_000);
    }

    @Test
    void a_silent_log_gets_a_line_of_progress_every_half_minute_without_carriage_return() {
        MavenConsole console = console(false);
        for (millis = 0; millis <= 65_000; millis += 100) {
            console.progress("  table " + millis / 1000);
        }
        console.stage(Duration.ofMillis(millis), "restore");
        for (; millis <= 99_000; millis += 100) {
            console.progress("  table " + millis / 1000);
        }

        InOrder order = inOrder(log);
        order.verify(log).info("  table 30");
        order.verify(log).info("  table 60");
        order.verify(log).info("[ 65.1 s] " + Style.STRONG.of("restore"));
        order.verify(log).info("  table 95");
        verifyNoMoreInteractions(log);
        assertThat(screen.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void a_terminal_has_one_line_of_progress_that_is_erased_before_the_next_line_of_the_log() {
        MavenConsole console = console(true);
        for (millis = 0; millis <= 500; millis += 50) {
            console.progress("  table " + millis + " \u001b[31m" + "x".repeat(200));
        }
        console.warn("slow");
        console.info("next");

        String line = " \\u001B[31m" + "x".repeat(57);
        assertThat(screen.toString(StandardCharsets.UTF_8))
                .isEqualTo("\r\u001b[K  table 250" + line + "\r\u001b[K  table 500" + line + "\r\u001b[K");
    }
}
