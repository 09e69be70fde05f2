package io.github.pgbackup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.archive.ArchiveData.ColumnObservations;
import io.github.pgbackup.archive.ArchiveData.ColumnQuestion;
import io.github.pgbackup.archive.ArchiveData.TableCount;
import io.github.pgbackup.archive.ArchiveData.TableObservations;
import io.github.pgbackup.archive.ArchiveData.TableQuestion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Reads scripts in the form of pg_restore, from streams that return one byte at a time and from streams that return
 * everything at once.
 */
final class ArchiveDataTest {

    private static final String COPY = "COPY public.t (id, \"a \"\"b\") FROM stdin;\n";

    @Test
    void rows_are_counted() throws IOException {
        assertThat(observations(COPY, COPY + "1\tx\n2\ty\n\\.\n\n--\n").rows()).isEqualTo(2);
    }

    @Test
    void an_empty_table_has_no_row() throws IOException {
        assertThat(observations(COPY, COPY + "\\.\n").rows()).isZero();
    }

    @Test
    void a_table_without_columns_has_rows() throws IOException {
        String copy = "COPY public.t  FROM stdin;\n";
        assertThat(observations(copy, copy + "\n\n\n\\.\n").rows()).isEqualTo(3);
    }

    @Test
    void nulls_values_others_and_distinct_values_are_counted() throws IOException {
        String script = "SET row_security = off;\n\n" + COPY
                + "1\tdraft\n2\t\\N\n3\tdraft\n4\t\n5\tdrafty\n6\t\\\\N\n7\ta\\tb\\\\c\\nd\n\\.\n";
        ColumnQuestion question =
                new ColumnQuestion("a \"b", Set.of("draft", "a\tb\\c\nd", "\\N", "missing", ""), true);

        assertThat(observations(COPY, script, question))
                .isEqualTo(new TableObservations(
                        7,
                        Map.of(
                                "a \"b",
                                new ColumnObservations(
                                        1,
                                        Map.of("draft", 2L, "a\tb\\c\nd", 1L, "\\N", 1L, "missing", 0L, "", 1L),
                                        1,
                                        OptionalLong.of(5)))));
    }

    @Test
    void the_first_column_is_found_too() throws IOException {
        TableObservations observations =
                observations(COPY, COPY + "1\tx\n1\tx\n\\N\t1\n\\.\n", new ColumnQuestion("id", Set.of("1"), true));
        assertThat(observations.columns().get("id"))
                .isEqualTo(new ColumnObservations(1, Map.of("1", 2L), 0, OptionalLong.of(1)));
    }

    @Test
    void a_column_without_data_in_the_archive_has_no_observations() throws IOException {
        TableObservations observations =
                observations(COPY, COPY + "1\tx\n\\.\n", new ColumnQuestion("generated", Set.of(), false));
        assertThat(observations).isEqualTo(new TableObservations(1, Map.of()));
    }

    @Test
    void a_table_whose_name_holds_a_line_feed_is_found() throws IOException {
        String copy = "COPY public.\"a\nb\" (x) FROM stdin;\n";
        String script = "COPY public.\"a\nCOPY public.\"a\nb\" (x) FROM stdin;\n1\n\\.\n";
        assertThat(observations(copy, script).rows()).isEqualTo(1);
    }

    @Test
    void a_value_larger_than_the_buffer_is_counted() throws IOException {
        String large = "x".repeat(300_000);
        String script = COPY + "1\t" + large + "\n2\t" + large + "\n3\t" + large + "y\n\\.\n";
        TableObservations observations = observations(COPY, script, new ColumnQuestion("a \"b", Set.of("x"), true));
        assertThat(observations.rows()).isEqualTo(3);
        assertThat(observations.columns().get("a \"b").distinct()).hasValue(2);
    }

    @Test
    void too_many_distinct_values_are_not_counted() throws IOException {
        StringBuilder script = new StringBuilder(COPY);
        for (int i = 0; i < 1000; i++) {
            script.append(i).append("\tx\n");
        }
        script.append("\\.\n");
        TableQuestion question =
                new TableQuestion(List.of(data(COPY)), List.of(new ColumnQuestion("id", Set.of(), true)));
        assertThat(observations(question, script.toString(), 999)
                        .columns()
                        .get("id")
                        .distinct())
                .isEmpty();
        assertThat(observations(question, script.toString(), 1000)
                        .columns()
                        .get("id")
                        .distinct())
                .hasValue(1000);
    }

    @Test
    void missing_data_is_reported() {
        assertThatThrownBy(() -> observations(COPY, "SET row_security = off;\n"))
                .hasMessage("The archive holds no data for TABLE DATA public.t, or the data before it has no end.");
    }

    @Test
    void data_without_an_end_is_reported() {
        assertThatThrownBy(() -> observations(COPY, COPY + "1\tx\n2\tx\n3"))
                .hasMessage("The archive's data for TABLE DATA public.t has no end.");
        assertThatThrownBy(() ->
                        observations(COPY, COPY + "1\tx\n2\tx\n3", new ColumnQuestion("a \"b", Set.of("x"), false)))
                .hasMessage("The archive's data for TABLE DATA public.t has no end.");
    }

    private static TableObservations observations(String copy, String script, ColumnQuestion... columns)
            throws IOException {
        return observations(new TableQuestion(List.of(data(copy)), List.of(columns)), script, 1000);
    }

    private static TableObservations observations(TableQuestion question, String script, int mostHashes)
            throws IOException {
        byte[] bytes = script.getBytes(StandardCharsets.UTF_8);
        TableObservations atOnce = observations(question, new ByteArrayInputStream(bytes), mostHashes);
        TableObservations byByte = observations(question, new ByteByByte(bytes), mostHashes);
        assertThat(byByte).isEqualTo(atOnce);
        return atOnce;
    }

    private static TableObservations observations(TableQuestion question, InputStream script, int mostHashes)
            throws IOException {
        TableCount count = new TableCount(question, StandardCharsets.UTF_8, mostHashes);
        ArchiveData.scan(new CopyScanner(script), question.data().get(0), List.of(count));
        return count.observations();
    }

    private static Entry data(String copyStatement) {
        return new Entry(
                1,
                true,
                0,
                0,
                "t",
                "TABLE DATA",
                Entry.Section.DATA,
                "",
                copyStatement,
                "public",
                "",
                "",
                "",
                "",
                List.of(),
                null);
    }

    private static final class ByteByByte extends ByteArrayInputStream {

        ByteByByte(byte[] bytes) {
            super(bytes);
        }

        @Override
        public synchronized int read(byte[] buffer, int offset, int length) {
            return super.read(buffer, offset, Math.min(length, 1));
        }

        @Override
        public int read(byte[] buffer) {
            return read(buffer, 0, buffer.length);
        }
    }
}
