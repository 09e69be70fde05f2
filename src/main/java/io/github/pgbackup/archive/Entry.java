package io.github.pgbackup.archive;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry of an archive's table of contents: an object, or an object's data, comment or privileges. Texts that the
 * archive omits are empty.
 *
 * @param dumpId the number that identifies this entry in the archive's dependencies and in pg_restore's messages
 * @param hasData whether the archive holds data for it; always true for {@code TABLE DATA}
 * @param tableOid the OID of the catalog that holds the object; 0 when there is none
 * @param oid the OID that the object had in the source; 0 when there is none
 * @param tag the name, for example {@code orders}, {@code orders orders_pkey} or {@code total(integer)}
 * @param description the kind, for example {@code TABLE}, {@code TABLE DATA}, {@code FK CONSTRAINT}
 * @param section the stage of a restore that it belongs to
 * @param definition the SQL that creates it
 * @param copyStatement for {@code TABLE DATA}: the COPY command, as pg_restore prints it before the rows
 * @param schema the unquoted schema; empty for an object without a schema
 * @param tablespace the tablespace; empty for the database's default
 * @param tableAccessMethod the table access method, for example {@code heap}
 * @param relationKind {@code pg_class.relkind}; empty in archives before 1.16 and for objects that are not relations
 * @param owner the unquoted name of the owning role
 * @param dependencies dump ids of the entries that must be restored first
 * @param dataFile in the directory format: the name of the data file, without the suffix of its compression
 */
public record Entry(
        int dumpId,
        boolean hasData,
        long tableOid,
        long oid,
        String tag,
        String description,
        Section section,
        String definition,
        String copyStatement,
        String schema,
        String tablespace,
        String tableAccessMethod,
        String relationKind,
        String owner,
        List<Integer> dependencies,
        @Nullable String dataFile) {

    /** The stages of a restore, in order; NONE is for entries that are restored with the object they belong to. */
    public enum Section {
        NONE,
        PRE_DATA,
        DATA,
        POST_DATA
    }

    public Entry {
        dependencies = List.copyOf(dependencies);
    }

    /** The same entry with its dump ids increased. */
    Entry renumbered(int by) {
        return new Entry(
                dumpId + by,
                hasData,
                tableOid,
                oid,
                tag,
                description,
                section,
                definition,
                copyStatement,
                schema,
                tablespace,
                tableAccessMethod,
                relationKind,
                owner,
                dependencies.stream().map(id -> id + by).toList(),
                dataFile);
    }

    /** Whether this entry holds rows of a table. */
    public boolean isTableData() {
        return description.equals("TABLE DATA");
    }

    /**
     * Whether this entry holds the rows of a table as INSERT commands, as pg_dump writes them with {@code --inserts}.
     */
    public boolean hasRowsAsInserts() {
        return isTableData() && copyStatement.isBlank();
    }

    /** The OIDs of the large objects that it creates: one per entry before 17; since 17 a list, one per line. */
    public List<String> largeObjects() {
        return switch (description) {
            case "BLOB" -> List.of(tag);
            case "BLOB METADATA" ->
                definition.lines().filter(line -> !line.isBlank()).toList();
            default -> List.of();
        };
    }

    /** Kind, schema and tag in readable form, for example {@code POLICY app.orders tenant_policy}. */
    public String object() {
        return schema.isEmpty() ? description + " " + tag : description + " " + schema + "." + tag;
    }
}
