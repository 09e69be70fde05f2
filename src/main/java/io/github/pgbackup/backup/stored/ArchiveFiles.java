package io.github.pgbackup.backup.stored;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.StoredArchive;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.postgres.PostgresVersion;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Combines several archives of one database, none of which may contain what another one contains. */
final class ArchiveFiles {

    /** Descriptions of entries that every archive has. */
    private static final Set<String> IN_EACH =
            Set.of("ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE", "DATABASE PROPERTIES");

    private ArchiveFiles() {}

    /**
     * Combines the archives.
     *
     * @throws CannotVerifyException when they do not belong together
     */
    static StoredArchive together(List<StoredArchive> files) {
        requireSame(files, "the database", TableOfContents::databaseName);
        requireSame(
                files,
                "PostgreSQL",
                contents -> "" + PostgresVersion.parse(contents.serverVersion()).major());
        requireSame(files, "the encoding", TableOfContents::encoding);
        Map<String, Path> seen = new HashMap<>();
        for (StoredArchive file : files) {
            for (Entry entry : file.archive().contents().entries()) {
                if (IN_EACH.contains(entry.description()) || entry.tag().startsWith("DATABASE ")) {
                    continue;
                }
                Path other = seen.put(entry.object() + '\0' + entry.owner(), file.path());
                if (other != null && !other.equals(file.path())) {
                    throw doNotBelong(entry.object() + " is both in " + other + " and in " + file.path());
                }
            }
        }
        StoredArchive all = StoredArchive.together(files);
        requireDefinitions(all.archive().contents());
        return all;
    }

    /**
     * Requires that the files agree. A plain dump without --create does not name its database, and agrees with any
     * name.
     */
    private static void requireSame(List<StoredArchive> files, String what, Function<TableOfContents, String> fact) {
        Map<String, String> found = files.stream()
                .collect(Collectors.toMap(
                        file -> file.path().toString(),
                        file -> fact.apply(file.archive().contents()),
                        (one, other) -> one));
        List<String> different = found.values().stream()
                .filter(value -> !value.isEmpty())
                .distinct()
                .toList();
        if (different.size() > 1) {
            throw doNotBelong(files.stream()
                    .map(file -> file.path() + " is of " + what + " "
                            + fact.apply(file.archive().contents()))
                    .collect(Collectors.joining(", ")));
        }
    }

    private static void requireDefinitions(TableOfContents contents) {
        Set<String> defined = contents.entries().stream()
                .filter(entry -> entry.description().equals("TABLE"))
                .map(entry -> entry.schema() + "." + entry.tag())
                .collect(Collectors.toSet());
        boolean anyDefined = !defined.isEmpty();
        contents.entries().stream()
                .filter(Entry::isTableData)
                .filter(entry -> anyDefined && !defined.contains(entry.schema() + "." + entry.tag()))
                .findFirst()
                .ifPresent(entry -> {
                    throw doNotBelong("there are rows of " + entry.schema() + "." + entry.tag()
                            + ", but no file defines that table");
                });
    }

    private static CannotVerifyException doNotBelong(String why) {
        return new CannotVerifyException(
                "The archives do not belong together: " + why + ".", Remedy.NAME_ARCHIVES_THAT_BELONG_TOGETHER);
    }
}
