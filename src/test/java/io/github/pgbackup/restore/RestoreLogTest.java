package io.github.pgbackup.restore;

import static io.github.pgbackup.test.Contents.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.restore.RestoreError.Phase;
import io.github.pgbackup.test.Contents;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class RestoreLogTest {

    private static final Entry TABLE = entry(5, "TABLE", "t", "CREATE TABLE public.t (\n    a integer\n);\n");
    private static final Entry FUNCTION = entry(6, "FUNCTION", "f()", """
            CREATE FUNCTION public.f() RETURNS void
                LANGUAGE sql
                AS $$
            pg_restore: error: not an error
            pg_restore: from TOC entry 5; 1 2 TABLE t app
            $$;


            """);
    private static final Entry DATA = entry(7, "TABLE DATA", "t", "");
    private static final Entry INDEX = entry(8, "INDEX", "i", "CREATE INDEX i ON public.t USING btree (a);\n");
    private static final Entry KEY =
            entry(9, "CONSTRAINT", "t k", "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT k PRIMARY KEY (a);\n");

    private static final Entry FORGER = entry(
            10,
            "TABLE",
            "x\npg_restore: error: could not execute query: FATAL:  no\npg_restore: warning: errors ignored on restore: 7",
            "CREATE TABLE x;\n");

    @Test
    void a_log_without_errors_has_none() {
        RestoreLog log = read("""
                pg_restore: connecting to database for restore
                pg_restore: creating TABLE "public.a
                b"
                pg_restore: processing data for table "public.a
                b\"""");
        assertThat(log.errors()).isEmpty();
        assertThat(log.ignoredErrors()).isEmpty();
        assertThat(log.unknownLines()).isEmpty();
    }

    @Test
    void a_name_that_looks_like_messages_is_a_name() {
        RestoreLog log = read("""
                pg_restore: creating TABLE "public.x
                pg_restore: error: could not execute query: FATAL:  no
                pg_restore: warning: errors ignored on restore: 7"
                pg_restore: from TOC entry 5; 1259 16385 TABLE t app
                pg_restore: error: could not execute query: ERROR:  role "app" does not exist
                Command was: ALTER TABLE public.t OWNER TO app;


                pg_restore: warning: errors ignored on restore: 1""");
        assertThat(log.errors())
                .singleElement()
                .satisfies(error -> assertThat(error.dumpId()).isEqualTo(5));
        assertThat(log.ignoredErrors()).hasValue(1);
        assertThat(log.unknownLines()).isEmpty();
    }

    @Test
    void an_error_is_tied_to_its_entry() {
        RestoreLog log = read("""
                pg_restore: while PROCESSING TOC:
                pg_restore: from TOC entry 5; 1259 16385 TABLE t app
                pg_restore: error: could not execute query: ERROR:  role "app" does not exist
                Command was: ALTER TABLE public.t OWNER TO app;


                pg_restore: creating INDEX "public.i"
                pg_restore: warning: errors ignored on restore: 1""");
        assertThat(log.errors())
                .containsExactly(new RestoreError(
                        5,
                        Phase.PROCESSING_TOC,
                        "1259 16385 TABLE t app",
                        "could not execute query: ERROR:  role \"app\" does not exist",
                        null,
                        "ALTER TABLE public.t OWNER TO app;"));
        assertThat(log.ignoredErrors()).hasValue(1);
        assertThat(log.unknownLines()).isEmpty();
    }

    @Test
    void the_entry_is_named_once_for_all_its_errors() {
        assertThat(read("""
                                pg_restore: from TOC entry 5; 1259 16385 TABLE t app
                                pg_restore: error: could not execute query: ERROR:  a
                                Command was: ALTER TABLE public.t OWNER TO app;
                                pg_restore: error: could not execute query: ERROR:  b
                                Command was: ALTER TABLE public.t OWNER TO app;""").errors()).extracting(RestoreError::dumpId).containsExactly(5, 5);
    }

    @Test
    void details_hints_and_a_command_of_several_lines_belong_to_their_error() {
        assertThat(read("""
                                pg_restore: from TOC entry 5; 1259 16385 TABLE a
                                b app
                                pg_restore: error: could not execute query: ERROR:  syntax error at or near "("
                                LINE 1: CREATE TABLE public.t (
                                                              ^
                                HINT:  Think.
                                Command was: CREATE TABLE public.t (
                                    a integer
                                );

                                """).errors())
                .containsExactly(new RestoreError(
                        5,
                        Phase.UNKNOWN,
                        "1259 16385 TABLE a\nb app",
                        "could not execute query: ERROR:  syntax error at or near \"(\"",
                        "LINE 1: CREATE TABLE public.t (\n                              ^\nHINT:  Think.",
                        "CREATE TABLE public.t (\n    a integer\n);"));
    }

    @Test
    void a_command_may_hold_lines_that_look_like_messages() {
        RestoreLog log = read("""
                pg_restore: from TOC entry 6; 1255 16388 FUNCTION f() app
                pg_restore: error: could not execute query: ERROR:  no
                Command was: %s
                pg_restore: from TOC entry 8; 1259 16389 INDEX i app
                pg_restore: error: could not execute query: ERROR:  neither
                Command was: %s
                pg_restore: warning: errors ignored on restore: 2""".formatted(FUNCTION.definition(), INDEX.definition()));
        assertThat(log.errors()).extracting(RestoreError::dumpId).containsExactly(6, 8);
        assertThat(log.errors().get(0).command())
                .isEqualTo(FUNCTION.definition().stripTrailing());
    }

    @Test
    void the_failed_command_decides_when_the_messages_of_parallel_jobs_interleave() {
        assertThat(read("""
                                pg_restore: from TOC entry 8; 1259 16389 INDEX i app
                                pg_restore: from TOC entry 9; 2606 16390 CONSTRAINT t k app
                                pg_restore: error: could not execute query: ERROR:  index
                                Command was: CREATE INDEX i ON public.t USING btree (a);
                                pg_restore: error: could not execute query: ERROR:  key
                                Command was: ALTER TABLE ONLY public.t
                                    ADD CONSTRAINT k PRIMARY KEY (a);
                                pg_restore: error: COPY failed for table "t": ERROR:  disk full""").errors()).extracting(RestoreError::dumpId).containsExactly(8, 9, 7);
    }

    @Test
    void an_error_without_an_entry_has_none() {
        assertThat(read("pg_restore: error: connection to server failed: FATAL:  database \"x\" does not exist")
                        .errors())
                .containsExactly(new RestoreError(
                        null,
                        Phase.UNKNOWN,
                        "",
                        "connection to server failed: FATAL:  database \"x\" does not exist",
                        null,
                        ""));
    }

    @Test
    void a_line_of_unknown_meaning_is_kept() {
        assertThat(read("Segmentation fault").unknownLines()).containsExactly("Segmentation fault");
    }

    @Test
    void a_miscount_is_reported() {
        RestoreError error = new RestoreError(null, Phase.UNKNOWN, "", "x", null, "");
        assertThat(result(1, List.of(error), OptionalInt.of(2)).miscount())
                .hasValue("pg_restore counted 2 errors, but its log shows 1.");
        assertThat(result(0, List.of(error), OptionalInt.empty()).miscount())
                .hasValue("pg_restore counted 0 errors, but its log shows 1.");
        assertThat(result(1, List.of(error), OptionalInt.of(1)).miscount()).isEmpty();
    }

    @Test
    void the_count_of_parallel_jobs_only_distinguishes_none_from_some() {
        RestoreError error = new RestoreError(null, Phase.UNKNOWN, "", "x", null, "");
        assertThat(new RestoreResult(4, 1, Duration.ZERO, List.of(error), OptionalInt.of(2), List.of()).miscount())
                .isEmpty();
        assertThat(new RestoreResult(4, 1, Duration.ZERO, List.of(), OptionalInt.of(2), List.of()).miscount())
                .hasValue("pg_restore counted 2 errors, but its log shows 0.");
    }

    @Test
    void a_restore_reached_the_end_when_it_counts_its_errors() {
        assertThat(result(0, List.of(), OptionalInt.empty()).reachedTheEnd()).isTrue();
        assertThat(result(1, List.of(), OptionalInt.of(1)).reachedTheEnd()).isTrue();
        assertThat(result(1, List.of(), OptionalInt.empty()).reachedTheEnd()).isFalse();
    }

    private static RestoreResult result(int status, List<RestoreError> errors, OptionalInt ignored) {
        return new RestoreResult(1, status, Duration.ZERO, errors, ignored, List.of());
    }

    private static RestoreLog read(String lines) {
        RestoreLog log = new RestoreLog(Contents.of(TABLE, FUNCTION, DATA, INDEX, KEY, FORGER));
        lines.lines().forEach(log::accept);
        return log;
    }
}
