package io.github.pgbackup.description;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import org.jspecify.annotations.Nullable;

/**
 * One row of a catalog, without any OID but those by which an archive's entry is found.
 *
 * @param catalog for example {@code pg_class}
 * @param object kind and name of what it describes, as pg_dump would name them: {@code FK CONSTRAINT public.orders
 *     orders_customer_fkey}
 * @param aspect what of the object it describes, where that is less than the object itself, for example {@code comment}
 * @param partOf name of the relation or type without which the object could not be; null: none
 * @param builtIn whether initdb made it
 * @param objectCatalog OID of the catalog of the object
 * @param oid the object's OID in there; 0 where it has none
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

    /** What the same row of another description has too. */
    String identity() {
        return catalog + ' ' + object + (aspect == null ? "" : '\n' + aspect);
    }

    /** The words in capitals before the name, as pg_dump has them: {@code FK CONSTRAINT}. */
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

    /** A property's value as text; empty for null and for a property that the row does not have. */
    String text(String property) {
        JsonElement value = JsonParser.parseString(properties).getAsJsonObject().get(property);
        return value == null || value.isJsonNull()
                ? ""
                : value.isJsonPrimitive() ? value.getAsString() : value.toString();
    }

    /** What the catalog itself finds the row by, the same on all servers of a major; empty: nothing is. */
    String key() {
        return raw == null ? "" : raw.substring(0, raw.lastIndexOf(' '));
    }

    DescribedRow with(String otherProperties) {
        return new DescribedRow(catalog, object, aspect, partOf, builtIn, objectCatalog, oid, otherProperties, raw);
    }
}
