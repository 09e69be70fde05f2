package io.github.pgbackup.test;

import io.github.pgbackup.archive.ArchiveFormat;
import io.github.pgbackup.archive.Compression;
import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableOfContents;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;

/** Tables of contents as pg_dump 15 writes them of a database {@code shop}, for tests that need no archive. */
public final class Contents {

    private Contents() {}

    public static TableOfContents of(Entry... entries) {
        return new TableOfContents(
                "1.14",
                ArchiveFormat.CUSTOM,
                Compression.Method.NONE,
                StandardCharsets.UTF_8,
                "UTF8",
                LocalDateTime.of(2026, 11, 23, 22, 7, 54),
                "shop",
                "15.18",
                "15.18",
                List.of(entries));
    }

    /** An object in the schema public that app owns. */
    public static Entry entry(int dumpId, String description, String tag, String definition) {
        return new Entry(
                dumpId,
                false,
                0,
                0,
                tag,
                description,
                Entry.Section.PRE_DATA,
                definition,
                "",
                "public",
                "",
                "",
                "",
                "app",
                List.of(),
                null);
    }
}
