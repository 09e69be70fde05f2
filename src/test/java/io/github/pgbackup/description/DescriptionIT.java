package io.github.pgbackup.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import io.github.pgbackup.verification.OddDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The description of a database: complete, the same for the same database, and another one when any property of any object is
 * altered. The properties are those that the description itself says it has.
 */
final class DescriptionIT {

    private static final String DATABASE = "odd";

    /** Properties that no row of the corpus has another value of that its server would take. */
    private static final Set<String> WITHOUT_ROWS = Set.of();

    @TempDir
    Path directory;

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void every_property_that_is_altered_is_another_description(Programs programs) throws Exception {
        try (ProductionServer server = OddDatabase.server(programs)) {
            OddDatabase.create(server, DATABASE, programs.major());
            try (Session session = new Session(server.connect(DATABASE))) {
                session.execute("set default_transaction_read_only = off; set allow_system_table_mods = on");
                Set<String> unnoticed = new TreeSet<>();
                for (Map.Entry<String, String> property :
                        Describer.of(session, "salt").types().entrySet()) {
                    if (!WITHOUT_ROWS.contains(property.getKey())
                            && !isNoticed(session, property.getKey(), property.getValue())) {
                        unnoticed.add(property.getKey() + " (" + property.getValue() + ")");
                    }
                }
                assertThat(unnoticed).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void a_database_is_what_its_description_says_and_is_read_back(Programs programs) throws Exception {
        try (ProductionServer server = OddDatabase.server(programs)) {
            OddDatabase.create(server, DATABASE, programs.major());
            try (Session session = new Session(server.connect(DATABASE))) {
                session.execute("begin isolation level repeatable read, read only");
                Path path = directory.resolve("description.json.gz");
                DescriptionFile written = DescriptionFile.write(Describer.of(session, "salt"), path);

                DescriptionFile read = DescriptionFile.open(path);

                assertThat(read.header()).isEqualTo(written.header());
                List<DescribedRow> rows = new ArrayList<>();
                read.read(rows::add);
                assertThat(rows)
                        .hasSizeGreaterThan(10_000)
                        .noneMatch(row -> row.properties().contains(Describer.UNREADABLE));
                DescriptionComparison.Result result =
                        DescriptionComparison.of(read, Describer.of(session, "salt"), true);
                assertThat(result.differences()).isEmpty();
                assertThat(result.compared()).containsKeys("TABLE", "VIEW", "FUNCTION", "POLICY", "FK CONSTRAINT");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void a_row_that_cannot_be_rendered_is_found_and_named(Programs programs) throws Exception {
        try (ProductionServer server = ProductionServer.start(programs.bin())) {
            server.createDatabase("broken");
            server.execute("broken", """
                    create table t (a int default 1, b int default 2);
                    create view v as select a from t;
                    set allow_system_table_mods = on;
                    update pg_attrdef set adbin = (select ev_action from pg_rewrite where ev_class = 'v'::regclass)
                    where adrelid = 't'::regclass and adnum = 2""");
            try (Session session = new Session(server.connect("broken"))) {
                session.execute("begin isolation level repeatable read, read only");
                Map<String, String> defaults = new java.util.TreeMap<>();

                Describer.of(session, "salt")
                        .describe("pg_attrdef", row -> defaults.put(row.object(), row.properties()));

                assertThat(defaults.keySet())
                        .containsExactly("DEFAULT \"public\".\"t\" \"a\"", "DEFAULT \"public\".\"t\" \"b\"");
                assertThat(defaults.get("DEFAULT \"public\".\"t\" \"a\"")).isEqualTo("{\"adbin\":\"1\"}");
                assertThat(defaults.get("DEFAULT \"public\".\"t\" \"b\"")).contains(Describer.UNREADABLE);
            }
        }
    }

    @org.junit.jupiter.api.Test
    void what_is_no_description_is_refused() throws IOException {
        Path none = Files.writeString(directory.resolve("none"), "{}");

        assertThatThrownBy(() -> DescriptionFile.open(none)).isInstanceOf(IOException.class);
    }

    /** In a transaction that is rolled back. */
    private static boolean isNoticed(Session session, String property, String type) throws SQLException {
        String catalog = property.substring(0, property.lastIndexOf('.'));
        String column = property.substring(property.lastIndexOf('.') + 1);
        session.execute("begin");
        try {
            List<String> before = rows(session, catalog);
            for (String other : others(catalog, column, type)) {
                session.execute("savepoint mutant");
                try {
                    session.execute("update " + catalog + " a set " + column + " = " + other);
                    if (!rows(session, catalog).equals(before)) {
                        return true;
                    }
                } catch (SQLException e) {
                    // the server does not take this value
                }
                session.execute("rollback to savepoint mutant");
            }
            return false;
        } finally {
            session.execute("rollback");
        }
    }

    private static List<String> rows(Session session, String catalog) throws SQLException {
        List<String> rows = new ArrayList<>();
        Describer.of(session, "salt").describe(catalog, row -> rows.add(row.identity() + row.properties()));
        rows.sort(null);
        return rows;
    }

    /** Values of another row, and values of the type that are nobody's. */
    private static List<String> others(String catalog, String column, String type) {
        return switch (type) {
            case "boolean" -> List.of("not " + column);
            case "char" -> List.of("'x'", "'a'", "'d'");
            case "smallint", "integer", "bigint", "real" -> List.of(column + " + 1");
            case "name" -> List.of("left(" + column + "::text, 60) || 'x'");
            case "text" -> List.of(column + " || 'x'", "'x'", "null");
            case "regproc", "oid" ->
                List.of(
                        "(select max(b." + column + ") from " + catalog + " b)",
                        "(select min(b." + column + ") from " + catalog + " b)");
            case "text[]" -> List.of("array['x=y']", "null");
            case "aclitem[]" ->
                List.of("'{postgres=*/postgres}'", "(select array_agg(makeaclitem(10, 10, 'SELECT', true)))");
            case "pg_node_tree" ->
                List.of("null", "(select max(b." + column + "::text) from " + catalog + " b)::text::pg_node_tree");
            default ->
                List.of(
                        "null",
                        "(select b." + column + " from " + catalog + " b where b." + column + " is distinct from a."
                                + column + " limit 1)");
        };
    }
}
