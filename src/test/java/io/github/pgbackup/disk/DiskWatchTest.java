package io.github.pgbackup.disk;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DiskWatchTest {

    private static final long GB = 1 << 30;

    @Test
    void a_fiftieth_of_the_disk_stays_free_but_no_more_than_a_gigabyte() {
        assertThat(DiskWatch.floor(25 * GB, 20 * GB)).isEqualTo(GB / 2);
        assertThat(DiskWatch.floor(1000 * GB, 900 * GB)).isEqualTo(GB);
    }

    @Test
    void on_a_nearly_full_disk_a_tenth_of_the_free_space_stays_free() {
        assertThat(DiskWatch.floor(1000 * GB, 10 * GB)).isEqualTo(GB);
        assertThat(DiskWatch.floor(1000 * GB, GB)).isEqualTo(GB / 10);
    }

    @Test
    void a_disk_without_a_size_has_no_floor() {
        assertThat(DiskWatch.floor(0, 0)).isZero();
    }
}
