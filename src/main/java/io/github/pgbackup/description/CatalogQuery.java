package io.github.pgbackup.description;

import java.util.Collection;
import java.util.List;

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
 * @param raw of a row that every server of the major has with the same OID, and null for others: its key as the catalog has
 *     it, a space, a digest of its columns; SQL
 * @param pristine whether a row still looks as initdb made it, so that its {@code raw} is all that anybody will ask for;
 *     SQL, {@code false} for a catalog that has no such rows
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
        String pristine) {

    CatalogQuery {
        properties = List.copyOf(properties);
    }

    boolean hasPristineRows() {
        return !pristine.equals("false");
    }

    /** The keys and digests of all pristine rows in one text, a line each. */
    String pristineRows() {
        return "select '" + catalog + "', string_agg(" + raw + ", E'\\n')" + from.replace(":filter", pristine);
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
