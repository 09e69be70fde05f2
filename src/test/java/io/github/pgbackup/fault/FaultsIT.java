package io.github.pgbackup.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.archive.ArchiveFormat;
import io.github.pgbackup.archive.Compression;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.expectation.Claim;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.ObjectExpectation;
import io.github.pgbackup.expectation.ObjectKind;
import io.github.pgbackup.expectation.ObjectName;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Which faults are chosen. */
final class FaultsIT {

    @Test
    void the_same_seed_chooses_the_same_faults_and_another_one_others(TestInfo test) throws SQLException {
        String database = database(test);

        List<String> first = chosen(database, 7, List.of());

        assertThat(chosen(database, 7, List.of())).isEqualTo(first);
        assertThat(chosen(database, 8, List.of())).isNotEqualTo(first);
    }

    @Test
    void an_additional_table_changes_nothing_for_the_others(TestInfo test) throws SQLException {
        String database = database(test);
        List<String> before = chosen(database, 7, List.of());
        ProductionServer.shared().execute(database, "create table another (x int, y int)");

        List<String> after = chosen(database, 7, List.of());

        assertThat(after).containsAll(before);
        assertThat(after.stream().filter(fault -> !before.contains(fault)))
                .isNotEmpty()
                .allMatch(fault -> fault.contains("another"));
    }

    @Test
    void every_object_that_an_expectation_names_has_a_fault_and_otherwise_one_per_table(TestInfo test)
            throws SQLException {
        String database = database(test);

        assertThat(chosen(database, 7, List.of()))
                .filteredOn(fault -> fault.startsWith("column-null public.a."))
                .hasSize(1);
        assertThat(chosen(database, 7, List.of(column("public.a.c3"), column("public.a.c5"))))
                .filteredOn(fault -> fault.startsWith("column-null public.a."))
                .containsExactlyInAnyOrder("column-null public.a.c3", "column-null public.a.c5");
    }

    @Test
    void the_first_fault_of_each_kind_comes_before_the_second_of_any(TestInfo test) throws SQLException {
        List<String> kinds = chosen(database(test), 7, List.of()).stream()
                .map(fault -> fault.split(" ", 2)[0])
                .toList();

        long different = kinds.stream().distinct().count();
        assertThat(kinds.stream().limit(different).distinct()).hasSize((int) different - 2); // without the archive's
    }

    private static Expectation column(String name) {
        return new ObjectExpectation(
                ObjectKind.COLUMN, ObjectName.parse(ObjectKind.COLUMN, name), List.of(Claim.present(true)), null);
    }

    private static List<String> chosen(String database, long seed, List<Expectation> expectations) throws SQLException {
        TableOfContents empty = new TableOfContents(
                "1.16",
                ArchiveFormat.CUSTOM,
                Compression.Method.NONE,
                StandardCharsets.UTF_8,
                "UTF8",
                LocalDateTime.MIN,
                database,
                "19",
                "19",
                List.of());
        try (Session session = new Session(ProductionServer.shared().connect(database))) {
            return new Faults(empty, expectations, seed)
                    .choose(session).stream()
                            .map(fault -> fault.kind().tag() + " " + fault.object())
                            .toList();
        }
    }

    private static String database(TestInfo test) {
        String database = test.getTestMethod().orElseThrow().getName();
        database = database.substring(0, Math.min(63, database.length()));
        ProductionServer.shared().createDatabase(database);
        String columns = String.join(
                ", ", IntStream.range(0, 9).mapToObj(i -> "c" + i + " int").toList());
        ProductionServer.shared()
                .execute(database, "create table a (" + columns + "); create table b (" + columns + ")");
        return database;
    }
}
