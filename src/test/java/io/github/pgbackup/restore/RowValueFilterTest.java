package io.github.pgbackup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class RowValueFilterTest {

    @Test
    void keys_are_named_without_their_values() {
        assertThat(filter("DETAIL:  Key (id, \"a b\")=(1, canary) is duplicated."))
                .isEqualTo("DETAIL:  Key (id, \"a b\")=(…) is duplicated.");
        assertThat(filter("DETAIL:  Key (x)=(canary) is not present in table \"t\"."))
                .isEqualTo("DETAIL:  Key (x)=(…) is not present in table \"t\".");
    }

    @Test
    void a_value_with_line_feeds_is_omitted_to_its_end() {
        assertThat(filter("""
                                DETAIL:  Key (x)=(canary
                                canary) is duplicated.
                                Command was: CREATE UNIQUE INDEX i ON t USING btree (x);
                                pg_restore: creating INDEX "i\"""")).isEqualTo("""
                        DETAIL:  (omitted: it may quote a row)

                        Command was: CREATE UNIQUE INDEX i ON t USING btree (x);
                        pg_restore: creating INDEX "i\"""");
    }

    @Test
    void failing_rows_are_omitted() {
        assertThat(filter("DETAIL:  Failing row contains (1, canary)."))
                .isEqualTo("DETAIL:  (omitted: it may quote a row)");
    }

    @Test
    void a_copy_names_its_line_without_the_value() {
        assertThat(filter("CONTEXT:  COPY t, line 12, column a: \"canary\"")).isEqualTo("CONTEXT:  COPY t, line 12");
        assertThat(filter("CONTEXT:  COPY t, line 12: \"1\tcanary\"")).isEqualTo("CONTEXT:  COPY t, line 12");
        assertThat(filter("CONTEXT:  COPY t, line 12")).isEqualTo("CONTEXT:  COPY t, line 12");
        assertThat(filter("CONTEXT:  JSON data, line 1: {\"a\": canary"))
                .isEqualTo("CONTEXT:  (omitted: it may quote a row)");
    }

    @Test
    void an_error_about_a_value_is_reported_without_it() {
        assertThat(filter(
                        "pg_restore: error: COPY failed for table \"t\": ERROR:  invalid input syntax for type integer:"
                                + " \"canary\ncanary\""))
                .isEqualTo(
                        "pg_restore: error: COPY failed for table \"t\": ERROR:  invalid input syntax for type integer:"
                                + " (…)\n");
    }

    @Test
    void everything_else_is_kept() {
        String lines = """
                pg_restore: error: could not execute query: ERROR:  invalid locale name: "de_DE"
                LINE 1: CREATE DATABASE
                        ^
                HINT:  Think.
                Command was: CREATE DATABASE x;

                pg_restore: error: COPY failed for table "t": ERROR:  relation "public.t" does not exist""";
        assertThat(filter(lines)).isEqualTo(lines);
    }

    @Test
    void an_insert_that_failed_is_quoted_without_its_values() {
        assertThat(filter(true, """
                                pg_restore: error: could not execute query: ERROR:  invalid input value for enum e: "canary"
                                LINE 1: INSERT INTO public.t VALUES (1, 'canary');
                                                                        ^
                                Command was: INSERT INTO public.t (a, b) VALUES (1, 'canary
                                canary');

                                Command was: INSERT INTO public.t VALUES
                                \t(1, 'canary'),
                                pg_restore: creating INDEX "i\"""")).isEqualTo("""
                        pg_restore: error: could not execute query: ERROR:  invalid input value for enum e: (…)
                        LINE 1: (omitted: it may quote a row)

                        Command was: INSERT INTO public.t (a, b) VALUES (…)


                        Command was: INSERT INTO public.t VALUES (…)

                        pg_restore: creating INDEX "i\"""");
    }

    private static String filter(String lines) {
        return filter(false, lines);
    }

    private static String filter(boolean rowsAsInserts, String lines) {
        RowValueFilter filter = new RowValueFilter(rowsAsInserts);
        return lines.lines().map(filter::filter).collect(Collectors.joining("\n"));
    }
}
