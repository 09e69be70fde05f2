package io.github.pgbackup.archive;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header and the entries of an archive. The layout is that of ReadHead and ReadToc in PostgreSQL's
 * pg_backup_archiver.c. For any input, it returns a table of contents or throws a {@link CannotVerifyException}, and
 * its memory is bounded.
 */
final class TableOfContentsReader {

    /** 1.12 is from PostgreSQL 9.0; 1.16 is from 17 to 19. */
    private static final int OLDEST_VERSION = 12;

    private static final int NEWEST_VERSION = 16;
    private static final int VERSION_WITH_TABLE_ACCESS_METHOD = 14;
    private static final int VERSION_WITH_COMPRESSION_METHOD = 15;
    private static final int VERSION_WITH_RELATION_KIND = 16;

    /** Codes of pg_backup.h. A directory's toc.dat has the code of tar; pg_backup_directory.c explains why. */
    private static final int FORMAT_CUSTOM = 1;

    private static final int FORMAT_TAR = 3;

    /** Far longer than any real definition or name, and small enough for a heap of 128 MiB. */
    private static final int MAX_TEXT = 16 << 20;

    private static final int CHUNK = 1 << 16;

    private static final Pattern ENCODING = Pattern.compile("SET client_encoding = '([^']*)';\\s*");

    private final InputStream in;
    private final Path file;
    private final long size;
    private final ArchiveFormat expectedFormat;
    private final Map<String, String> repeated = new HashMap<>();

    private long offset;
    private int version;
    private int integerSize;
    private int offsetSize;
    private Charset charset = StandardCharsets.UTF_8;
    private String encoding = "UTF8";

    TableOfContentsReader(InputStream in, Path file, long size, ArchiveFormat expectedFormat) {
        this.in = in;
        this.file = file;
        this.size = size;
        this.expectedFormat = expectedFormat;
    }

    TableOfContents read() throws IOException {
        readMagic();
        readVersion();
        integerSize = readSize("the size of an integer", 4);
        offsetSize = readSize("the size of an offset", 8);
        readFormat();
        Compression.Method compression = readCompression();
        LocalDateTime createdAt = readTime();
        Optional<byte[]> databaseName = readBytes("the name of the database");
        String serverVersion = readText("the version of the server");
        String dumpVersion = readText("the version of pg_dump");
        List<Entry> entries = readEntries();
        return new TableOfContents(
                "1." + version,
                expectedFormat,
                compression,
                charset,
                encoding,
                createdAt,
                databaseName.map(this::decode).orElse(""),
                serverVersion,
                dumpVersion,
                entries);
    }

    private void readMagic() throws IOException {
        for (char expected : "PGDMP".toCharArray()) {
            if (readByte("the magic PGDMP") != expected) {
                throw corrupt("the magic PGDMP of an archive");
            }
        }
    }

    private void readVersion() throws IOException {
        int major = readByte("the major version of the archive");
        version = readByte("the minor version of the archive");
        readByte("the revision of the archive");
        if (major != 1 || version < OLDEST_VERSION || version > NEWEST_VERSION) {
            throw new CannotVerifyException(
                    "The archive %s has format version %d.%d; this plugin reads 1.%d to 1.%d."
                            .formatted(file, major, version, OLDEST_VERSION, NEWEST_VERSION),
                    Remedy.USE_A_KNOWN_PG_DUMP);
        }
    }

    private int readSize(String what, int greatest) throws IOException {
        int bytes = readByte(what);
        if (bytes < 1 || bytes > greatest) {
            throw corrupt("%s from 1 to %d".formatted(what, greatest));
        }
        return bytes;
    }

    private void readFormat() throws IOException {
        int expected = expectedFormat == ArchiveFormat.CUSTOM ? FORMAT_CUSTOM : FORMAT_TAR;
        if (readByte("the format") != expected) {
            throw corrupt("the format code %d of the %s format".formatted(expected, expectedFormat));
        }
    }

