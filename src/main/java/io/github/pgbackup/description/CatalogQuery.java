package io.github.pgbackup.description;

import java.util.List;

/**
 * The statement that describes every row of one catalog.
 *
 * @param catalog its name
 * @param properties the columns that it renders
 * @param all with {@code :filter} where a condition on the rows stands, and {@code :salt} for digests
 * @param names the same, which renders no property but what the rows are called
 * @param rows the catalog, or the view that is read in its place
 */
record CatalogQuery(String catalog, List<String> properties, String all, String names, String rows) {

    CatalogQuery {
        properties = List.copyOf(properties);
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
