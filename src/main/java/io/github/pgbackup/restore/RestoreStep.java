package io.github.pgbackup.restore;

import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A single run of pg_restore or psql. A backup of one archive needs one step. If a backup has several archives, each
 * needs one or two steps, because indexes and foreign keys of one must wait for the rows of another.
 *
 * @param part the archive
 * @param creates whether this step creates the database
 * @param options additional options of pg_restore
 */
public record RestoreStep(Archive.Part part, boolean creates, List<String> options) {

    private static final String PRE_DATA = "--section=pre-data";
    private static final String DATA = "--section=data";
    private static final String POST_DATA = "--section=post-data";

    /** Loading rows must neither fire triggers nor check foreign keys. */
    private static final List<String> ROWS_INTO_TABLES = List.of("--data-only", "--disable-triggers");

    /** Entries outside of the data section that even an archive with only rows contains. */
    private static final Set<String> WITH_ROWS = Set.of(
            "ENCODING",
            "STDSTRINGS",
            "SEARCHPATH",
            "DATABASE",
            "DATABASE PROPERTIES",
            "BLOB",
            "BLOB METADATA",
            "MATERIALIZED VIEW DATA");

    /** The steps to restore an archive. */
    public static List<RestoreStep> of(Archive archive) {
        List<Archive.Part> parts = archive.inParts();
        if (parts.size() == 1) {
            return List.of(new RestoreStep(parts.get(0), true, List.of()));
        }
        List<RestoreStep> steps = new ArrayList<>();
        if (archive.contents().isOfAPlainDump()) {
            // A script cannot be restored by sections.
            for (Archive.Part part : parts) {
                steps.add(new RestoreStep(
                        part,
                        steps.isEmpty() && createsDatabase(part),
                        holdsDefinitions(part) ? List.of() : ROWS_INTO_TABLES));
            }
            return steps;
        }
        List<Archive.Part> definitions =
                parts.stream().filter(RestoreStep::holdsDefinitions).toList();
        for (Archive.Part part : definitions) {
            steps.add(new RestoreStep(part, steps.isEmpty() && createsDatabase(part), List.of(PRE_DATA)));
        }
        for (Archive.Part part : parts) {
            if (!definitions.contains(part)) {
                steps.add(new RestoreStep(part, false, List.of()));
            } else if (part.archive().contents().entries().stream().anyMatch(Entry::isTableData)) {
                steps.add(new RestoreStep(part, false, List.of(DATA)));
            }
        }
        for (Archive.Part part : definitions) {
            steps.add(new RestoreStep(part, false, List.of(POST_DATA)));
        }
        return steps;
    }

    private static boolean createsDatabase(Archive.Part part) {
        return part.archive().contents().entries().stream()
                .anyMatch(entry -> entry.description().equals("DATABASE"));
    }

    /** Whether it contains more than rows of tables, sequences and large objects. */
    private static boolean holdsDefinitions(Archive.Part part) {
        return part.archive().contents().entries().stream()
                .anyMatch(entry -> entry.section() != Entry.Section.DATA
                        && entry.section() != Entry.Section.NONE
                        && !WITH_ROWS.contains(entry.description())
                        && !entry.tag().startsWith("DATABASE ")
                        && !entry.tag().startsWith("LARGE OBJECT"));
    }
}
