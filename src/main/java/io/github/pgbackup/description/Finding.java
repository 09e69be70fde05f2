package io.github.pgbackup.description;

/**
 * A property of an object in which the restored database differs from the source.
 *
 * @param object kind and name, as {@code TABLE public.orders}
 * @param property in the words of a person; empty when all of the object is missing or additional
 * @param expected as the source has it
 * @param actual as the restored database has it
 * @param objectCatalog OID of the catalog in which the source lists the object
 * @param oid its OID in there; 0 for an object that the source does not have
 */
public record Finding(String object, String property, String expected, String actual, long objectCatalog, long oid) {

    /** Object and property: what a tolerated difference names. */
    public String name() {
        return property.isEmpty() ? object : object + " " + property;
    }
}
