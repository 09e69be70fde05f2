package io.github.pgbackup.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class InterleavedMessagesTest {

    @Test
    void messages_of_a_single_job_are_unchanged() {
        String log = """
                pg_restore: creating TABLE "public.a
                 b"
                pg_restore: error: could not execute query: ERROR:  role "r" does not exist
                Command was: CREATE POLICY p ON public.a TO r;

                pg_restore: warning: errors ignored on restore: 1""";

        assertThat(read(log)).isEqualTo(log);
    }

    /** Written by pg_restore 15 with four jobs. */
    @Test
    void interleaved_messages_of_several_jobs_are_separated() {
        assertThat(read("""
                pg_restore: from TOC entry 3381; 3256 156907 POLICY a p postgres
                pg_restore: pg_restore:error:  finished item 3383 TABLE DATA t1
                could not execute query: ERROR:  role "r" does not exist
                Command was: CREATE POLICY p ON public.a TO r;

                pg_restore:pg_restore: processing data for table "public.t2"
                 while PROCESSING TOC:
                pg_restore: pg_restore: finished item 3389 TABLE DATA t7
                creating POLICY "public.a p\"""")).isEqualTo("""
                pg_restore: from TOC entry 3381; 3256 156907 POLICY a p postgres
                pg_restore: finished item 3383 TABLE DATA t1
                pg_restore: error: could not execute query: ERROR:  role "r" does not exist
                Command was: CREATE POLICY p ON public.a TO r;

                pg_restore: processing data for table "public.t2"
                pg_restore: while PROCESSING TOC:
                pg_restore: finished item 3389 TABLE DATA t7
                pg_restore: creating POLICY "public.a p\"""");
    }

    @Test
    void no_message_is_lost_in_whatever_order_the_parts_of_three_jobs_come() {
        List<List<String>> jobs = List.of(
                List.of(
                        "pg_restore:",
                        " ",
                        "creating INDEX \"public.i\"\n",
                        "pg_restore:",
                        " ",
                        "while PROCESSING TOC:\n",
                        "pg_restore:",
                        " ",
                        "from TOC entry 5; 1259 16385 INDEX i app\n",
                        "pg_restore:",
                        " ",
                        "error: ",
                        "could not execute query: ERROR:  no\nDETAIL:  nothing\nCommand was: CREATE INDEX i;\n\n\n",
                        "pg_restore:",
                        " ",
                        "creating INDEX \"public.j\"\n"),
                List.of(
                        "pg_restore:",
                        " ",
                        "processing data for table \"public.t\"\n",
                        "pg_restore:",
                        " ",
                        "error: ",
                        "COPY failed for table \"t\": ERROR:  no\nCONTEXT:  COPY t, line 1\n",
                        "pg_restore:",
                        " ",
                        "creating CONSTRAINT \"public.t k\"\n",
                        "pg_restore:",
                        " ",
                        "creating INDEX \"public.k\"\n"),
                List.of(
                        "pg_restore:",
                        " ",
                        "finished item 3389 TABLE DATA t\n",
                        "pg_restore:",
                        " ",
                        "launching item 3390 INDEX k\n"));
        List<String> expected = jobs.stream()
                .flatMap(job -> String.join("", job).lines())
                .filter(line -> line.startsWith("pg_restore:"))
                .sorted()
                .toList();
        Random random = new Random(42);
        for (int attempt = 0; attempt < 10_000; attempt++) {
            String mixed = mix(jobs, random);
            assertThat(read(mixed)
                            .lines()
                            .filter(line -> line.startsWith("pg_restore:"))
                            .sorted())
                    .as(mixed)
                    .isEqualTo(expected);
        }
    }

    private static String mix(List<List<String>> jobs, Random random) {
        List<ArrayList<String>> left =
                jobs.stream().map(ArrayList::new).collect(Collectors.toCollection(ArrayList::new));
        StringBuilder mixed = new StringBuilder();
        while (!left.isEmpty()) {
            ArrayList<String> job = left.get(random.nextInt(left.size()));
            mixed.append(job.remove(0));
            if (job.isEmpty()) {
                left.remove(job);
            }
        }
        return mixed.toString();
    }

    private static String read(String log) {
        InterleavedMessages messages = new InterleavedMessages("pg_restore");
        return Stream.of(log.split("\n", -1)).map(messages::next).collect(Collectors.joining("\n"));
    }
}
