package io.github.pgbackup.archive;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.Sha256;
import io.github.pgbackup.postgres.OwnerOnly;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * An archive or plain dump that an earlier process wrote. It is recognised by its content and never modified: whatever
 * pg_restore and psql cannot read directly is unpacked elsewhere.
 *
 * @param archive the archive to restore: the file or directory itself, or its unpacked contents
 * @param path the configured file or directory
 * @param sha256 the file's hash; for a directory as in {@link Archive}
 * @param size bytes of the file, or of all members of the directory together
 * @param form the format of the file
 * @param cluster the rest of a pg_dumpall file; null when the file holds a single database
 */
public record StoredArchive(
        Archive archive,
        Path path,
        String sha256,
        long size,
        Form form,
        @Nullable Cluster cluster) {

    /**
     * The format of a file.
     *
     * @param name for example {@code tar in gzip}
     * @param wrapped whether the file as a whole is compressed
     */
    public record Form(String name, boolean wrapped) {

        private static Form of(String format, Optional<Wrapping> wrapping) {
            return new Form(format + in(wrapping), wrapping.isPresent());
        }

        private static String in(Optional<Wrapping> wrapping) {
            return wrapping.map(each -> " in " + each).orElse("");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * The output of pg_dumpall from which one database was taken.
     *
     * @param globals a script with the roles, extracted from the file
     * @param others the other databases in the file, except template1
     */
    public record Cluster(Path globals, List<String> others) {}

    private static final byte[] CUSTOM = "PGDMP".getBytes(StandardCharsets.US_ASCII);
    private static final String DIRECTORY_MEMBER = TableOfContents.DIRECTORY_MEMBER;

    /** A member of pg_dump's tar format that the directory format does not have. */
    private static final String SCRIPT = "restore.sql";

    private static final Pattern PLAIN =
            Pattern.compile("(?s)\\s*(--\\s*\\R|\\\\restrict [^\\n]*\\R|\\s)*-- PostgreSQL database (cluster )?dump.*");

    /** With {@link #MAINTENANCE}, the databases that every server has. */
    private static final String TEMPLATE = "template1";

    private static final String MAINTENANCE = "postgres";

    private static final int TAR_BLOCK = 512;

    /** A tar file ends with two blocks of zeros. */
    private static final int TAR_END = 2 * TAR_BLOCK;

    /** This archive as a backup of the database with the given name. */
    public StoredArchive ofDatabase(String name) {
        return new StoredArchive(archive.ofDatabase(name), path, sha256, size, form, cluster);
    }

    /** Whether a file or directory begins like an archive or a dump that can be read, compressed or not. */
    public static boolean isOne(Path file) {
        if (Files.isDirectory(file)) {
            return Files.isRegularFile(file.resolve(DIRECTORY_MEMBER));
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            byte[] beginning = peek(in, Wrapping.MAGIC);
            Optional<Wrapping> wrapping = Wrapping.of(beginning);
            if (wrapping.isEmpty()) {
                return isCustom(beginning) || isTar(peek(in, TAR_BLOCK)) || isPlain(peek(in, TAR_BLOCK));
            }
            try (InputStream inside = new BufferedInputStream(wrapping.get().unwrap(in))) {
                byte[] unwrapped = peek(inside, TAR_BLOCK);
                return isCustom(unwrapped) || isTar(unwrapped) || isPlain(unwrapped);
            }
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /** Whether a file is the complete output of pg_dumpall with {@code --globals-only} or {@code --roles-only}. */
    public static boolean holdsGlobalsAlone(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 17)) {
            return isPlain(peek(in, TAR_BLOCK))
                    && new PlainDumpReader(in).read() instanceof PlainDumpReader.Cluster cluster
                    && cluster.parts().isEmpty();
        } catch (PlainDumpReader.Refused e) {
            return false;
        }
    }

    /**
     * Combines several archives that make up one backup.
     *
     * @param archives two or more, in the order in which they are restored
     */
    public static StoredArchive together(List<StoredArchive> archives) {
        Archive all =
                Archive.together(archives.stream().map(StoredArchive::archive).toList());
        return new StoredArchive(
                all,
                archives.get(0).path(),
                all.sha256(),
                archives.stream().mapToLong(StoredArchive::size).sum(),
                new Form(
                        archives.stream().map(each -> each.form().name()).collect(Collectors.joining(", ")),
                        archives.stream().allMatch(each -> each.form().wrapped())),
                null);
    }

    /**
     * Reads an archive to its end.
     *
     * @param path a file or directory
     * @param unpackTo where to unpack the archive when that is necessary; must not exist
     * @param database the database to take from the output of pg_dumpall; empty for the only one besides template1 and
     *     postgres
     * @param ended whether the run has to end; polled during the read
     * @throws CannotVerifyException when it is not an archive that pg_restore or psql can read, or when it is damaged
     * @throws InterruptedException when the run has to end; unpacked files are left in place
     */
    public static StoredArchive read(Path path, Path unpackTo, Optional<String> database, BooleanSupplier ended)
            throws InterruptedException {
        try {
            if (Files.isDirectory(path)) {
                return ofDirectory(path);
            }
            return ofFile(path, unpackTo, database, ended);
        } catch (Ended e) {
            throw new InterruptedException();
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The archive " + path + " cannot be read: " + CannotVerifyException.reason(e) + ".",
                    Remedy.MAKE_THE_ARCHIVE_READABLE,
                    e);
        }
    }

    private static StoredArchive ofDirectory(Path path) throws IOException {
        if (!Files.isRegularFile(path.resolve(DIRECTORY_MEMBER))) {
            throw new CannotVerifyException(
                    "The folder " + path + " is not an archive: it lacks " + DIRECTORY_MEMBER
                            + ", which pg_dump writes in the directory format.",
                    Remedy.NAME_AN_ARCHIVE_OF_PG_DUMP);
        }
        Archive archive = Archive.ofDirectory(path);
        requireWholeMembers(archive);
        return new StoredArchive(
                archive, path, archive.sha256(), archive.size(), Form.of("directory", Optional.empty()), null);
    }

    private static StoredArchive ofFile(Path path, Path unpackTo, Optional<String> database, BooleanSupplier ended)
            throws IOException {
        Optional<Wrapping> wrapping;
        try (InputStream in = Files.newInputStream(path)) {
            wrapping = Wrapping.of(in.readNBytes(Wrapping.MAGIC));
        }
        String inside = Form.in(wrapping);
        MessageDigest digest = Sha256.digest();
        // Hash in large blocks, not in the small pieces in which the readers ask for bytes.
        try (InputStream file = new Stoppable(new DigestInputStream(Files.newInputStream(path), digest), ended);
                InputStream buffered = new BufferedInputStream(file, 1 << 17);
                InputStream content = new BufferedInputStream(unwrapped(wrapping, buffered, path), 1 << 17)) {
            byte[] beginning = damaged(path, inside, () -> peek(content, TAR_BLOCK));
            Archive archive;
            String format;
            if (isCustom(beginning) && wrapping.isEmpty()) {
                content.transferTo(OutputStream.nullOutputStream());
                String sha256 = HexFormat.of().formatHex(digest.digest());
                archive = Archive.ofFile(path, sha256, Files.size(path));
                return new StoredArchive(archive, path, sha256, archive.size(), Form.of("custom", wrapping), null);
            } else if (isCustom(beginning)) {
                MessageDigest unpacked = Sha256.digest();
                try (OutputStream out = create(unpackTo)) {
                    copy(path, inside, new DigestInputStream(content, unpacked), out);
                }
                archive = Archive.ofFile(unpackTo, HexFormat.of().formatHex(unpacked.digest()), Files.size(unpackTo));
                format = "custom";
            } else if (isTar(beginning)) {
                format = unpackTar(path, content, unpackTo);
                archive = Archive.ofDirectory(unpackTo);
                requireWholeMembers(archive);
            } else if (isPlain(beginning)) {
                Path script = path;
                PlainDumpReader.Dump dump;
                String scriptSha256;
                if (wrapping.isEmpty()) {
                    dump = read(path, content);
                    buffered.transferTo(OutputStream.nullOutputStream());
                    scriptSha256 = HexFormat.of().formatHex(digest.digest());
                } else {
                    script = unpackTo;
                    MessageDigest unpacked = Sha256.digest();
                    try (OutputStream out = create(script)) {
                        copy(path, inside, new DigestInputStream(content, unpacked), out);
                    }
                    scriptSha256 = HexFormat.of().formatHex(unpacked.digest());
                    dump = read(path, script, ended);
                    buffered.transferTo(OutputStream.nullOutputStream());
                }
                String sha256 =
                        wrapping.isEmpty() ? scriptSha256 : HexFormat.of().formatHex(digest.digest());
                if (dump instanceof PlainDumpReader.Contents contents) {
                    return new StoredArchive(
                            Archive.ofPlainDump(script, scriptSha256, tableOfContents(contents, path)),
                            path,
                            sha256,
                            Files.size(path),
                            Form.of("plain", wrapping),
                            null);
                }
                PlainDumpReader.Cluster all = (PlainDumpReader.Cluster) dump;
                if (all.parts().isEmpty()) {
                    throw new CannotVerifyException(
                            "The file " + path
                                    + " holds no database, only roles and tablespaces from pg_dumpall (--globals-only or"
                                    + " --roles-only).",
                            Remedy.GIVE_ROLES_AS_ROLES);
                }
                PlainDumpReader.Cluster.Part part = chosen(path, all.parts(), database);
                Cluster cluster = new Cluster(
                        extract(script, 0, all.globals(), unpackTo.resolveSibling("globals.sql")),
                        all.parts().stream()
                                .map(PlainDumpReader.Cluster.Part::database)
                                .filter(each -> !each.equals(part.database()) && !each.equals(TEMPLATE))
                                .toList());
                archive = ofPart(
                        path,
                        part,
                        extract(script, part.begins(), part.ends(), unpackTo.resolveSibling("database.sql")),
                        ended);
                if (!script.equals(path)) {
                    Files.delete(script);
                } else if (!Sha256.of(path).equals(sha256)) {
                    throw new CannotVerifyException(
                            "The archive " + path + " changed while it was read.", Remedy.SEE_WHAT_ELSE_WRITES_THERE);
                }
                return new StoredArchive(
                        archive, path, sha256, Files.size(path), Form.of("plain (pg_dumpall)", wrapping), cluster);
            } else {
                throw unknown(path, beginning, inside, Files.size(path));
            }
            // Bytes after the last compressed stream belong to the file, too.
            buffered.transferTo(OutputStream.nullOutputStream());
            return new StoredArchive(
                    archive,
                    path,
                    HexFormat.of().formatHex(digest.digest()),
                    Files.size(path),
                    Form.of(format, wrapping),
                    null);
        }
    }

    private static InputStream unwrapped(Optional<Wrapping> wrapping, InputStream in, Path path) throws IOException {
        if (wrapping.isEmpty()) {
            return in;
        }
        return damaged(path, " in " + wrapping.get(), () -> wrapping.get().unwrap(in));
    }

    private static CannotVerifyException unknown(Path path, byte[] beginning, String inside, long size) {
        if (size == 0) {
            return new CannotVerifyException("The archive " + path + " is empty.", Remedy.TAKE_THE_BACKUP_AGAIN);
        }
        return new CannotVerifyException(
                "The file " + path + " is not a pg_dump archive" + (inside.isEmpty() ? "" : inside)
                        + ": it begins with "
                        + HexFormat.ofDelimiter(" ").formatHex(beginning, 0, Math.min(8, beginning.length))
                        + " (hexadecimal). Expected the custom, directory, tar or plain format, uncompressed or compressed with"
                        + " gzip, xz, bzip2, zstd or lz4.",
                Remedy.NAME_AN_ARCHIVE_OF_PG_DUMP);
    }

    private static byte[] peek(InputStream in, int bytes) throws IOException {
        in.mark(bytes);
        byte[] beginning = in.readNBytes(bytes);
        in.reset();
        return beginning;
    }

    private static boolean isCustom(byte[] beginning) {
        return beginning.length >= CUSTOM.length
                && Arrays.equals(beginning, 0, CUSTOM.length, CUSTOM, 0, CUSTOM.length);
    }

    private static boolean isPlain(byte[] beginning) {
        return PLAIN.matcher(new String(beginning, StandardCharsets.UTF_8)).matches();
    }

    /** A single database from the output of pg_dumpall. */
    private static Archive ofPart(Path path, PlainDumpReader.Cluster.Part part, Path script, BooleanSupplier ended)
            throws IOException {
        if (!(read(path, script, ended) instanceof PlainDumpReader.Contents contents)) {
            throw isDamaged(
                    path, "its section for the database " + part.database() + " contains several databases", null);
        }
        return Archive.ofPlainDump(script, Sha256.of(script), tableOfContents(contents, path))
                .ofDatabase(part.database());
    }

    private static PlainDumpReader.Cluster.Part chosen(
            Path path, List<PlainDumpReader.Cluster.Part> parts, Optional<String> database) {
        List<PlainDumpReader.Cluster.Part> candidates = parts.stream()
                .filter(part -> database.isPresent()
                        ? part.database().equals(database.get())
                        : !part.database().equals(TEMPLATE) && !part.database().equals(MAINTENANCE))
                .toList();
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        String held = parts.stream().map(PlainDumpReader.Cluster.Part::database).collect(Collectors.joining(", "));
        throw new CannotVerifyException(
                "The output of pg_dumpall in " + path + " holds the databases " + held + "; "
                        + (database.isPresent()
                                ? "the database '" + database.get() + "' is not among them."
                                : "no setting says which one to verify."),
                Remedy.NAME_ONE_DATABASE_OF_PG_DUMPALL);
    }

    /** Copies a range of bytes of a file to a new file. */
    private static Path extract(Path script, long begins, long ends, Path target) throws IOException {
        try (FileChannel in = FileChannel.open(script);
                OutputStream out = create(target)) {
            WritableByteChannel to = Channels.newChannel(out);
            for (long at = begins; at < ends; ) {
                long moved = in.transferTo(at, ends - at, to);
                if (moved <= 0) {
                    throw new IOException("it became shorter while it was read");
                }
                at += moved;
            }
        }
        return target;
    }

    private static PlainDumpReader.Dump read(Path path, Path script, BooleanSupplier ended) throws IOException {
        try (InputStream in = new BufferedInputStream(new Stoppable(Files.newInputStream(script), ended), 1 << 17)) {
            return read(path, in);
        }
    }

    private static PlainDumpReader.Dump read(Path path, InputStream script) throws IOException {
        try {
            return new PlainDumpReader(script).read();
        } catch (PlainDumpReader.Refused e) {
            if (e.damaged()) {
                throw isDamaged(path, String.valueOf(e.getMessage()), e);
            }
            throw new CannotVerifyException(
                    "The plain dump " + path + " cannot be verified: " + e.getMessage() + ".",
                    Remedy.DUMP_AS_AN_ARCHIVE,
                    e);
        }
    }

    private static TableOfContents tableOfContents(PlainDumpReader.Contents contents, Path written) throws IOException {
        LocalDateTime createdAt = contents.startedAt().isPresent()
                ? contents.startedAt().get()
                : LocalDateTime.ofInstant(Files.getLastModifiedTime(written).toInstant(), ZoneId.systemDefault());
        return new TableOfContents(
                "plain",
                ArchiveFormat.PLAIN,
                Compression.Method.NONE,
                contents.charset(),
                contents.encoding(),
                createdAt,
                contents.databaseName().orElse(""),
                contents.serverVersion(),
                contents.dumpVersion(),
                contents.entries());
    }

    private static boolean isTar(byte[] beginning) {
        return beginning.length == TAR_BLOCK && TarArchiveInputStream.matches(beginning, TAR_BLOCK);
    }

    /**
     * Unpacks pg_dump's tar format, or a directory archive packed by tar. Both have the same members, including the
     * table of contents (manual, pg_dump, {@code -F}).
     *
     * @return which of the two it is
     */
    private static String unpackTar(Path path, InputStream content, Path directory) throws IOException {
        Tail tail = new Tail(content);
        boolean[] script = {false};
        Files.createDirectory(directory, OwnerOnly.directory());
        damaged(path, " in its tar format", () -> {
            TarArchiveInputStream tar = new TarArchiveInputStream(tail);
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
                if (entry.isDirectory()) {
                    continue;
                }
                if (!entry.isFile() || !name.matches("[A-Za-z0-9_.-]+") || name.matches("\\.+")) {
                    throw new IOException("it holds " + entry.getName() + ", which is not a member of an archive");
                }
                if (name.equals(SCRIPT)) {
                    script[0] = true;
                    continue;
                }
                try (OutputStream out = create(directory.resolve(name))) {
                    tar.transferTo(out);
                }
            }
            tail.transferTo(OutputStream.nullOutputStream());
            return tail;
        });
        if (!tail.isEndOfTar()) {
            throw isDamaged(path, "it is truncated: the two blocks of zeros that end a tar file are missing", null);
        }
        if (!Files.isRegularFile(directory.resolve(DIRECTORY_MEMBER))) {
            throw new CannotVerifyException(
                    "The tar file " + path + " is not a pg_dump archive: it lacks " + DIRECTORY_MEMBER + ".",
                    Remedy.NAME_AN_ARCHIVE_OF_PG_DUMP);
        }
        if (script[0]) {
            nameListsOfLargeObjects(directory);
        }
        return script[0] ? "tar" : "directory in tar";
    }

    /**
     * Renames the lists of large objects. In the tar format, the table of contents names them like a table's member,
     * {@code 4214.dat}, but the members are called {@code blobs.toc}, or {@code blobs_4214.toc} since 17. In the
     * directory format, pg_restore looks for the name in the table of contents.
     */
    private static void nameListsOfLargeObjects(Path directory) throws IOException {
        for (Entry entry : TableOfContents.read(directory).entries()) {
            String name = entry.dataFile();
            if (!entry.description().equals("BLOBS") || name == null || Files.exists(directory.resolve(name))) {
                continue;
            }
            for (String written : List.of("blobs_" + entry.dumpId() + ".toc", "blobs.toc")) {
                if (Files.exists(directory.resolve(written))) {
                    Files.copy(directory.resolve(written), directory.resolve(name));
                    break;
                }
            }
        }
    }

    /** Checks that no member is empty or truncated: pg_restore does not notice that, and restores fewer rows. */
    private static void requireWholeMembers(Archive archive) throws IOException {
        for (String name : archive.members().keySet()) {
            Optional<Wrapping> compression = Wrapping.ofMember(name);
            if (compression.isPresent()) {
                Path member = archive.path().resolve(name);
                try (InputStream in = new BufferedInputStream(Files.newInputStream(member), 1 << 17)) {
                    damaged(member, "", () -> {
                        try (InputStream inside = compression.get().unwrap(in)) {
                            return inside.transferTo(OutputStream.nullOutputStream());
                        }
                    });
                }
            }
        }
        List<String> missing = archive.contents().entries().stream()
                .map(Entry::dataFile)
                .flatMap(Stream::ofNullable)
                .filter(file -> !hasMember(archive, file))
                .toList();
        if (!missing.isEmpty()) {
            throw isDamaged(
                    archive.path(),
                    "its table of contents names the member " + missing.get(0) + ", which does not exist",
                    null);
        }
        requireLargeObjects(archive);
    }

    /**
     * Checks the separate members that list the contents of large objects: if one is empty, pg_restore creates empty
     * large objects.
     */
    private static void requireLargeObjects(Archive archive) throws IOException {
        Set<String> expected = new TreeSet<>();
        Set<String> listed = new TreeSet<>();
        for (Entry entry : archive.contents().entries()) {
            expected.addAll(entry.largeObjects());
            String list = entry.dataFile();
            if (list == null || !entry.description().equals("BLOBS")) {
                continue;
            }
            String lines = Files.readString(archive.path().resolve(list), StandardCharsets.ISO_8859_1);
            for (String line : lines.split("(?<=\n)", -1)) {
                // OID, blank, the member's name, line feed
                String[] parts = line.split(" ", 2);
                if (parts.length == 2 && line.endsWith("\n") && hasMember(archive, parts[1].strip())) {
                    listed.add(parts[0]);
                }
            }
        }
        expected.removeAll(listed);
        if (!expected.isEmpty()) {
            throw isDamaged(
                    archive.path(),
                    "it lacks the contents of " + expected.size() + " large objects, for example OID "
                            + expected.iterator().next(),
                    null);
        }
    }

    private static boolean hasMember(Archive archive, String file) {
        return archive.members().keySet().stream().anyMatch(name -> name.equals(file) || name.startsWith(file + "."));
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    /** The libraries report corrupt bytes by many kinds of exceptions. */
    private static <T> T damaged(Path path, String inside, Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (Ended | WriteFailed e) {
            throw e;
        } catch (IOException | IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException e) {
            String reason =
                    e instanceof IOException io ? CannotVerifyException.reason(io) : String.valueOf(e.getMessage());
            throw isDamaged(path, "it cannot be read to its end" + inside + " (" + reason + ")", e);
        }
    }

    private static CannotVerifyException isDamaged(Path path, String how, @Nullable Exception cause) {
        return new CannotVerifyException(
                "The archive " + path + " is damaged: " + how + ".", Remedy.TAKE_THE_BACKUP_AGAIN, cause);
    }

    private static void copy(Path path, String inside, InputStream in, OutputStream out) throws IOException {
        damaged(path, inside, () -> in.transferTo(out));
    }

    private static OutputStream create(Path file) throws IOException {
        OutputStream out = Channels.newOutputStream(Files.newByteChannel(
                file, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OwnerOnly.file()));
        return new OutputStream() {

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    out.write(bytes, offset, length);
                } catch (IOException e) {
                    throw new WriteFailed(e);
                }
            }

            @Override
            public void close() throws IOException {
                out.close();
            }
        };
    }

    /** A failure to write, such as on a full disk, says nothing about the archive. */
    private static final class WriteFailed extends IOException {
        private static final long serialVersionUID = 1L;

        WriteFailed(IOException cause) {
            super("the unpacked archive cannot be written: " + CannotVerifyException.reason(cause), cause);
        }
    }

    private static final class Ended extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** Stops the read when the run ends. */
    private static final class Stoppable extends FilterInputStream {

        private final BooleanSupplier ended;

        Stoppable(InputStream in, BooleanSupplier ended) {
            super(in);
            this.ended = ended;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (ended.getAsBoolean()) {
                throw new Ended();
            }
            return super.read(bytes, offset, length);
        }
    }

    /** Keeps the last bytes of the stream. */
    private static final class Tail extends FilterInputStream {

        private final byte[] last = new byte[TAR_END];
        private long length;

        Tail(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int wanted) throws IOException {
            int read = super.read(bytes, offset, wanted);
            if (read > 0) {
                int kept = Math.min(read, TAR_END);
                System.arraycopy(last, kept, last, 0, TAR_END - kept);
                System.arraycopy(bytes, offset + read - kept, last, TAR_END - kept, kept);
                length += read;
            }
            return read;
        }

        @Override
        public long skip(long wanted) throws IOException {
            byte[] buffer = new byte[(int) Math.min(wanted, 1 << 16)];
            return Math.max(0, read(buffer, 0, buffer.length));
        }

        @Override
        public boolean markSupported() {
            return false;
        }

        boolean isEndOfTar() {
            if (length % TAR_BLOCK != 0 || length < TAR_END) {
                return false;
            }
            for (byte each : last) {
                if (each != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
