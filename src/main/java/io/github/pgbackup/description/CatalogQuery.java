package io.github.pgbackup.description;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The statement that describes every row of one catalog.
 *
 * @param catalog its name
 * @param properties the columns that it renders
 * @param all with {@code :filter} where a condition on the rows stands, and {@code :salt} for digests
 * @param names the same, which renders no property but what the rows are called
 * @param relation the catalog, or the view that is read in its place
 * @param from what stands behind {@code select}'s list in both, with the conditions on all rows
 * @param builtIn whether initdb made a row; SQL
 * @param raw SQL for a row that every server of the major version has under the same OID: its key in the catalog, a space,
 *     and a digest of its columns; null for other rows
 * @param pristine SQL: whether the row looks as initdb made it, so that {@code raw} is enough to compare it; empty for a
 *     catalog without such rows
 */
record CatalogQuery(
        String catalog,
        List<String> properties,
        String all,
        String names,
        String relation,
        String from,
        String builtIn,
        String raw,
        Optional<String> pristine) {

    CatalogQuery {
        properties = List.copyOf(properties);
    }

    /** The keys and digests of all pristine rows in one text, a line each. */
    Optional<String> pristineRows() {
        return pristine.map(condition ->
                "select '" + catalog + "', string_agg(" + raw + ", E'\\n')" + from.replace(":filter", condition));
    }

    /** The rows with these keys. */
    String withKeys(Collection<String> keys) {
        return "split_part(" + raw + ", ' ', 1) = any (string_to_array('"
                + String.join(" ", keys).replace("'", "''") + "', ' '))";
    }

    /**
     * The statement as the server takes it.
     *
     * @param condition on the row, which is called {@code a}
     * @param salt for digests, an SQL literal
     */
    String all(String condition, String salt) {
        return all.replace(":filter", condition).replace(":salt", salt);
    }

    /** As {@link #all(String, String)}, without properties. */
    String names(String condition) {
        return names.replace(":filter", condition);
    }
}
