package io.github.pgbackup.description;

import com.google.gson.JsonObject;
import io.github.pgbackup.postgres.Session;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Describes a session's database in the session's current transaction, with one statement per catalog. Settings and locks of the
 * transaction are the same afterwards.
 */
public final class Describer {

    /** Rows per fetch: about 2 MB of rows of usual size. */
    private static final int FETCH = 2000;

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** SQLSTATE classes that say nothing about a row: connection, resources, operator intervention, full disk. */
    private static final Set<String> NOT_THE_ROW = Set.of("08", "53", "57", "58P");

    /** The property of a row that cannot be rendered; its value is the server's message. */
    static final String UNREADABLE = "unreadable";

    /** Settings that affect the text of values and expressions. */
    static final String RENDERING = """
            set local search_path = '';
            set local quote_all_identifiers = on;
            set local timezone = 'UTC';
            set local datestyle = 'ISO, YMD';
            set local intervalstyle = 'iso_8601';
            set local extra_float_digits = 3;
            set local bytea_output = 'hex';
            set local xmlbinary = 'base64';
            """;

    private static final String SETTINGS = RENDERING + """
            set local cursor_tuple_fraction = 1;
            set local max_parallel_workers_per_gather = 0;
            set local jit = off""";

    private final Session session;
    private final CatalogSchema schema;
    private final CatalogQueries.Generated generated;
    private final Set<String> columns;
    private final String salt;
    private final boolean anyBytes;
    private boolean omitsPristine;
    private Set<String> omitsBuiltInOf = Set.of();

    /** Receives the rows one by one. */
    public interface Rows {
        void accept(DescribedRow row) throws SQLException;
    }

    private Describer(
            Session session, CatalogSchema schema, CatalogQueries.Generated generated, String salt, boolean anyBytes) {
        this.session = session;
        this.schema = schema;
        this.generated = generated;
        this.salt = salt;
        this.anyBytes = anyBytes;
        this.columns = new TreeSet<>();
        schema.catalogs()
                .values()
                .forEach(catalog -> catalog.columns().keySet().stream()
                        .filter(column -> !catalog.hidden().contains(column))
                        .forEach(column -> columns.add(catalog.name() + "." + column)));
        CatalogRules.ADDED.forEach(
                (catalog, added) -> added.keySet().forEach(column -> columns.add(catalog + "." + column)));
    }

    /**
     * Reads the structure of the server's catalogs and generates the statements.
     *
     * @param salt for digests of values that may be secret; descriptions to be compared need the same salt
     */
    public static Describer of(Session session, String salt) throws SQLException {
        CatalogSchema schema = CatalogSchema.of(session);
        String literal = "'" + salt.replace("'", "''") + "'";
        return new Describer(session, schema, CatalogQueries.of(schema), literal, mayHoldAnyBytes(session));
    }

    /**
     * Creates the same describer for another session.
     *
     * @param other a session of the same role on the same server
     */
    public Describer on(Session other) throws SQLException {
        return new Describer(other, schema, generated, salt, mayHoldAnyBytes(other));
    }

    /** Names and texts of such a database may be in any encoding, or even in several. */
    private static boolean mayHoldAnyBytes(Session session) throws SQLException {
        return "SQL_ASCII".equals(session.text("select pg_catalog.current_setting('server_encoding')"));
    }

    int major() {
        return schema.major();
    }

    /** The data that applies to all rows, including the pristine ones, which {@link #describe(Rows)} omits from now on. */
    public DescriptionFile.Header header() throws SQLException {
        Map<String, String> pristine = pristine();
        omitsPristine = !pristine.isEmpty();
        return new DescriptionFile.Header(schema.major(), columns, generated.hidden(), pristine, Map.of());
    }

    /**
     * The rows that initdb made, except the pristine ones, by catalog; {@link #describe(Rows)} omits them from now on. A catalog
     * whose rows cannot be read together is not included.
     *
     * @param withRows whether to read the rows, or only their digest
     */
    Map<String, BuiltInRows> builtIn(boolean withRows) throws SQLException {
        Map<String, BuiltInRows> builtIn = new TreeMap<>();
        if (!omitsPristine) {
            return builtIn;
        }
        List<CatalogQuery> queries = generated.queries().stream()
                .filter(query -> query.builtInText().isPresent())
                .toList();
        List<String> filled =
                filled(queries, query -> query.builtInText().orElseThrow().condition());
        within(() -> {
            for (CatalogQuery query : queries) {
                if (filled.contains(query.catalog())) {
                    try {
                        builtIn.put(query.catalog(), builtIn(query, withRows));
                    } catch (SQLException failure) {
                        begin(failure);
                    }
                }
            }
        });
        omitsBuiltInOf = Set.copyOf(builtIn.keySet());
        return builtIn;
    }

