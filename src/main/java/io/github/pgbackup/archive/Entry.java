package io.github.pgbackup.archive;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry of an archive's table of contents: one object, or one object's data, comment or privileges. Texts that the
 * archive leaves out are empty.
 *
 * @param dumpId the number by which the archive's other entries and pg_restore's messages name this one
 * @param hasData whether the archive holds data for it; for a {@code TABLE DATA} always
 * @param tableOid the OID of the catalog that holds the object, 0 where there is none
 * @param oid the OID that the object had in the source, 0 where there is none
 * @param tag the name, for example {@code orders}, {@code orders orders_pkey} or {@code total(integer)}
 * @param description the kind, for example {@code TABLE}, {@code TABLE DATA}, {@code FK CONSTRAINT}
 * @param section the part of a restore that it belongs to
 * @param definition the SQL that creates it
 * @param dropStatement the SQL that drops it
 * @param copyStatement for {@code TABLE DATA} the COPY command, as pg_restore prints it before the rows
 * @param schema the schema, not quoted; empty for an object that lives in none
 * @param tablespace the tablespace, empty for the database's own
 * @param tableAccessMethod the table access method, for example {@code heap}
 * @param relationKind {@code pg_class.relkind}, empty in archives before 1.16 and for what is no relation
 * @param owner the name of the owning role, not quoted
 * @param dependencies dump ids of what has to be restored before
 * @param dataFile in the directory format the name of the file with the data, without the suffix of its compression
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
        String dropStatement,
        String copyStatement,
        String schema,
        String tablespace,
        String tableAccessMethod,
        String relationKind,
        String owner,
        List<Integer> dependencies,
        @Nullable String dataFile) {

    /** The parts of a restore, in their order; NONE is for what is emitted with the object it belongs to. */
    public enum Section {
        NONE,
        PRE_DATA,
        DATA,
        POST_DATA
    }

    public Entry {
        dependencies = List.copyOf(dependencies);
    }

    /** The same with higher numbers. */
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
                dropStatement,
                copyStatement,
                schema,
                tablespace,
                tableAccessMethod,
                relationKind,
                owner,
                dependencies.stream().map(id -> id + by).toList(),
                dataFile);
    }

    /** Whether this entry is rows of a table. */
    public boolean isTableData() {
        return description.equals("TABLE DATA");
    }

    /** Whether this entry is rows of a table as INSERT commands, as pg_dump writes them with {@code --inserts}. */
    public boolean hasRowsAsInserts() {
        return isTableData() && copyStatement.isBlank();
    }

    /** The OIDs of the large objects that it creates: up to 16 it is one, since 17 they are listed, a line each. */
    public List<String> largeObjects() {
        return switch (description) {
            case "BLOB" -> List.of(tag);
            case "BLOB METADATA" ->
                definition.lines().filter(line -> !line.isBlank()).toList();
            default -> List.of();
        };
    }

    /** Kind, schema and tag for a person, for example {@code POLICY app.orders tenant_policy}. */
    public String object() {
        return schema.isEmpty() ? description + " " + tag : description + " " + schema + "." + tag;
    }
}
