package io.github.pgbackup.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class ProgressTest {

    private long seconds;

    private final Progress progress = new Progress(
            Map.of("public.a", 10_000L, "public.b", 80_000L, "public.c", 10_000L), () -> seconds * 1_000_000_000);

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
        assertThat(progress.get()).isEqualTo("table 2 of 3, 54 MB written, about 9 min to go");
        seconds = 90;
        progress.line("pg_dump: dumping contents of table \"public.c\"");
        assertThat(progress.get()).isEqualTo("table 3 of 3, 54 MB written, about 10 s to go");
    }

    @Test
    void a_restore_is_told_by_its_tables_and_what_comes_after_them() {
        progress.line("pg_restore: processing data for table \"public.b\"");
        assertThat(progress.get()).isEqualTo("table 1 of 3, 0 of 819 MB");
        progress.line("pg_restore: processing data for table \"odd");
        seconds = 8;
        progress.line("pg_restore: processing data for table \"public.a\"");
        assertThat(progress.get()).isEqualTo("table 3 of 3, 655 of 819 MB, about 2 s to go");
        progress.line("pg_restore: creating CONSTRAINT \"public.a a_pkey\"");
        assertThat(progress.get()).isEqualTo("table 3 of 3, 655 of 819 MB, 1 index or constraint");
        progress.line("pg_restore: creating INDEX \"public.a_idx\"");
        assertThat(progress.get()).isEqualTo("table 3 of 3, 655 of 819 MB, 2 indexes and constraints");
    }
}
