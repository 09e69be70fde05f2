package io.github.pgbackup.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.Console;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ProgressTest {

    private final List<String> told = new ArrayList<>();
    private long seconds;

    private final Progress progress = new Progress(
            new Console() {
                @Override
                public void info(String line) {}

                @Override
                public void warn(String line) {}

                @Override
                public void debug(String line) {}

                @Override
                public void progress(String line) {
                    told.add(line);
                }
            },
            Map.of("public.a", 10L, "public.b", 80L, "public.c", 10L),
            () -> seconds * 1_000_000_000);

    @Test
    void tables_are_counted_and_the_rest_is_estimated_by_their_sizes() {
        progress.line("pg_dump: dumping contents of table \"public.a\"");
        seconds = 60;
        progress.accept(54_191_000);
        progress.line("pg_dump: saving encoding = UTF8");
        progress.line("pg_dump: dumping contents of table \"public.b\"");
        seconds = 90;
        progress.line("pg_dump: dumping contents of table \"public.c\"");

        assertThat(told)
                .containsExactly(
                        "  table 1 of 3",
                        "  table 1 of 3, 54 MB written",
                        "  table 2 of 3, 54 MB written, about 9 min to go",
                        "  table 3 of 3, 54 MB written, about 10 s to go");
    }

    @Test
    void a_restore_is_told_by_its_tables() {
        progress.line("pg_restore: processing data for table \"public.b\"");
        progress.line("pg_restore: processing data for table \"odd");
        seconds = 8;
        progress.line("pg_restore: processing data for table \"public.a\"");

        assertThat(told)
                .containsExactly(
                        "  table 1 of 3", "  table 2 of 3, about 0 s to go", "  table 3 of 3, about 2 s to go");
    }
}
