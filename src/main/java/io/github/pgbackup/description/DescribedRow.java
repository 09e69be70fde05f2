package io.github.pgbackup.description;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import org.jspecify.annotations.Nullable;

/**
 * A row of a catalog, without OIDs except those that identify an entry of an archive.
 *
 * @param catalog for example {@code pg_class}
 * @param object kind and name of the described object, in pg_dump's words: {@code FK CONSTRAINT public.orders
 *     orders_customer_fkey}
 * @param aspect the described part of the object, for example {@code comment}; null for the object itself
 * @param partOf name of the relation or type that the object needs to exist; null for none
 * @param builtIn whether initdb created it
 * @param objectCatalog OID of the catalog of the object
 * @param oid the object's OID in that catalog; 0 if it has none
 * @param properties column to value, a JSON object
 * @param raw see {@link CatalogQuery#raw}
 */
public record DescribedRow(
        String catalog,
        String object,
        @Nullable String aspect,
        @Nullable String partOf,
        boolean builtIn,
        long objectCatalog,
        long oid,
        String properties,
        @Nullable String raw) {

    /** A key that the corresponding row of another description shares. */
    String identity() {
        return catalog + ' ' + object + (aspect == null ? "" : '\n' + aspect);
    }

    /** The kind in capitals before the name, as in pg_dump: {@code FK CONSTRAINT}. */
    public String kind() {
        int end = 0;
        while (end < object.length() && (Character.isUpperCase(object.charAt(end)) || object.charAt(end) == ' ')) {
            end++;
        }
        return object.substring(0, Math.max(0, object.lastIndexOf(' ', end)));
    }

    /** The object without its kind. */
    String name() {
        return object.substring(Math.min(object.length(), kind().length() + 1));
    }

    /** A property's value as text; empty for null and for a missing property. */
    String text(String property) {
        JsonElement value = JsonParser.parseString(properties).getAsJsonObject().get(property);
        return value == null || value.isJsonNull()
                ? ""
                : value.isJsonPrimitive() ? value.getAsString() : value.toString();
    }

    /** The catalog's own key of the row, equal on all servers of a major version; empty if there is none. */
    String key() {
        return raw == null ? "" : raw.substring(0, raw.lastIndexOf(' '));
    }

    DescribedRow with(String otherProperties) {
        return new DescribedRow(catalog, object, aspect, partOf, builtIn, objectCatalog, oid, otherProperties, raw);
    }
}
