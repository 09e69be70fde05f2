package io.github.pgbackup.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class ProgressTest {

    private long seconds;

    private final Progress progress = new Progress(
            Map.of("public.a", 80_000_000L, "public.b", 640_000_000L, "public.c", 80_000_000L),
            1,
            () -> seconds * 1_000_000_000);

    @Test
    void tables_are_counted_and_the_rest_is_estimated_by_their_sizes() {
        assertThat(progress.get()).isEmpty();
        progress.accept(1_000_000);
        progress.line("pg_dump: dumping contents of table \"public.a\"");
        assertThat(progress.get()).isEqualTo("table 1 of 3, 1 MB written");
        seconds = 60;
        progress.accept(54_191_000);
        progress.line("pg_dump: saving encoding = UTF8");
        progress.line("pg_dump: dumping contents of table \"public.b\"");
        assertThat(progress.get()).isEqualTo("table 2 of 3, 54 MB written");
        seconds = 300;
        progress.accept(271_000_000);
        assertThat(progress.get()).isEqualTo("table 2 of 3, 271 MB written, about 5 min to go");
        seconds = 900;
        progress.accept(600_000_000);
        assertThat(progress.get()).isEqualTo("table 2 of 3, 600 MB written");
        seconds = 90;
        progress.line("pg_dump: dumping contents of table \"public.c\"");
        assertThat(progress.get()).isEqualTo("table 3 of 3, 600 MB written, about 10 s to go");
    }

    @Test
    void the_progress_of_a_restore_shows_tables_then_indexes_and_constraints() {
        progress.line("pg_restore: processing data for table \"public.b\"");
        assertThat(progress.get()).isEqualTo("table 1 of 3, 0 of 800 MB");
        progress.line("pg_restore: processing data for table \"odd");
        seconds = 8;
        progress.line("pg_restore: processing data for table \"public.a\"");
        assertThat(progress.get()).isEqualTo("table 3 of 3, 640 of 800 MB, about 2 s to go");
        progress.line("pg_restore: creating CONSTRAINT \"public.a a_pkey\"");
        assertThat(progress.get()).isEqualTo("table 3 of 3, 640 of 800 MB, 1 index or constraint");
        progress.line("pg_restore: creating INDEX \"public.a_idx\"");
        assertThat(progress.get()).isEqualTo("table 3 of 3, 640 of 800 MB, 2 indexes and constraints");
    }

    @Test
    void tables_in_progress_of_several_jobs_are_not_complete() {
        Progress several = new Progress(
                Map.of("public.a", 50_000_000L, "public.b", 900_000_000L, "public.c", 50_000_000L),
                2,
                () -> seconds * 1_000_000_000);
        several.line("pg_restore: processing data for table \"public.a\"");
        several.line("pg_restore: processing data for table \"public.b\"");
        seconds = 10;
        several.line("pg_restore: finished item 3383 TABLE DATA a");
        several.line("pg_restore: processing data for table \"public.c\"");
        several.line("pg_restore: finished item 3385 TABLE DATA c");
        assertThat(several.get()).isEqualTo("table 3 of 3, 100 of 1,000 MB");
        seconds = 100;
        several.line("pg_restore: finished item 3384 TABLE DATA b");
        assertThat(several.get()).isEqualTo("table 3 of 3, 1,000 of 1,000 MB");
    }

    @Test
    void no_progress_is_overstated() {
        seconds = 15;
        progress.line("pg_restore: processing data for table \"public.b\"");
        progress.line("pg_restore: processing data for table \"public.a\"");
        progress.line("pg_restore: processing data for table \"public.c\"");
        seconds = 0;
        assertThat(progress.get()).isEqualTo("table 3 of 3, 720 of 800 MB");
    }
}
