package io.github.pgbackup.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.Machine;
import io.github.pgbackup.source.ParallelRestore;
import io.github.pgbackup.source.ParallelRestore.Hazard;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RestoreChoiceTest {

    private static final Machine MACHINE = new Machine(2, 0);
    private static final ParallelRestore SOUND = new ParallelRestore(List.of());

    @Test
    void two_jobs_for_each_processor_and_at_most_eight() {
        assertThat(RestoreChoice.of(null, 1_400_000_000, 4, MACHINE, SOUND))
                .isEqualTo(new RestoreChoice(4, 2, "4 jobs (for 2 processors)"));
        assertThat(RestoreChoice.of(null, 1_400_000_000, 4, new Machine(1, 0), SOUND))
                .isEqualTo(new RestoreChoice(2, 1, "2 jobs (for 1 processor)"));
        assertThat(RestoreChoice.of(null, 1_400_000_000, 4, new Machine(64, 0), SOUND))
                .isEqualTo(new RestoreChoice(8, 8, "8 jobs (for 64 processors)"));
    }

    @Test
    void many_small_tables_are_restored_with_one_job_and_read_with_several_sessions() {
        assertThat(RestoreChoice.of(null, 550_000_000, 10_000, MACHINE, SOUND))
                .isEqualTo(new RestoreChoice(1, 2, "1 job (for 10,000 tables of 55 kB on average)"));
    }

    @Test
    void one_table_or_none_are_restored_by_several_jobs() {
        assertThat(RestoreChoice.of(null, 100_000, 1, MACHINE, SOUND).jobs()).isEqualTo(4);
        assertThat(RestoreChoice.of(null, 100_000, 0, MACHINE, SOUND).jobs()).isEqualTo(4);
    }

    @Test
    void the_configuration_takes_precedence() {
        assertThat(RestoreChoice.of(3, 550_000_000, 10_000, MACHINE, SOUND))
                .isEqualTo(new RestoreChoice(3, 3, "3 jobs (configured)"));
    }

    @Test
    void one_job_is_used_if_several_could_change_data_even_if_configured() {
        ParallelRestore parallel = new ParallelRestore(List.of(
                new Hazard("trigger a of the partitioned table s.t", true),
                new Hazard("index s.i, which calls s.f()", false)));

        assertThat(RestoreChoice.of(null, 1_400_000_000, 4, MACHINE, parallel))
                .isEqualTo(new RestoreChoice(
                        1,
                        2,
                        "1 job (several could change or lose data: trigger a of the partitioned table s.t, index s.i,"
                                + " which calls s.f())"));
        assertThat(RestoreChoice.of(3, 1_400_000_000, 4, MACHINE, parallel).jobs())
                .isEqualTo(1);
        assertThat(RestoreChoice.of(1, 1_400_000_000, 4, MACHINE, parallel).why())
                .isEqualTo("1 job (configured)");
    }

    @Test
    void the_warning_names_only_certain_hazards() {
        assertThat(new ParallelRestore(List.of(new Hazard("index s.i, which calls s.f()", false))).warning())
                .isEmpty();
        assertThat(new ParallelRestore(List.of(
                                new Hazard("trigger a of the partitioned table s.t", true),
                                new Hazard("trigger b of the partitioned table s.t", true),
                                new Hazard("trigger c of the partitioned table s.t", true),
                                new Hazard("trigger d of the partitioned table s.t", true),
                                new Hazard("index s.i, which calls s.f()", false)))
                        .warning())
                .hasValue(
                        "pg_restore with several jobs changes or loses data of this database because of trigger a of the"
                                + " partitioned table s.t, trigger b of the partitioned table s.t, trigger c of the partitioned"
                                + " table s.t and 1 more; in an emergency, restore with one job (--jobs=1).");
    }
}
