package io.github.pgbackup.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.pgbackup.description.CatalogSchema.Catalog;
import io.github.pgbackup.description.CatalogSchema.Reference;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.run.OddDatabase;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checks that a description is complete: each column of each catalog that is not excluded by name is changed in the catalog
 * itself, and the description must change with it. The columns come from the server, so that new ones are tested, too.
 */
final class DescriptionIT {

    private static final String DATABASE = "odd";

    /** Candidate rows for the change; others violate a unique key, or are null in columns whose rendering needs a value. */
    private static final int CANDIDATES = 400;

    /** Catalogs without rows in the corpus: PostgreSQL has no label provider. */
    private static final String MORE = """
            create table public.halves (n int) partition by list ((n % 2));
            create table public.thirds (n int) partition by list ((n % 3));
            insert into pg_catalog.pg_seclabel
                values ('public.halves'::regclass, 'pg_class'::regclass, 1, 'provider', 'label');
            insert into pg_catalog.pg_shseclabel
                select oid, 'pg_database'::regclass, 'provider', 'label'
                from pg_catalog.pg_database where datname = current_database();
            """;

    @TempDir
    Path directory;

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void a_change_of_any_column_of_any_catalog_is_seen(Programs programs) throws SQLException {
        try (ProductionServer production = OddDatabase.server(programs)) {
            OddDatabase.create(production, DATABASE, programs.major());
            try (Connection connection = production.connect(DATABASE)) {
                connection.setAutoCommit(false);
                Session session = new Session(connection);
                session.execute("set allow_system_table_mods = on; set default_transaction_read_only = off");
                connection.commit();
                session.execute(MORE);
                CatalogSchema schema = CatalogSchema.of(session);
                Describer describer = Describer.of(session, "salt");
                Set<String> unseen = new TreeSet<>();
                int seen = 0;
                for (CatalogQuery query : CatalogQueries.of(schema).queries()) {
                    Catalog catalog = schema.catalogs().get(query.catalog());
                    String which = isFilled(session, query, "not (" + query.builtIn() + ")")
                            ? "not (" + query.builtIn() + ")"
                            : "true";
                    List<String> before = describe(describer, query, which);
                    for (Map.Entry<String, String> column : columns(catalog).entrySet()) {
                        boolean noticed = isSeen(session, describer, query, which, before, column, schema);
                        seen += noticed ? 1 : 0;
                        if (!noticed) {
                            unseen.add(query.catalog() + "." + column.getKey() + " " + column.getValue());
                        }
                    }
                }
                assertThat(unseen).isEmpty();
                assertThat(seen).isGreaterThan(350);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void a_description_is_read_as_it_was_written_and_valid_against_the_schema(Programs programs) throws Exception {
        try (ProductionServer production = OddDatabase.server(programs)) {
            OddDatabase.create(production, DATABASE, programs.major());
            try (Connection connection = production.connect(DATABASE)) {
                connection.setAutoCommit(false);
                Session session = new Session(connection);
                DescriptionFile written =
                        DescriptionFile.write(Describer.of(session, "salt"), directory.resolve("description.json.gz"));
                Map<String, DescribedRow> rows = new TreeMap<>();
                Describer describer = Describer.of(session, "salt");
                describer.omitPristine();
                describer.describe(row -> rows.put(row.identity(), row));

                DescriptionFile opened = DescriptionFile.open(written.path());
                List<DescribedRow> read = new ArrayList<>();
                opened.read(opened.header().builtIn().keySet(), read::add);

                assertThat(opened.header()).isEqualTo(written.header());
                read.sort(Comparator.comparing(DescribedRow::identity));
                assertThat(read)
                        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("oid", "properties")
                        .isEqualTo(List.copyOf(rows.values()));
                for (DescribedRow row : read) {
                    DescribedRow described = rows.get(row.identity());
                    assertThat(JsonParser.parseString(row.properties()))
                            .isEqualTo(JsonParser.parseString(described.properties()));
                    boolean assignedByInitdb = described.oid() >= 12_000
                            && row.builtIn()
                            && opened.header().builtIn().containsKey(row.catalog());
                    assertThat(row.oid()).isEqualTo(assignedByInitdb ? 0 : described.oid());
                }
                assertThat(schema().validate(text(written), InputFormat.JSON)).isEmpty();
                assertThat(read)
                        .hasSizeGreaterThan(3_000)
                        .noneMatch(row -> row.properties().contains(Describer.UNREADABLE));
            }
        }
    }

    /** Otherwise each of their rows would have to be compared. */
    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void two_new_servers_of_a_major_version_have_equal_digests_of_the_rows_from_initdb(Programs programs)
            throws Exception {
        try (ProductionServer one = ProductionServer.start(programs.bin());
                ProductionServer other = ProductionServer.start(programs.bin())) {
            one.createDatabase("filled");
            one.execute("filled", """
                    create table t (a int primary key, b text default 'x'); comment on table t is 'x';
                    create view v as select * from t; create extension hstore; grant select on t to public""");
            other.createDatabase("empty");
            DescriptionFile filled = describe(one, "filled");
            DescriptionFile empty = describe(other, "empty");

            assertThat(empty.header().builtIn())
                    .hasSizeGreaterThan(15)
                    .containsKeys("pg_attribute", "pg_collation", "pg_rewrite", "information_schema.sql_features");
            assertThat(filled.header().builtIn()).isEqualTo(empty.header().builtIn());
            assertThat(filled.header().pristine()).isEqualTo(empty.header().pristine());
            List<DescribedRow> builtIn = new ArrayList<>();
            empty.read(Set.of(), builtIn::add);
            assertThat(builtIn).hasSizeLessThan(20);
        }
    }

    private DescriptionFile describe(ProductionServer server, String database) throws Exception {
        try (Connection connection = server.connect(database)) {
            connection.setAutoCommit(false);
            return DescriptionFile.write(
                    Describer.of(new Session(connection), "salt"), directory.resolve(database + ".json.gz"));
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void a_database_is_what_its_description_says(Programs programs) throws Exception {
        try (ProductionServer production = OddDatabase.server(programs)) {
            OddDatabase.create(production, DATABASE, programs.major());
            try (Connection connection = production.connect(DATABASE)) {
                connection.setAutoCommit(false);
                Session session = new Session(connection);
                DescriptionFile description =
                        DescriptionFile.write(Describer.of(session, "salt"), directory.resolve("description.json.gz"));
                Describer again = Describer.of(session, "salt");

                DescriptionComparison.Result result = DescriptionComparison.of(
                        description, again, true, new ReferenceDatabase(session, again, new NoServers()));

                assertThat(result.differences()).isEmpty();
                assertThat(result.compared()).containsKeys("TABLE", "VIEW", "FUNCTION", "POLICY", "FK CONSTRAINT");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void a_row_that_cannot_be_rendered_is_found_and_named(Programs programs) throws Exception {
        try (ProductionServer production = ProductionServer.start(programs.bin())) {
            production.createDatabase("broken");
            production.execute("broken", """
                    create table t (a int default 1, b int default 2);
                    create view v as select a from t;
                    set allow_system_table_mods = on;
                    update pg_attrdef set adbin = (select ev_action from pg_rewrite where ev_class = 'v'::regclass)
                    where adrelid = 't'::regclass and adnum = 2""");
            try (Connection connection = production.connect("broken")) {
                connection.setAutoCommit(false);
                Map<String, String> defaults = new TreeMap<>();

                Describer.of(new Session(connection), "salt")
                        .describe(Set.of("pg_attrdef"), row -> defaults.put(row.object(), row.properties()));

                assertThat(defaults.keySet())
                        .containsExactly("DEFAULT \"public\".\"t\" \"a\"", "DEFAULT \"public\".\"t\" \"b\"");
                assertThat(defaults.get("DEFAULT \"public\".\"t\" \"a\"")).endsWith(",\"adbin\":\"1\"}");
                assertThat(defaults.get("DEFAULT \"public\".\"t\" \"b\"")).contains(Describer.UNREADABLE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void a_role_that_may_not_read_everything_describes_the_same(Programs programs) throws Exception {
        try (ProductionServer production = ProductionServer.start(programs.bin())) {
            production.execute("postgres", "create role reader login password 'r'");
            production.createDatabase("filled");
            production.execute("filled", "create table t (a int); create view v as select * from t");
            DescriptionFile description;
            try (Connection connection = production.connect("filled", "reader", "r")) {
                connection.setAutoCommit(false);
                description = DescriptionFile.write(
                        Describer.of(new Session(connection), "salt"), directory.resolve("reader.json.gz"));
            }
            assertThat(description.header().hidden()).contains("pg_user_mapping.umoptions");
            assertThat(description.header().builtIn()).containsKeys("pg_attribute", "pg_rewrite");

            assertThat(differences(production, "filled", description)).isEmpty();
        }
    }

    private static List<Difference> differences(ProductionServer server, String database, DescriptionFile description)
            throws Exception {
        try (Connection connection = server.connect(database)) {
            connection.setAutoCommit(false);
            Session session = new Session(connection);
            Describer describer = Describer.of(session, "salt");
            return DescriptionComparison.of(
                            description, describer, true, new ReferenceDatabase(session, describer, new NoServers()))
                    .differences();
        }
    }

    /** The rows of a catalog with such a text cannot be read together. */
    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void rows_from_initdb_may_have_texts_that_are_not_valid_UTF8(Programs programs) throws Exception {
        try (ProductionServer production = ProductionServer.start(programs.bin())) {
            production.execute("postgres", "create database any_bytes template template0 encoding 'SQL_ASCII'");
            production.execute(
                    "any_bytes",
                    "comment on view pg_catalog.pg_views is E'\\351'; comment on view pg_catalog.pg_tables is 'é'");
            DescriptionFile description = describe(production, "any_bytes");

            assertThat(differences(production, "any_bytes", description)).isEmpty();
            List<String> comments = new ArrayList<>();
            description.read(Set.of(), row -> {
                if (row.object().startsWith("VIEW ")) {
                    comments.add(row.object() + ": " + row.text("description") + row.text(Describer.UNREADABLE));
                }
            });
            assertThat(comments)
                    .hasSize(2)
                    .contains("VIEW \"pg_tables\": é")
                    .anyMatch(comment -> comment.startsWith("VIEW \"pg_views\": ERROR: invalid byte sequence"));
            assertThat(description.header().builtIn()).containsKey("pg_rewrite").doesNotContainKey("pg_description");
        }
    }

    @Test
    void a_file_that_is_not_a_description_is_rejected() throws IOException {
        Path none = Files.writeString(directory.resolve("none"), "{}");

        assertThatThrownBy(() -> DescriptionFile.open(none)).isInstanceOf(IOException.class);
    }

    /** Equal databases are recognised without a third one. */
    private static final class NoServers implements DescriptionFindings.Servers {

        @Override
        public Session writing() {
            throw new IllegalStateException("Nothing has to be written.");
        }

        @Override
        public Session reference(Map<String, String> extensions) {
            throw new IllegalStateException("No other database is needed.");
        }
    }

    private static Schema schema() throws IOException {
        try (InputStream file = DescriptionFile.class.getResourceAsStream("description.schema.json")) {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(new String(file.readAllBytes(), StandardCharsets.UTF_8), InputFormat.JSON);
        }
    }

    private static String text(DescriptionFile description) throws IOException {
        try (InputStream file = new GZIPInputStream(Files.newInputStream(description.path()))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Map<String, String> columns(Catalog catalog) {
        Map<String, String> columns = new LinkedHashMap<>(catalog.columns());
        columns.keySet()
                .removeIf(column -> column.equals("oid")
                        || CatalogRules.EXCLUDED_COLUMNS.containsKey(catalog.name() + "." + column));
        return columns;
    }

    private static boolean isFilled(Session session, CatalogQuery query, String condition) throws SQLException {
        return session.list("select 1 " + query.from().replace(":filter", condition) + " limit 1", row -> row.getInt(1))
                .contains(1);
    }

    private static List<String> describe(Describer describer, CatalogQuery query, String which) throws SQLException {
        List<String> rows = new ArrayList<>();
        describer.describe(query, which, row -> rows.add(row.identity() + ' ' + row.partOf() + ' ' + row.properties()));
        rows.sort(null);
        return rows;
    }

    private static boolean isSeen(
            Session session,
            Describer describer,
            CatalogQuery query,
            String which,
            List<String> before,
            Map.Entry<String, String> column,
            CatalogSchema schema)
            throws SQLException {
        String name = column.getKey();
        Catalog catalog = schema.catalogs().get(query.catalog());
        List<String> places = session.list(
                "select a.ctid::text" + query.from().replace(":filter", which) + " order by a." + name + " is null, a."
                        + name + "::text = '0', md5(a.ctid::text) limit " + CANDIDATES,
                row -> row.getString(1));
        for (String place : places) {
            session.execute("savepoint mutant");
            boolean seen = false;
            try {
                session.execute("update " + query.catalog() + " a set " + name + " = "
                        + mutant(catalog, name, column.getValue()) + " where a.ctid = '" + place + "'");
                seen = !describe(describer, query, which).equals(before);
            } catch (SQLException refused) {
                if (!refused.getSQLState().matches("23.*|22.*|XX.*|42.*|0A.*")) {
                    throw refused;
                }
            }
            session.execute("rollback to savepoint mutant; release savepoint mutant");
            if (seen) {
                return true;
            }
        }
        return false;
    }

    /** Another value of the column's type. */
    private static String mutant(Catalog catalog, String column, String type) {
        String value = "a." + column;
        Reference reference = catalog.references().get(column);
        Optional<String> target =
                reference == null || reference.array() || reference.relation().isPresent()
                        ? Optional.empty()
                        : Optional.of(reference.target());
        String otherOid = "(select z.oid from " + target.orElse("pg_proc") + " z where z.oid <> coalesce(" + value
                + "::oid, 0) order by md5(z.oid::text || a.ctid::text) limit 1)";
        return switch (type) {
            case "boolean" -> "not coalesce(" + value + ", false)";
            case "information_schema.character_data" -> "coalesce(" + value + ", '') || 'm'";
            case "information_schema.yes_or_no" -> "case when " + value + " = 'YES' then 'NO' else 'YES' end";
            case "information_schema.cardinal_number", "smallint", "integer", "bigint", "real", "double precision" ->
                "coalesce(" + value + ", 0) + 1";
            case "char" -> "case when " + value + " = 'x' then 'y' else 'x' end::\"char\"";
            case "name" -> "'m_' || left(coalesce(" + value + ", '')::text, 40)";
            case "text" -> "coalesce(" + value + ", '') || 'm'";
            case "bytea" -> "coalesce(" + value + ", '') || '\\x6d00'";
            case "text[]" -> "coalesce(" + value + ", '{}') || 'm=1'::text";
            // A dangling reference can end a server; moving mappings to another configuration has no effect.
            case "oid" ->
                target.isPresent() && !column.equals("mapcfg") ? otherOid : "(" + value + "::bigint + 1)::oid";
            case "regproc" -> otherOid + "::regproc";
            case "oidvector" -> "(" + value + "::text || ' 23')::oidvector";
            case "int2vector" -> "(" + value + "::text || ' 1')::int2vector";
            case "oid[]" -> "coalesce(" + value + ", '{}') || 23::oid";
            case "smallint[]" -> "coalesce(" + value + ", '{}') || 1::int2";
            case "char[]" -> "coalesce(" + value + ", '{}') || 'i'::\"char\"";
            case "aclitem[]" -> "coalesce(" + value + ", '{}') || makeaclitem(0, 10, 'SELECT', true)";
            // From the same column: a server trusts its catalogs and crashes on a tree of an unexpected kind
            // be.
            case "pg_node_tree" ->
                "(select z." + column + " from " + catalog.name() + " z where z." + column + "::text <> coalesce("
                        + value + "::text, '') order by md5(z.ctid::text || a.ctid::text) limit 1)";
            default -> throw new IllegalStateException("No other value of " + type + " is known, for " + column + ".");
        };
    }
}