    private BuiltInRows builtIn(CatalogQuery query, boolean withRows) throws SQLException {
        return session.one(
                query.builtInText().orElseThrow().all(withRows, salt),
                row -> new BuiltInRows(row.getString(1), query.properties(), withRows ? row.getString(2) : ""));
    }

    /** Describes the rows that {@link #builtIn} has read of some catalogs. */
    void describeBuiltIn(Set<String> catalogs, Rows rows) throws SQLException {
        for (CatalogQuery query : generated.queries()) {
            if (catalogs.contains(query.catalog()) && omitsBuiltInOf.contains(query.catalog())) {
                describe(query, query.builtInText().orElseThrow().condition(), rows);
            }
        }
    }

    /** Makes {@link #describe(Rows)} omit the rows that {@link #builtIn} would read. */
    void omitBuiltIn() {
        omitsBuiltInOf = generated.queries().stream()
                .filter(query -> query.builtInText().isPresent())
                .map(CatalogQuery::catalog)
                .collect(Collectors.toSet());
    }

    /** Makes {@link #describe(Rows)} omit rows that look unchanged since initdb. */
    void omitPristine() {
        omitsPristine = true;
    }

    /**
     * Key and digest of each row that looks unchanged since initdb, by catalog. They make up most of a small database's catalogs and
     * are the same in every database of the major version. Empty when they cannot be read together.
     */
    private Map<String, String> pristine() throws SQLException {
        Map<String, String> rows = new TreeMap<>();
        String sql = generated.queries().stream()
                .flatMap(query -> query.pristineRows().stream())
                .collect(Collectors.joining(" union all "));
        within(() -> {
            try {
                session.list(sql, row -> rows.put(row.getString(1), row.getString(2) == null ? "" : row.getString(2)));
            } catch (SQLException failure) {
                begin(failure); // then each row is read individually
                rows.clear();
            }
        });
        return rows;
    }

    /** The rows of one catalog with these keys; see {@link CatalogQuery#raw}. */
    void describe(String catalog, Collection<String> keys, Rows rows) throws SQLException {
        for (CatalogQuery query : generated.queries()) {
            if (query.catalog().equals(catalog) && !keys.isEmpty()) {
                describe(query, query.withKeys(keys), rows);
            }
        }
    }

    /** Describes every row; if a row cannot be rendered, some of its catalog's rows may come twice. */
    public void describe(Rows rows) throws SQLException {
        describe(generated.queries(), rows);
    }

    /** Describes the rows of some catalogs. */
    void describe(Set<String> catalogs, Rows rows) throws SQLException {
        describe(
                generated.queries().stream()
                        .filter(query -> catalogs.contains(query.catalog()))
                        .toList(),
                rows);
    }

    private void describe(List<CatalogQuery> queries, Rows rows) throws SQLException {
        List<String> filled = filled(queries, this::condition);
        for (CatalogQuery query : queries) {
            if (filled.contains(query.catalog())) {
                describe(query, condition(query), rows);
            }
        }
    }

    private String condition(CatalogQuery query) {
        if (omitsBuiltInOf.contains(query.catalog())) {
            return "not (" + query.builtIn() + ")";
        }
        return omitsPristine
                ? query.pristine().map(pristine -> "not (" + pristine + ")").orElse("true")
                : "true";
    }

    /** The catalogs that have matching rows. Planning the statement for an empty one costs as much as describing many rows. */
    private List<String> filled(List<CatalogQuery> queries, Function<CatalogQuery, String> condition)
            throws SQLException {
        if (queries.isEmpty()) {
            return List.of();
        }
        List<String> filled = new ArrayList<>();
        within(() -> filled.addAll(session.list(
                queries.stream()
                        .map(query -> "select '" + query.catalog() + "' where exists (select from " + query.relation()
                                + " a where " + condition.apply(query) + ")")
                        .collect(Collectors.joining(" union all ")),
                row -> row.getString(1))));
        return filled;
    }

