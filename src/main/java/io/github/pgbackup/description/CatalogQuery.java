package io.github.pgbackup.description;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The statement that describes every row of a catalog.
 *
 * @param catalog its name
 * @param properties the columns that it renders
 * @param all the statement, with {@code :filter} for a condition on the rows and {@code :salt} for digests
 * @param names the same statement, but with only the names of the rows instead of their properties
 * @param relation the catalog, or the view that replaces it
 * @param from the text after the select list in both, with the conditions on all rows
 * @param builtIn SQL: whether initdb created the row
 * @param raw SQL for a row that every server of the major version has under the same OID: its key in the catalog, a space,
 *     and a digest of its columns; null for other rows
 * @param pristine SQL: whether the row looks unchanged since initdb, so that {@code raw} suffices to compare it; empty for a
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

    /** The keys and digests of all pristine rows in one text, one per line. */
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
     * The complete statement.
     *
     * @param condition on the row, which is called {@code a}
     * @param salt for digests, an SQL literal
     */
    String all(String condition, String salt) {
        return all.replace(":filter", condition).replace(":salt", salt);
    }

    /** Like {@link #all(String, String)}, without properties. */
    String names(String condition) {
        return names.replace(":filter", condition);
    }
}
