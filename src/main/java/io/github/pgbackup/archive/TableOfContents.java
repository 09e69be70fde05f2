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
 * What an archive says that it holds, read from its own bytes. The rendering of {@code pg_restore --list} would not do:
 * a name or a function body may hold a line that looks like an entry.
 *
 * @param archiveVersion version of the archive format, for example {@code 1.14}
 * @param format custom, directory, or plain: then it is made of pg_dump's comments, see {@link PlainDumpReader}
 * @param compression the method of the table data, for example {@code gzip}; archives before 1.15 don't tell more than
 *     whether they are compressed
 * @param charset the encoding of everything in the archive, that of the source database
 * @param encoding the same by PostgreSQL's name, for example {@code UTF8}
 * @param createdAt when pg_dump began to write, by the clock and in the time zone of its machine, which it does not name; of a
 *     plain dump without that time, when its file was last written
 * @param databaseName the source database; empty for a plain dump that does not name it
 * @param serverVersion version of the source server as it called itself
 * @param dumpVersion version of pg_dump as it called itself
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
     * @throws CannotVerifyException when it is no archive, is cut or corrupt, or has a version that is not known
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

    /** The contents of several archives, whose entries have numbers of their own; one of a plain dump makes all plain. */
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

    /** Whether it is of a plain dump: a script for psql. */
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

    /** Whether it holds nothing but the database itself and what every new database has: the schema public. */
    public boolean isOfAnEmptyDatabase() {
        return entries.stream()
                .allMatch(entry -> OF_EVERY_DATABASE.contains(entry.description())
                        || entry.tag().startsWith("DATABASE ")
                        || entry.description().equals("SCHEMA") && entry.tag().equals("public")
                        || entry.tag().equals("SCHEMA public"));
    }

    /** The entry of that dump id. */
    public Optional<Entry> entry(int dumpId) {
        return entries.stream().filter(entry -> entry.dumpId() == dumpId).findFirst();
    }
}
