package io.github.pgbackup.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExactDurationTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 s",
        "PT0.0004S, 0 s",
        "PT0.1S, 0.1 s",
        "PT0.289S, 0.289 s",
        "PT2S, 2 s",
        "PT10S, 10 s",
        "PT1M, 1 min",
        "PT2M5.25S, 2 min 5.25 s",
        "PT90M, 1 h 30 min",
        "PT24H, 1 d",
        "PT876H34M5S, 36 d 12 h 34 min 5 s",
        "PT-1H-30M, -1 h 30 min"
    })
    void is_exact_to_the_millisecond(Duration duration, String text) {
        assertThat(ExactDuration.of(duration)).isEqualTo(text);
    }
}
