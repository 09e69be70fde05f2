package io.github.pgbackup.description;

import io.github.pgbackup.postgres.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The catalogs of a server, from its own metadata: their columns, their unique keys, and which catalog each OID refers to
 * ({@code pg_get_catalog_foreign_keys()}, PostgreSQL 14 and newer; for 13, which has the same references, the plugin has a list).
 *
 * @param major the server's major version
 * @param catalogs by name
 */
record CatalogSchema(int major, Map<String, Catalog> catalogs) {

    private static final int FIRST_WITH_REFERENCES = 14;

    /** Tables of the two schemas that initdb creates; a user's additions have larger OIDs and are not catalogs. */
    private static final String COLUMNS = """
            select case when n.nspname = 'information_schema' then 'information_schema.' else '' end || c.relname,
                   a.attname, pg_catalog.replace(a.atttypid::pg_catalog.regtype::pg_catalog.text, pg_catalog.chr(34), ''),
                   pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
            from pg_catalog.pg_class c
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            join pg_catalog.pg_attribute a on a.attrelid = c.oid
            where n.nspname in ('pg_catalog', 'information_schema') and c.relkind = 'r' and c.oid < 16384
              and a.attnum > 0 and not a.attisdropped
            order by 1, a.attnum""";

    private static final String KEYS = """
            select c.relname, (select pg_catalog.array_agg(a.attname::pg_catalog.text order by k.position)
                               from pg_catalog.unnest(i.indkey::pg_catalog.int2[]) with ordinality k (number, position)
                               join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.number)
            from pg_catalog.pg_index i
            join pg_catalog.pg_class c on c.oid = i.indrelid
            where c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace and c.oid < 16384 and i.indisunique
            order by c.relname, i.indexrelid""";

    private static final String REFERENCES = """
            select pg_catalog.replace(pg_catalog.replace(fktable::pg_catalog.text, pg_catalog.chr(34), ''), 'pg_catalog.', ''), fkcols,
                   pg_catalog.replace(pg_catalog.replace(pktable::pg_catalog.text, pg_catalog.chr(34), ''), 'pg_catalog.', ''), is_array
            from pg_catalog.pg_get_catalog_foreign_keys()""";

    /**
     * A catalog.
     *
     * @param columns name to type, in the catalog's own order
     * @param keys columns of each unique index, except the index on the OID alone
     * @param references by the referring column
     * @param hidden columns that the session's role may not read
     */
    record Catalog(
            String name,
            Map<String, String> columns,
            List<List<String>> keys,
            Map<String, Reference> references,
            Set<String> hidden) {

        boolean hasOid() {
            return columns.containsKey("oid");
        }

        boolean isName(String column) {
            return "name".equals(columns.get(column));
        }
    }

    /**
     * The target of a column.
     *
     * @param target the catalog, referred to by OID; {@code pg_attribute} is referred to by relation and column number
     * @param relation the column with the relation, if the target is {@code pg_attribute}
     * @param array whether the column holds several references
     */
    record Reference(String target, Optional<String> relation, boolean array) {}

    static CatalogSchema of(Session session) throws SQLException {
        int major = (int) session.number("select pg_catalog.current_setting('server_version_num')::int / 10000");
        Map<String, Catalog> catalogs = new TreeMap<>();
        session.list(COLUMNS, row -> {
            Catalog catalog = catalogs.computeIfAbsent(
                    row.getString(1),
                    name -> new Catalog(
                            name, new LinkedHashMap<>(), new ArrayList<>(), new TreeMap<>(), new LinkedHashSet<>()));
            catalog.columns().put(row.getString(2), row.getString(3));
            return row.getBoolean(4) || catalog.hidden().add(row.getString(2));
        });
        session.list(KEYS, row -> {
            List<String> key = List.of((String[]) row.getArray(2).getArray());
            return !key.equals(List.of("oid"))
                    && Objects.requireNonNull(catalogs.get(row.getString(1)))
                            .keys()
                            .add(key);
        });
        if (major >= FIRST_WITH_REFERENCES) {
            session.list(REFERENCES, row -> {
                List<String> columns = List.of((String[]) row.getArray(2).getArray());
                return refer(catalogs, row.getString(1), columns, row.getString(3), row.getBoolean(4));
            });
        } else {
            for (String line : references()) {
                String[] fields = line.split(" ", -1);
                refer(
                        catalogs,
                        fields[0],
                        Arrays.asList(fields[1].split(",", -1)),
                        fields[2],
                        fields[4].equals("array"));
            }
        }
        return new CatalogSchema(major, catalogs);
    }

    private static boolean refer(
            Map<String, Catalog> catalogs, String name, List<String> columns, String target, boolean array) {
        Catalog catalog = catalogs.get(name);
        if (catalog == null || !catalog.columns().keySet().containsAll(columns)) {
            return false;
        }
        Optional<String> relation = columns.size() == 1 ? Optional.empty() : Optional.of(columns.get(0));
        catalog.references().put(columns.get(columns.size() - 1), new Reference(target, relation, array));
        return true;
    }

    private static List<String> references() {
        try (InputStream file = CatalogSchema.class.getResourceAsStream("references-13.txt")) {
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