    private Compression.Method readCompression() throws IOException {
        if (version < VERSION_WITH_COMPRESSION_METHOD) {
            return readInteger("the level of compression") == 0 ? Compression.Method.NONE : Compression.Method.GZIP;
        }
        int method = readByte("the method of compression");
        Compression.Method[] methods = Compression.Method.values();
        if (method >= methods.length) {
            throw corrupt("a method of compression from 0 to %d".formatted(methods.length - 1));
        }
        return methods[method];
    }

    /** Reads a time in the form of C's struct tm: months from 0, years from 1900, and second 60 for a leap second. */
    private LocalDateTime readTime() throws IOException {
        int second = readInteger("the second of creation");
        int minute = readInteger("the minute of creation");
        int hour = readInteger("the hour of creation");
        int day = readInteger("the day of creation");
        int month = readInteger("the month of creation");
        int year = readInteger("the year of creation");
        readInteger("the daylight saving time of creation");
        try {
            return LocalDateTime.of(year + 1900, month + 1, day, hour, minute, Math.min(second, 59));
        } catch (DateTimeException e) {
            throw corrupt("a time of creation");
        }
    }

    private List<Entry> readEntries() throws IOException {
        int count = readInteger("the number of entries");
        if (count < 0) {
            throw corrupt("a number of entries that is not negative");
        }
        List<Entry> entries = new ArrayList<>();
        Set<Integer> dumpIds = new HashSet<>();
        for (int i = 0; i < count; i++) {
            Entry entry = readEntry();
            if (!dumpIds.add(entry.dumpId())) {
                throw corrupt("a dump id other than %d, which an earlier entry has".formatted(entry.dumpId()));
            }
            entries.add(entry);
        }
        return entries;
    }

    private Entry readEntry() throws IOException {
        int dumpId = readInteger("a dump id");
        if (dumpId <= 0) {
            throw corrupt("a dump id above 0");
        }
        int hasData = readInteger("whether entry %d has data".formatted(dumpId));
        if (hasData != 0 && hasData != 1) {
            throw corrupt("0 or 1 for whether entry %d has data".formatted(dumpId));
        }
        long tableOid = readOid();
        long oid = readOid();
        String tag = readText("a tag");
        String description = intern(readText("a description"));
        Entry.Section section = readSection();
        String definition = readText("a definition");
        readText("a drop statement");
        String copyStatement = readText("a COPY statement");
        String schema = intern(readText("a schema"));
        String tablespace = intern(readText("a tablespace"));
        String tableAccessMethod =
                version < VERSION_WITH_TABLE_ACCESS_METHOD ? "" : intern(readText("a table access method"));
        String relationKind = version < VERSION_WITH_RELATION_KIND ? "" : readRelationKind();
        String owner = intern(readText("an owner"));
        readText("whether a table has OIDs");
        List<Integer> dependencies = readDependencies();
        String dataFile = readDataPosition();
        if (description.equals("ENCODING")) {
            readEncoding(definition);
        }
        return new Entry(
                dumpId,
                hasData == 1,
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
                dependencies,
                dataFile);
    }

    /** Reads the encoding, which pg_dump writes before all entries with a name, so that names can be decoded. */
    private void readEncoding(String definition) {
        Matcher matcher = ENCODING.matcher(definition);
        if (!matcher.matches()) {
            throw corrupt("an ENCODING entry that sets client_encoding");
        }
        encoding = matcher.group(1);
        charset = ServerEncoding.charset(encoding)
                .orElseThrow(() -> new CannotVerifyException(
                        "The archive %s has the encoding %s, which Java cannot read.".formatted(file, encoding),
                        Remedy.USE_AN_ENCODING_THAT_JAVA_HAS));
    }

    private Entry.Section readSection() throws IOException {
        int section = readInteger("a section");
        Entry.Section[] sections = Entry.Section.values();
        if (section < 1 || section > sections.length) {
            throw corrupt("a section from 1 to %d".formatted(sections.length));
        }
        return sections[section - 1];
    }

