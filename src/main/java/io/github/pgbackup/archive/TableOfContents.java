package io.github.pgbackup.archive;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The table of contents of an archive, read from its own bytes. The output of {@code pg_restore --list} is not
 * reliable: a name or a function body may contain a line that looks like an entry.
 *
 * @param archiveVersion version of the archive format, for example {@code 1.14}
 * @param format custom, directory or plain; for plain it is built from pg_dump's comments, see {@link PlainDumpReader}
 * @param compression the method of the table data, for example {@code gzip}; archives before 1.15 only say whether they
 *     are compressed
 * @param charset the encoding of everything in the archive, which is that of the source database
 * @param encoding PostgreSQL's name of that encoding, for example {@code UTF8}
 * @param createdAt when pg_dump began to write, in the unnamed time zone of its machine; for a plain dump without that
 *     time, when its file was last modified
 * @param databaseName the source database; empty when a plain dump does not name it
 * @param serverVersion the version that the source server reported
 * @param dumpVersion the version that pg_dump reported
 * @param entries in the order of the archive
 */
public record TableOfContents(
        String archiveVersion,
        ArchiveFormat format,
        Compression.Method compression,
        Charset charset,
        String encoding,
        LocalDateTime createdAt,
        String databaseName,
        String serverVersion,
        String dumpVersion,
        List<Entry> entries) {

    /** The file of a directory archive that holds the table of contents. */
    static final String DIRECTORY_MEMBER = "toc.dat";

    private static final Set<String> OF_EVERY_DATABASE =
            Set.of("ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE", "DATABASE PROPERTIES");

    public TableOfContents {
        entries = List.copyOf(entries);
    }

    /**
     * Reads the table of contents of an archive.
     *
     * @param archive a file in pg_dump's custom format, or a directory in its directory format
     * @throws CannotVerifyException when it is not an archive, is truncated or corrupt, or has an unknown version
     */
    public static TableOfContents read(Path archive) {
        boolean directory = Files.isDirectory(archive);
        Path file = directory ? archive.resolve(DIRECTORY_MEMBER) : archive;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            return new TableOfContentsReader(
                            in, file, Files.size(file), directory ? ArchiveFormat.DIRECTORY : ArchiveFormat.CUSTOM)
                    .read();
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The table of contents of the archive %s cannot be read: %s."
                            .formatted(file, CannotVerifyException.reason(e)),
                    Remedy.TAKE_A_BACKUP_THAT_IS_WHAT_PG_DUMP_WROTE,
                    e);
        }
    }

    /**
     * Combines the contents of several archives and renumbers their entries; a plain dump among them makes the result
     * plain.
     */
    static TableOfContents together(List<Archive.Part> parts) {
        List<TableOfContents> all =
                parts.stream().map(part -> part.archive().contents()).toList();
        TableOfContents first = all.get(0);
        return new TableOfContents(
                all.stream().map(TableOfContents::archiveVersion).distinct().collect(Collectors.joining(", ")),
                all.stream()
                        .map(TableOfContents::format)
                        .filter(ArchiveFormat.PLAIN::equals)
                        .findFirst()
                        .orElse(first.format),
                all.stream()
                        .map(TableOfContents::compression)
                        .filter(method -> method != Compression.Method.GZIP)
                        .findFirst()
                        .orElse(first.compression),
                first.charset,
                first.encoding,
                all.stream()
                        .map(TableOfContents::createdAt)
                        .min(Comparator.naturalOrder())
                        .orElseThrow(),
                all.stream()
                        .map(TableOfContents::databaseName)
                        .filter(name -> !name.isEmpty())
                        .findFirst()
                        .orElse(""),
                first.serverVersion,
                first.dumpVersion,
                parts.stream()
                        .flatMap(part -> part.archive().contents().entries().stream()
                                .map(entry -> entry.renumbered(part.shift())))
                        .toList());
    }

    /** Whether it describes a plain dump: a script for psql. */
    public boolean isOfAPlainDump() {
        return format == ArchiveFormat.PLAIN;
    }

    TableOfContents ofDatabase(String name) {
        return new TableOfContents(
                archiveVersion,
                format,
                compression,
                charset,
                encoding,
                createdAt,
                name,
                serverVersion,
                dumpVersion,
                entries);
    }

    /** Whether it holds only the database itself and what every new database has: the schema public. */
    public boolean isOfAnEmptyDatabase() {
        return entries.stream()
                .allMatch(entry -> OF_EVERY_DATABASE.contains(entry.description())
                        || entry.tag().startsWith("DATABASE ")
                        || entry.description().equals("SCHEMA") && entry.tag().equals("public")
                        || entry.tag().equals("SCHEMA public"));
    }

    /** The entry with this dump id. */
    public Optional<Entry> entry(int dumpId) {
        return entries.stream().filter(entry -> entry.dumpId() == dumpId).findFirst();
    }
}
