package io.github.pgbackup.comparison;

import io.github.pgbackup.postgres.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The objects of the source in its own catalogs, for which pg_dump must write entries by the rules of its
 * selectDumpable functions. Excludes objects that belong to extensions.
 *
 * @param objects in no particular order
 * @param attachments comments, privileges and security labels of these objects
 */
public record SourceCatalog(List<SourceObject> objects, List<Attachment> attachments) {

    private static final int FIRST_WITH_SCHEMAS_IN_PUBLICATIONS = 150000;

    /** Uses a catalog that older servers don't have. */
    private static final String SCHEMAS_IN_PUBLICATIONS = """
            select o.tableoid::bigint, o.oid::bigint, 'PUBLICATION TABLES IN SCHEMA', n.nspname, p.pubname || ' ' || n.nspname,
                   true, 0::bigint, null::text[]
            from pg_catalog.pg_publication_namespace o
            join pg_catalog.pg_publication p on p.oid = o.pnpubid
            join pg_catalog.pg_namespace n on n.oid = o.pnnspid""";

    /** Uses a catalog that only superusers can read; pg_dump omits subscriptions for all others. */
    private static final String SUBSCRIPTIONS = """
            select o.tableoid::bigint, o.oid::bigint, 'SUBSCRIPTION', '', o.subname, true, 0::bigint, null::text[]
            from pg_catalog.pg_subscription o join pg_catalog.pg_database d on d.oid = o.subdbid
            where d.datname = pg_catalog.current_database()""";

    public SourceCatalog {
        objects = List.copyOf(objects);
        attachments = List.copyOf(attachments);
    }

    /**
     * An object.
     *
     * @param catalog OID of the catalog that lists it; 0 for an object that an archive identifies only by name
     * @param oid its OID in that catalog
     * @param kind in pg_dump's words, for example {@code FK CONSTRAINT}
     * @param schema empty for an object without a schema
     * @param tag its name as pg_dump writes it, for example {@code orders orders_pkey}
     * @param dumped whether a dump must contain it; otherwise it may
     * @param inside OID of the table or domain whose entry may contain it; 0 for an object with its own entry
     * @param parts a table's own columns, or the name of a constraint that another entry may contain
     */
    public record SourceObject(
            long catalog,
            long oid,
            String kind,
            String schema,
            String tag,
            boolean dumped,
            long inside,
            List<String> parts) {
        public SourceObject {
            parts = List.copyOf(parts);
        }

        /** Its name as in an archive's entry. */
        String object() {
            return schema.isEmpty() ? kind + " " + tag : kind + " " + schema + "." + tag;
        }
    }

    /**
     * An attachment of an object.
     *
     * @param kind {@code COMMENT}, {@code ACL} or {@code SECURITY LABEL}
     * @param catalog OID of the object's catalog
     * @param oid the object's OID in that catalog
     * @param count number of entries, including those of the object's columns
     */
    public record Attachment(String kind, long catalog, long oid, long count) {}

    /** The version of each extension in the database. */
    public static Map<String, String> extensionVersions(Session session) throws SQLException {
        Map<String, String> versions = new TreeMap<>();
        session.list(
                "select extname, extversion from pg_catalog.pg_extension",
                row -> versions.put(row.getString(1), row.getString(2)));
        return versions;
    }

    /** The version of each extension that CREATE EXTENSION would create on this server. */
    public static Map<String, String> defaultExtensionVersions(Session session) throws SQLException {
        Map<String, String> versions = new TreeMap<>();
        session.list(
                "select name, default_version from pg_catalog.pg_available_extensions where default_version is not null",
                row -> versions.put(row.getString(1), row.getString(2)));
        return versions;
    }

    /** Queries in the session's current transaction, with a few statements regardless of the number of objects. */
    public static SourceCatalog of(Session session) throws SQLException {
        List<SourceObject> objects = new ArrayList<>(session.list(resource("objects.sql"), SourceCatalog::object));
        if (session.number("select pg_catalog.current_setting('server_version_num')::int")
                >= FIRST_WITH_SCHEMAS_IN_PUBLICATIONS) {
            objects.addAll(session.list(SCHEMAS_IN_PUBLICATIONS, SourceCatalog::object));
        }
        if ("on".equals(session.text("select pg_catalog.current_setting('is_superuser')"))) {
            objects.addAll(session.list(SUBSCRIPTIONS, SourceCatalog::object));
        }
        return new SourceCatalog(
                objects,
                session.list(
                        resource("attachments.sql"),
                        row -> new Attachment(row.getString(1), row.getLong(2), row.getLong(3), row.getLong(4))));
    }

    private static SourceObject object(ResultSet row) throws SQLException {
        Array parts = row.getArray(8);
        return new SourceObject(
                row.getLong(1),
                row.getLong(2),
                row.getString(3).intern(), // a few kinds and schemas, for up to a hundred thousand objects
                row.getString(4).intern(),
                row.getString(5),
                row.getBoolean(6),
                row.getLong(7),
                parts == null ? List.of() : List.of((String[]) parts.getArray()));
    }

    private static String resource(String name) {
        try (InputStream file = SourceCatalog.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
