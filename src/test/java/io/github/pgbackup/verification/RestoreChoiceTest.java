package io.github.pgbackup.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.Machine;
import org.junit.jupiter.api.Test;

final class RestoreChoiceTest {

    private static final Machine MACHINE = new Machine(2, 0);

    @Test
    void two_jobs_for_each_processor_and_at_most_eight() {
        assertThat(RestoreChoice.of(null, 1_400_000_000, 4, MACHINE))
                .isEqualTo(new RestoreChoice(4, 2, "4 jobs (for 2 processors)"));
        assertThat(RestoreChoice.of(null, 1_400_000_000, 4, new Machine(1, 0)))
                .isEqualTo(new RestoreChoice(2, 1, "2 jobs (for 1 processor)"));
        assertThat(RestoreChoice.of(null, 1_400_000_000, 4, new Machine(64, 0)))
                .isEqualTo(new RestoreChoice(8, 8, "8 jobs (for 64 processors)"));
    }

    @Test
    void many_small_tables_are_restored_by_one_job_and_read_by_several() {
        assertThat(RestoreChoice.of(null, 550_000_000, 10_000, MACHINE))
                .isEqualTo(new RestoreChoice(1, 2, "1 job (for 10,000 tables of 55 kB on average)"));
    }

    @Test
    void a_single_table_is_not_many_and_none_are_not_either() {
        assertThat(RestoreChoice.of(null, 100_000, 1, MACHINE).jobs()).isEqualTo(4);
        assertThat(RestoreChoice.of(null, 100_000, 0, MACHINE).jobs()).isEqualTo(4);
    }

    @Test
    void what_is_configured_is_not_chosen() {
        assertThat(RestoreChoice.of(3, 550_000_000, 10_000, MACHINE))
                .isEqualTo(new RestoreChoice(3, 3, "3 jobs (configured)"));
    }
}
