package io.github.pgbackup.description;

import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A database on the restored server that contains nothing but the restored database's extensions. It is created on first
 * use.
 */
final class ReferenceDatabase implements AutoCloseable {

    private final Session restored;
    private final Describer ofRestored;
    private final DescriptionFindings.Servers servers;
    private @Nullable Session session;

    ReferenceDatabase(Session restored, Describer ofRestored, DescriptionFindings.Servers servers) {
        this.restored = restored;
        this.ofRestored = ofRestored;
        this.servers = servers;
    }

    /** Its rows that have the identities of the given rows, by identity. */
    Map<String, DescribedRow> rows(Collection<DescribedRow> wanted) throws SQLException {
        if (wanted.isEmpty()) {
            return Map.of();
        }
        Set<String> identities = wanted.stream().map(DescribedRow::identity).collect(Collectors.toSet());
        Map<String, DescribedRow> rows = new HashMap<>();
        Describer.Rows finder = row -> {
            if (identities.contains(row.identity())) {
                rows.put(row.identity(), row);
            }
        };
        Set<String> withoutKeys = new HashSet<>();
        Map<String, Set<String>> keys = new TreeMap<>();
        for (DescribedRow row : wanted) {
            if (row.key().isEmpty()) {
                withoutKeys.add(row.catalog());
            } else {
                keys.computeIfAbsent(row.catalog(), catalog -> new HashSet<>()).add(row.key());
            }
        }
        Describer describer = describer();
        for (Map.Entry<String, Set<String>> each : keys.entrySet()) {
            describer.describe(each.getKey(), each.getValue(), finder);
        }
        describer.omitPristine();
        describer.describe(withoutKeys, finder);
        return rows;
    }

    /** Its rows of a catalog with these keys, by key; see {@link CatalogQuery#raw}. */
    Map<String, DescribedRow> rows(String catalog, Set<String> keys) throws SQLException {
        Map<String, DescribedRow> rows = new HashMap<>();
        describer().describe(catalog, keys, row -> rows.put(row.key(), row));
        return rows;
    }

    private Describer describer() throws SQLException {
        Session opened = session;
        if (opened == null) {
            Map<String, String> extensions = new TreeMap<>();
            List<String[]> found = restored.list(
                    "select pg_catalog.quote_ident(extname), pg_catalog.quote_ident(nspname)"
                            + " from pg_catalog.pg_extension e"
                            + " join pg_catalog.pg_namespace n on n.oid = e.extnamespace order by e.oid",
                    row -> new String[] {row.getString(1), row.getString(2)});
            found.forEach(extension -> extensions.put(extension[0], extension[1]));
            opened = servers.reference(extensions);
            session = opened;
        }
        return ofRestored.on(opened);
    }

    @Override
    public void close() throws SQLException {
        if (session != null) {
            session.close();
        }
    }
}
