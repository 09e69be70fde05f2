package io.github.pgbackup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RateTest {

    @ParameterizedTest
    @CsvSource({
        "20MB, 20971520, 20 MiB/s",
        "20 MB/s, 20971520, 20 MiB/s",
        "20M, 20971520, 20 MiB/s",
        "32k, 32768, 32 KiB/s",
        "1536 kB/s, 1572864, 1536 KiB/s",
        "1GB, 1073741824, 1 GiB/s",
        "20 MiB/s, 20971520, 20 MiB/s",
        "64KiB, 65536, 64 KiB/s"
    })
    void a_number_and_a_unit_are_read(String text, long bytesPerSecond, String written) {
        Rate rate = Rate.parse(text);
        assertThat(rate.bytesPerSecond()).isEqualTo(bytesPerSecond);
        assertThat(rate).hasToString(written);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "20",
                "20 mb",
                "20Mbit/s",
                "31kB",
                "0MB",
                "-1MB",
                "1.5MB",
                "20MB/min",
                "20  MB",
                "20 kiB",
                "20MBi"
            })
    void anything_else_is_rejected(String text) {
        assertThatThrownBy(() -> Rate.parse(text))
                .hasMessage("write a number with the unit KiB, MiB or GiB (or kB, MB or GB, which PostgreSQL also takes"
                        + " for powers of 1024), at least 32 KiB/s, such as 20 MiB/s");
    }

    @Test
    void a_reader_is_slowed_down_and_does_not_catch_up_after_a_pause() throws Exception {
        long[] told = {0};
        LongConsumer throttle = new Rate(1_000_000).throttle(bytes -> told[0] = bytes);
        Thread.sleep(600);
        long began = System.nanoTime();
        for (int i = 1; i <= 5; i++) {
            throttle.accept(i * 100_000L);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(350));
        assertThat(told[0]).isEqualTo(500_000);
    }

    @Test
    void an_interrupt_ends_the_wait_and_stays_set() {
        LongConsumer throttle = new Rate(1).throttle(bytes -> {});
        Thread.currentThread().interrupt();
        throttle.accept(1000);
        assertThat(Thread.interrupted()).isTrue();
    }
}
