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
 * @param builtInText the other rows that initdb created, as one text; empty for a catalog whose rows are all read individually
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
        Optional<String> pristine,
        Optional<BuiltInText> builtInText) {

    /**
     * The rows that initdb created, except the pristine ones, as one text.
     *
     * @param condition SQL: whether the row is one of them
     * @param rows a statement with a JSON array {@code r} per row: the columns of {@link CatalogQuery#all} before the properties,
     *     then the values of the properties
     */
    record BuiltInText(String condition, String rows) {

        /**
         * The statement for the digest of all rows.
         *
         * @param withRows whether to add the rows, separated by commas
         * @param salt for digests of values, an SQL literal
         */
        String all(boolean withRows, String salt) {
            // Without OFFSET, the planner would render each row several times.
            return "select encode(sha256(textsend(t)), 'hex')" + (withRows ? ", t" : "")
                    + " from (select coalesce(string_agg(r, ',' order by r collate \"C\"), '') as t from ("
                    + rows.replace(":salt", salt) + " offset 0) x offset 0) y";
        }
    }

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