    /**
     * A number for each catalog, which changes when the rendering of any row changes that initdb did not create. The deparsing
     * functions print the current state, not that of the snapshot.
     */
    public Map<String, String> digests() throws SQLException {
        Map<String, String> digests = new HashMap<>();
        List<String> filled = filled(generated.queries(), query -> "not (" + query.builtIn() + ")");
        for (CatalogQuery query : generated.queries()) {
            if (!filled.contains(query.catalog())) {
                continue;
            }
            within(() -> {
                String sql = query.all("not (" + query.builtIn() + ")", salt);
                String digest = session.text("select count(*) || ' ' || coalesce(sum(('x' || "
                        + CatalogRules.Sql.shortDigest("d::text") + ")::bit(64)::bigint), 0) from (" + sql + ") d");
                digests.put(query.catalog(), String.valueOf(digest));
            });
        }
        return digests;
    }

    private interface Work {
        void run() throws SQLException;
    }

    /** Runs the work, then restores the settings and releases the locks of the deparsing functions. */
    private void within(Work work) throws SQLException {
        session.execute("savepoint description; " + SETTINGS);
        work.run();
        session.execute("rollback to savepoint description; release savepoint description");
    }

    /** The rows of one catalog that satisfy a condition on the row {@code a}. */
    void describe(CatalogQuery query, String condition, Rows rows) throws SQLException {
        within(() -> {
            try {
                fetch(query, condition, rows);
            } catch (SQLException failure) {
                begin(failure);
                List<String> places = session.list(
                        "select a.ctid::text from " + query.relation() + " a where " + condition,
                        row -> row.getString(1));
                describeByHalves(query, places, rows);
            }
        });
    }

    /** When one row cannot be rendered, the whole statement fails; this finds the row and reports it. */
    private void describeByHalves(CatalogQuery query, List<String> places, Rows rows) throws SQLException {
        String condition = "a.ctid = any ('{\"" + String.join("\",\"", places) + "\"}'::tid[])";
        try {
            fetch(query, condition, rows);
        } catch (SQLException failure) {
            begin(failure);
            if (places.size() > 1) {
                describeByHalves(query, places.subList(0, places.size() / 2), rows);
                describeByHalves(query, places.subList(places.size() / 2, places.size()), rows);
            } else {
                rows.accept(unreadable(query, condition, failure));
            }
        }
    }

    private DescribedRow unreadable(CatalogQuery query, String condition, SQLException failure) throws SQLException {
        DescribedRow named;
        try {
            named = session.one(query.names(condition), row -> row(query.catalog(), row));
        } catch (SQLException nameless) {
            begin(nameless);
            named = session.one(
                    "select 'ROW', '" + query.catalog()
                            + "', a.ctid::text, null, null, false, 0::bigint, 0::bigint, null, '{}' from "
                            + query.relation() + " a where " + condition,
                    row -> row(query.catalog(), row));
        }
        JsonObject properties = new JsonObject();
        properties.addProperty(UNREADABLE, String.valueOf(failure.getMessage()));
        return named.with(properties.toString());
    }

    /** Resets the savepoint after a failed statement. */
    private void begin(SQLException failure) throws SQLException {
        String state = String.valueOf(failure.getSQLState());
        if (state.equals(LOCK_NOT_AVAILABLE) || NOT_THE_ROW.stream().anyMatch(state::startsWith)) {
            throw failure;
        }
        session.execute("rollback to savepoint description; " + SETTINGS);
    }

    private void fetch(CatalogQuery query, String condition, Rows rows) throws SQLException {
        session.execute("declare description no scroll cursor for " + query.all(condition, salt));
        int fetched;
        do {
            List<DescribedRow> some =
                    session.list("fetch " + FETCH + " from description", row -> row(query.catalog(), row));
            for (DescribedRow row : some) {
                rows.accept(row);
            }
            fetched = some.size();
        } while (fetched == FETCH);
        session.execute("close description");
    }

    private DescribedRow row(String catalog, ResultSet row) throws SQLException {
        List<String> label = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            String part = text(row, i);
            if (part != null) {
                label.add(part);
            }
        }
        return new DescribedRow(
                catalog,
                String.join(" ", label),
                text(row, 4),
                text(row, 5),
                row.getBoolean(6),
                row.getLong(7),
                row.getLong(8),
                String.valueOf(text(row, 10)),
                text(row, 9));
    }

    /** A SQL_ASCII database may contain any bytes; those that are not valid UTF-8 are read as Latin 1. */
    private @Nullable String text(ResultSet row, int column) throws SQLException {
        if (!anyBytes) {
            return row.getString(column);
        }
        byte[] bytes = row.getBytes(column);
        if (bytes == null) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }
}
