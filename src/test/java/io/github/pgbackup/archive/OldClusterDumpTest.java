package io.github.pgbackup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.CannotVerifyException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the databases begin and end in the output of pg_dumpall before PostgreSQL 12, and that no gap in it goes unnoticed. */
final class OldClusterDumpTest {

    private static final String END = "-- PostgreSQL database dump complete\n--\n\n";

    /** A line that connects to a database whose dump follows. */
    private static final Pattern CONNECT = Pattern.compile(
            "(?m)^\\\\connect .*\\n\\n(?=SET default_transaction_read_only|--\\n-- PostgreSQL database dump\\n)");

    @TempDir
    private Path directory;

    private static String text(String version) throws IOException {
        try (InputStream in = OldClusterDumpTest.class.getResourceAsStream("/archive/pg_dumpall-" + version + ".sql")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private StoredArchive read(String text, String database) throws IOException, InterruptedException {
        Path unpacked = Files.createTempDirectory(directory, "unpacked");
        return StoredArchive.read(
                Files.writeString(directory.resolve("all.sql"), text),
                unpacked.resolve("archive"),
                Optional.of(database),
                () -> false);
    }

    private void assertDamaged(String text) {
        assertThatThrownBy(() -> read(text, "shop"))
                .as(text.substring(Math.max(0, text.length() - 300)))
                .isInstanceOf(CannotVerifyException.class)
                .message()
                .satisfiesAnyOf(
                        message -> assertThat(message).contains(" is damaged: "),
                        message -> assertThat(message).contains(" follows the end of the dump: "),
                        // Without its last lines.
                        message -> assertThat(message).contains(" is not a pg_dump archive: ", "is empty."));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "9.6 | shop | \\connect shop | orders",
                "10 | archive | \\connect archive | old",
                "10 | shop of Zürich's | \\connect -reuse-previous=on \"dbname='shop of Zürich\\'s'\" | orders",
                "11 | shop | -- PostgreSQL database dump | orders",
                "11 | crm | -- PostgreSQL database dump | clients"
            })
    void a_database_is_extracted_with_the_line_that_leads_to_it(
            String version, String database, String first, String table) throws Exception {
        StoredArchive read = read(text(version), database);

        assertThat(Files.readString(read.archive().path()))
                .startsWith(first + "\n")
                .contains(END)
                .endsWith("\n");
        assertThat(read.archive().contents().databaseName()).isEqualTo(database);
        assertThat(read.archive().contents().entries())
                .filteredOn(Entry::isTableData)
                .extracting(Entry::tag)
                .containsExactly(table);
        assertThat(Files.readString(read.cluster().globals()))
                .contains("CREATE ROLE app;\n")
                .doesNotContain("-- PostgreSQL database dump\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "10", "11"})
    void a_dump_truncated_after_any_line_is_damaged(String version) throws Exception {
        String whole = text(version);
        int end = whole.indexOf("-- PostgreSQL database cluster dump complete");
        for (int cut = whole.indexOf("SET "); cut < end; cut = whole.indexOf('\n', cut + 1)) {
            assertDamaged(whole.substring(0, cut));
        }
    }

    @Test
    void the_last_database_alone_is_damaged() throws Exception {
        String whole = text("11");
        assertDamaged(whole.substring(whole.lastIndexOf("--\n-- PostgreSQL database dump\n")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "10", "11"})
    void the_missing_end_of_a_database_is_damage(String version) throws Exception {
        String whole = text(version);
        int ends = 0;
        for (int at = whole.indexOf(END); at >= 0; at = whole.indexOf(END, at + 1)) {
            assertDamaged(whole.substring(0, at) + whole.substring(at + END.length()));
            ends++;
        }
        assertThat(ends).isEqualTo(version.equals("9.6") ? 3 : 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "10", "11"})
    void the_missing_beginning_of_a_database_is_damage(String version) throws Exception {
        String whole = text(version);
        for (MatchResult connect : CONNECT.matcher(whole).results().toList()) {
            assertDamaged(whole.substring(0, connect.start()) + whole.substring(connect.end()));
        }
        String beginning = "\n-- PostgreSQL database dump\n";
        for (int at = whole.indexOf(beginning); at >= 0; at = whole.indexOf(beginning, at + 1)) {
            assertDamaged(whole.substring(0, at) + whole.substring(at + beginning.length()));
        }
    }

    /** The line that connects is there; or it is not, and another line creates the database. */
    @ParameterizedTest
    @ValueSource(strings = {"9.6", "10", "11"})
    void a_missing_database_is_damage(String version) throws Exception {
        String whole = text(version);
        for (MatchResult connect : CONNECT.matcher(whole).results().toList()) {
            int dump = whole.indexOf("--\n-- PostgreSQL database dump\n", connect.start());
            int end = whole.indexOf(END, dump) + END.length();
            assertDamaged(whole.substring(0, dump) + whole.substring(end));
            if (!connect.group().matches("\\\\connect (postgres|template1)\n\n")) {
                assertDamaged(whole.substring(0, connect.start()) + whole.substring(end));
            }
        }
    }

    @Test
    void a_command_between_two_databases_is_refused() throws Exception {
        String whole = text("11");
        int between = whole.indexOf(END) + END.length();

        assertThatThrownBy(
                        () -> read(whole.substring(0, between) + "DROP ROLE app;\n" + whole.substring(between), "shop"))
                .hasMessageContaining(" follows the end of the dump");
    }
}
