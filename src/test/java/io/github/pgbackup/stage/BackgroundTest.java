package io.github.pgbackup.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class BackgroundTest {

    @Test
    void a_background_failure_interrupts_the_concurrent_task_and_is_thrown() {
        try (Background background = new Background(() -> {}, () -> {})) {
            CountDownLatch dumping = new CountDownLatch(1);
            var unused = background.start(() -> {
                dumping.await();
                throw new IllegalStateException("there is no server to restore to");
            });

            assertThatThrownBy(() -> background.alongside(() -> {
                        dumping.countDown();
                        Thread.sleep(60_000);
                        return "dumped";
                    }))
                    .hasMessage("there is no server to restore to");
        }
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void results_come_from_both_sides() throws Exception {
        try (Background background = new Background(() -> {}, () -> {})) {
            var started = background.start(() -> "started");

            assertThat(background.alongside(() -> "dumped")).isEqualTo("dumped");
            assertThat(Background.result(started)).isEqualTo("started");
        }
    }

    @Test
    void closing_early_interrupts_running_work_and_waits_for_its_end() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        try (Background background = new Background(() -> {}, () -> {})) {
            var unused = background.start(() -> {
                try {
                    begun.countDown();
                    Thread.sleep(60_000);
                    return "not interrupted";
                } finally {
                    ended.countDown();
                }
            });
            begun.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(ended.getCount()).isZero();
    }

    @Test
    void work_that_ignores_an_interrupt_is_cancelled() throws Exception {
        CountDownLatch query = new CountDownLatch(1);
        CountDownLatch stragglers = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        try (Background background = new Background(query::countDown, stragglers::countDown)) {
            var unused = background.start(() -> {
                while (query.getCount() > 0) {
                    LockSupport.parkNanos(1_000_000); // whether it was interrupted or not
                }
                ended.set(true);
                return "cancelled";
            });
        }
        assertThat(ended).isTrue();
        assertThat(stragglers.getCount()).isEqualTo(1);
    }
}
