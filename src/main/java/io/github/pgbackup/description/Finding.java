package io.github.pgbackup.description;

/**
 * A property of an object in which the restored database differs from the source.
 *
 * @param object kind and name, for example {@code TABLE public.orders}
 * @param property in readable words; empty when the whole object is missing or additional
 * @param expected the value in the source
 * @param actual the value in the restored database
 * @param objectCatalog OID of the catalog in which the source lists the object
 * @param oid its OID in that catalog; 0 for an object that the source does not have
 */
public record Finding(String object, String property, String expected, String actual, long objectCatalog, long oid) {

    /** Object and property: the name to use in a tolerated difference. */
    public String name() {
        return property.isEmpty() ? object : object + " " + property;
    }
}