    private String readRelationKind() throws IOException {
        int kind = readInteger("a relation kind");
        if (kind < 0 || kind > 'z') {
            throw corrupt("a relation kind, which is a letter or 0");
        }
        return kind == 0 ? "" : intern(String.valueOf((char) kind));
    }

    private List<Integer> readDependencies() throws IOException {
        List<Integer> dependencies = new ArrayList<>();
        while (true) {
            Optional<byte[]> dependency = readBytes("a dependency");
            if (dependency.isEmpty()) {
                return dependencies;
            }
            dependencies.add((int) number(dependency.get(), Integer.MAX_VALUE, "a dump id as a dependency"));
        }
    }

    private long readOid() throws IOException {
        return readBytes("an OID")
                .map(oid -> number(oid, 0xFFFF_FFFFL, "an OID"))
                .orElse(0L);
    }

    private long number(byte[] digits, long greatest, String expected) {
        long number = 0;
        for (byte digit : digits) {
            number = number * 10 + digit - '0';
            if (digit < '0' || digit > '9' || number > greatest) {
                throw corrupt(expected);
            }
        }
        if (digits.length == 0) {
            throw corrupt(expected);
        }
        return number;
    }

    private @Nullable String readDataPosition() throws IOException {
        if (expectedFormat == ArchiveFormat.DIRECTORY) {
            String dataFile = readText("the file of an entry");
            return dataFile.isEmpty() ? null : dataFile;
        }
        int flag = readByte("the flag of an offset");
        if (flag < 1 || flag > 3) {
            throw corrupt("a flag of an offset from 1 to 3");
        }
        for (int i = 0; i < offsetSize; i++) {
            readByte("an offset");
        }
        return null;
    }

    private String readText(String what) throws IOException {
        return readBytes(what).map(this::decode).orElse("");
    }

    private String decode(byte[] bytes) {
        return new String(bytes, charset);
    }

    /** Reads bytes; empty for a null in the archive. */
    private Optional<byte[]> readBytes(String what) throws IOException {
        int length = readInteger("the length of " + what);
        if (length < 0) {
            return Optional.empty();
        }
        if (length > size - offset) {
            throw corrupt("%s that ends within the file".formatted(what));
        }
        if (length > MAX_TEXT) {
            throw corrupt("%s of %d bytes at most".formatted(what, MAX_TEXT));
        }
        // In chunks, so that a wrong length never takes more memory than the file has bytes.
        byte[] bytes = new byte[Math.min(length, CHUNK)];
        int filled = 0;
        while (filled < length) {
            if (filled == bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.min(length, bytes.length * 2));
            }
            int read = in.read(bytes, filled, bytes.length - filled);
            if (read < 0) {
                throw corrupt(what + ", not the end of the file");
            }
            filled += read;
            offset += read;
        }
        return Optional.of(bytes);
    }

    private int readInteger(String what) throws IOException {
        int sign = readByte(what);
        if (sign > 1) {
            throw corrupt("a sign of 0 or 1 for " + what);
        }
        long value = 0;
        for (int i = 0; i < integerSize; i++) {
            value |= (long) readByte(what) << (8 * i);
        }
        if (value > Integer.MAX_VALUE) {
            throw corrupt("%s of at most %d".formatted(what, Integer.MAX_VALUE));
        }
        return (int) (sign == 1 ? -value : value);
    }

    private int readByte(String what) throws IOException {
        int read = in.read();
        if (read < 0) {
            throw corrupt(what + ", not the end of the file");
        }
        offset++;
        return read;
    }

    private String intern(String text) {
        return repeated.computeIfAbsent(text, same -> same);
    }

    private CannotVerifyException corrupt(String expected) {
        return new CannotVerifyException(
                "The table of contents of the archive %s is corrupt at byte %d: expected %s."
                        .formatted(file, offset, expected),
                Remedy.TAKE_A_BACKUP_THAT_IS_WHAT_PG_DUMP_WROTE);
    }
}
