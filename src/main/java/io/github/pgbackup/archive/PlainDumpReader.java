package io.github.pgbackup.archive;

import io.github.pgbackup.archive.Entry.Section;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a plain dump to its end and builds a table of contents from the comments that pg_dump writes before each object
 * (dumpCommentExtended and _printTocEntry in PostgreSQL's pg_backup_archiver.c). The memory it needs depends only on
 * the definitions. It distinguishes comments, commands and rows as psql does (psqlscan.l), because psql will run the
 * file.
 *
 * <p>The number of an entry is the line in which its comment begins, so that psql's messages can be mapped to entries.
 */
final class PlainDumpReader {

    /** The input is not a dump that can be verified; the message is a clause. */
    static final class Refused extends IOException {

        private static final long serialVersionUID = 1L;

        private final transient boolean damaged;

        Refused(String clause, boolean damaged) {
            super(clause);
            this.damaged = damaged;
        }

        /** Whether the input was a valid dump before it was truncated. */
        boolean damaged() {
            return damaged;
        }
    }

    private static final String BEGINNING = "-- PostgreSQL database dump";
    private static final String CLUSTER = "-- PostgreSQL database cluster dump";
    private static final String ROLES = "-- Roles";
    private static final String END = "-- PostgreSQL database dump complete";
    private static final String CLUSTER_END = "-- PostgreSQL database cluster dump complete";

    /** What pg_dumpall 12 and newer writes before each database. */
    private static final Pattern DATABASE = Pattern.compile("-- Database \"(.*)\" dump");

    /** An older one connects to a database that exists, and lets pg_dump create the others (since 11). */
    private static final String CONNECT_COMMAND = "\\connect ";

    /** appendPsqlMetaConnect in PostgreSQL's string_utils.c. */
    private static final Pattern CONNECTED =
            Pattern.compile("-reuse-previous=on \"dbname='(.*)'\"|\"?([A-Za-z0-9_.]+)\"?");

    /** Before 11, pg_dumpall creates the databases before it dumps the first one, and connects to each. */
    private static final String CREATE_DATABASE = "CREATE DATABASE ";

    /** After it has connected to a database to dump, and not when it moves one to another tablespace. */
    private static final String WRITABLE = "SET default_transaction_read_only = off";

    private static final Pattern HEADER = Pattern.compile(
            "-- (Data for )?Name: (.*); Type: (.*); Schema: (.*); Owner: (.*?)(?:; Tablespace: (.*))?", Pattern.DOTALL);
    private static final Pattern SERVER = Pattern.compile("-- Dumped from database version (.*)");
    private static final Pattern DUMP = Pattern.compile("-- Dumped by pg_dump version (.*)");

    /** Ignores the time zone at the end: it is an ambiguous abbreviation. */
    private static final Pattern STARTED =
            Pattern.compile("-- Started on (\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d).*");

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
    private static final Pattern ENCODING = Pattern.compile("SET client_encoding = '(.*)'", Pattern.CASE_INSENSITIVE);
    private static final Pattern STRINGS =
            Pattern.compile("SET standard_conforming_strings = (on|off)", Pattern.CASE_INSENSITIVE);
    private static final Pattern COPY =
            Pattern.compile("COPY\\b.*\\bFROM\\s+stdin", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** The psql commands that pg_dump writes, exactly as it writes them. */
    private static final Pattern META_COMMAND =
            Pattern.compile("\\\\(?:restrict|unrestrict) [A-Za-z0-9]+|\\\\encoding SQL_ASCII"
                    + "|\\\\connect (?:[A-Za-z0-9_.]+|\"[A-Za-z0-9_.]+\""
                    + "|-reuse-previous=on \"dbname='(?:[^'\\\\\"]|\\\\.|\"\")*'\")");

    /** The escapes that a server writes in COPY data (manual, COPY, "Text Format"). */
    private static final String ESCAPES = "bfnrtvN\\";

    /** Long enough for any function body; the rest of a longer entry is dropped. */
    private static final int MAX_DEFINITION = 16 << 20;

    private static final int MAX_COMMAND = 1 << 16;
    private static final Pattern LARGE_OBJECT = Pattern.compile("lo_create\\('(\\d+)'\\)");
    private static final Pattern OWNER =
            Pattern.compile("\\n\\s*ALTER [A-Z ]+ [^;]* OWNER TO [^;]*;\\s*$", Pattern.DOTALL);
    private static final Pattern STORAGE = Pattern.compile(
            "\\n\\s*SET (?:default_tablespace|default_table_access_method|default_with_oids) = [^;]*;\\s*$");
    private static final Pattern CONNECT = Pattern.compile("\\n\\\\connect .*", Pattern.DOTALL);
    private static final Set<String> POST_DATA = Set.of(
            "CONSTRAINT",
            "CHECK CONSTRAINT",
            "FK CONSTRAINT",
            "INDEX",
            "INDEX ATTACH",
            "TRIGGER",
            "EVENT TRIGGER",
            "RULE",
            "POLICY",
            "ROW SECURITY",
            "STATISTICS",
            "PUBLICATION",
            "PUBLICATION TABLE",
            "SUBSCRIPTION",
            "MATERIALIZED VIEW DATA");

    private enum State {
        COMMAND,
        STRING,
        ESCAPED_STRING,
        IDENTIFIER,
        DOLLAR_QUOTED,
        COMMENT
    }

    private final InputStream in;
    private final byte[] buffer = new byte[1 << 17];
    private int at;
    private int end;
    private int line = 1;
    private boolean atLineStart = true;

    /** The last two bytes of the current command. */
    private byte last;

    private byte secondToLast;

    private State state = State.COMMAND;
    private String dollarQuote = "";
    private int commentDepth;
    private boolean backslashEscapes;
    private final ByteArrayOutputStream command = new ByteArrayOutputStream();

    private final List<Entry> entries = new ArrayList<>();
    private @Nullable Matcher header;
    private int headerLine;
    private final ByteArrayOutputStream definition = new ByteArrayOutputStream();
    private String copyStatement = "";

    /** The number of open parentheses in the current command. */
    private int depth;

    /** Whether the current command has reached its VALUES. */
    private boolean values;

    /** The number of rows so far in the current INSERT. */
    private long rowsOfCommand;

    /** The number of rows in the earlier INSERT commands of the current entry. */
    private long insertedRows;

    private final Map<Integer, Long> insertedRowsOfEntries = new HashMap<>();

    private boolean began;
    private boolean complete;
    private int databases;

    /** Whether pg_dumpall wrote the dump. */
    private boolean cluster;

    /** Whether its databases have headings. */
    private boolean headed;

    private boolean clusterComplete;

    /** The encoding of pg_dumpall's own output; each database has its own. */
    private Charset clusterCharset = StandardCharsets.UTF_8;

    private final List<Cluster.Part> parts = new ArrayList<>();
    private boolean inPart;

    /** Empty while only its own entries name the database. */
    private String part = "";

    private long partBegins;
    private boolean partHasBegun;
    private boolean partIsComplete;

    /** Where the last {@code \connect} between the dumps of databases led. */
    private @Nullable String connected;

    private long connectedAt;

    /** Whether this was the beginning of a database's dump. */
    private boolean dumpFollows;

    private final Set<String> createdDatabases = new LinkedHashSet<>();

    /** Bytes before the buffer. */
    private long bufferOffset;

    private String encoding = "UTF8";
    private Charset charset = StandardCharsets.UTF_8;
    private String serverVersion = "";
    private String dumpVersion = "";
    private Optional<LocalDateTime> startedAt = Optional.empty();

    PlainDumpReader(InputStream in) {
        this.in = in;
    }

    /** A dump of one database, or of several databases by pg_dumpall. */
    sealed interface Dump {}

    /**
     * The output of pg_dumpall.
     *
     * @param globals number of bytes before the first database: roles, tablespaces and settings of roles
     * @param parts its databases; empty for {@code --globals-only} and {@code --roles-only}
     */
    record Cluster(long globals, List<Part> parts) implements Dump {

        /**
         * One of its databases: a plain dump by itself, except for its {@code \connect} line.
         *
         * @param begins offset of its first byte
         * @param ends offset after its last byte
         */
        record Part(String database, long begins, long ends) {}
    }

    /**
     * The contents of a dump of one database.
     *
     * @param databaseName empty when the dump does not name it, as without {@code --create}
     * @param startedAt empty when the dump does not say, as without {@code --verbose}
     * @param insertedRows number of rows in the INSERT commands of an entry, by the number of the entry
     */
    record Contents(
            String encoding,
            Charset charset,
            Optional<LocalDateTime> startedAt,
            Optional<String> databaseName,
            String serverVersion,
            String dumpVersion,
            List<Entry> entries,
            Map<Integer, Long> insertedRows)
            implements Dump {}

    /**
     * Reads the whole dump.
     *
     * @throws Refused when the dump is incomplete, or contains psql commands that pg_dump does not write
     */
    Dump read() throws IOException {
        while (fill()) {
            if (state == State.COMMAND && atLineStart) {
                readLineOfCommands();
            } else {
                readRestOfLine();
            }
        }
        if (!(cluster ? clusterComplete : complete) || state != State.COMMAND) {
            throw new Refused(
                    "it is truncated: its closing line is missing ("
                            + (cluster ? CLUSTER_END : END).substring("-- ".length())
                            + "); its last line is line " + line,
                    true);
        }
        endEntry();
        if (cluster) {
            return new Cluster(
                    parts.isEmpty() ? bufferOffset + at : parts.get(0).begins(), List.copyOf(parts));
        }
        if (serverVersion.isEmpty() || dumpVersion.isEmpty()) {
            throw new Refused("it lacks the versions of the server and of pg_dump", false);
        }
        return new Contents(
                encoding,
                charset,
                startedAt,
                databaseEntry(),
                serverVersion,
                dumpVersion,
                entries,
                insertedRowsOfEntries);
    }

    /**
     * Reads the dump of one database.
     *
     * @throws Refused also when it is the output of pg_dumpall
     */
    static Contents readOne(InputStream in) throws IOException {
        if (new PlainDumpReader(in).read() instanceof Contents contents) {
            return contents;
        }
        throw new Refused("it contains several databases", false);
    }

    private static Refused cutBefore(int number, String database) {
        return new Refused(
                "the dump of " + (database.isEmpty() ? "a database" : "its database " + database)
                        + " is truncated before line " + number + ": its closing line is missing",
                true);
    }

    private boolean isBetweenParts() {
        return cluster && (!inPart || partIsComplete);
    }

    private void beginPart(String database, long at) {
        if (parts.isEmpty()) {
            clusterCharset = charset;
        }
        inPart = true;
        part = database;
        partBegins = at;
        partHasBegun = false;
        partIsComplete = false;
        complete = false;
        connected = null;
        dumpFollows = false;
    }

    /** Ends the part of a database: the next database begins, or the whole dump ends. */
    private void endPart(long at, int number) throws Refused {
        endEntry();
        Optional<String> created = databaseEntry();
        String name = part.isEmpty() ? created.orElse("") : part;
        entries.clear();
        if (connected != null && (dumpFollows || inPart)) {
            throw cutBefore(number, connected);
        }
        if (!inPart) {
            return;
        }
        if (!partIsComplete) {
            throw cutBefore(number, name);
        }
        if (name.isEmpty()) {
            throw new Refused("nothing names the database of the dump before line " + number, true);
        }
        if (!headed && !part.isEmpty() && created.isPresent()) {
            throw cutBefore(number, part); // and this is another one's, which creates its database
        }
        parts.add(new Cluster.Part(name, partBegins, at));
        inPart = false;
    }

    private Optional<String> databaseEntry() {
        return entries.stream()
                .filter(entry -> entry.description().equals("DATABASE"))
                .map(Entry::tag)
                .findFirst();
    }

    /** Before 12, nothing else marks the beginning of a database that exists on every server; before 11, of any. */
    private void connect(String command, long offset, int number) throws Refused {
        if (dumpFollows) {
            throw cutBefore(number, String.valueOf(connected));
        }
        Matcher to =
                CONNECTED.matcher(command.substring(CONNECT_COMMAND.length()).strip());
        if (to.matches()) {
            connected = to.group(1) == null
                    ? to.group(2)
                    : to.group(1).replace("\"\"", "\"").replaceAll("\\\\(.)", "$1");
            connectedAt = offset;
            complete = false;
        }
    }

    /** Reads a line that begins outside of quotes: it may be a comment by pg_dump or a psql command. */
    private void readLineOfCommands() throws IOException {
        byte first = buffer[at];
        if (first == '-' && command.toString(StandardCharsets.ISO_8859_1).isBlank()) {
            int number = line;
            long offset = bufferOffset + at;
            String text = readLine();
            if (text.startsWith("--")) {
                comment(text, number, offset);
                keep(text + "\n");
                return;
            }
            throw new Refused("line " + number + " was not written by pg_dump", false);
        }
        if (first == '\\') {
            int number = line;
            long offset = bufferOffset + at;
            boolean alone = command.toString(StandardCharsets.ISO_8859_1).isBlank();
            String text = readLine();
            if (!alone || !META_COMMAND.matcher(text.stripTrailing()).matches()) {
                throw metaCommand(number);
            }
            if (text.startsWith(CONNECT_COMMAND) && isBetweenParts() && !headed && !clusterComplete) {
                connect(text, offset, number);
            } else if (complete && !text.startsWith("\\unrestrict ") && (!inPart || partIsComplete)) {
                throw afterTheEnd(number);
            }
            keep(text + "\n");
            return;
        }
        readRestOfLine();
    }

    private static Refused metaCommand(int number) {
        return new Refused(
                "line " + number + " holds a psql command (a backslash outside of quotes) that pg_dump does not write",
                false);
    }

    private static Refused afterTheEnd(int number) {
        return new Refused(
                "line " + number + " follows the end of the dump: the file holds more than one database", false);
    }

    private void comment(String text, int number, long offset) throws Refused {
        Matcher database = DATABASE.matcher(text);
        if ((text.equals(CLUSTER) || text.equals(ROLES)) && !began) {
            cluster = true;
        } else if (database.matches() && isBetweenParts() && !clusterComplete) {
            connected = null;
            endPart(offset, number);
            beginPart(database.group(1), offset);
            headed = true;
        } else if (text.equals(CLUSTER_END)) {
            if (!cluster) {
                throw new Refused(
                        "line " + number + " ends the output of pg_dumpall, but its beginning is missing", true);
            }
            endPart(offset, number);
            requireCreatedDatabases();
            clusterComplete = true;
            complete = true;
        } else if (text.equals(BEGINNING)) {
            began = true;
            databases++;
            if (isBetweenParts() && !headed && !clusterComplete) {
                String name = connected == null ? "" : connected;
                long begins = connected == null ? offset : connectedAt;
                connected = null;
                endPart(begins, number);
                beginPart(name, begins);
            }
            if (cluster ? !inPart || partIsComplete : databases > 1) {
                throw afterTheEnd(number);
            }
            if (cluster && partHasBegun) {
                throw cutBefore(number, databaseEntry().orElse(part));
            }
            partHasBegun = true;
        } else if (text.equals(END)) {
            if (isBetweenParts() && !headed) {
                throw new Refused("line " + number + " ends the dump of a database, but none has begun", true);
            }
            endEntry();
            complete = true;
            partIsComplete = true;
            charset = cluster ? clusterCharset : charset;
            return;
        }
        Matcher server = SERVER.matcher(text);
        Matcher dump = DUMP.matcher(text);
        Matcher started = STARTED.matcher(text);
        Matcher object = HEADER.matcher(text);
        if (server.matches() && serverVersion.isEmpty()) {
            serverVersion = server.group(1);
        } else if (dump.matches() && dumpVersion.isEmpty()) {
            dumpVersion = dump.group(1);
        } else if (started.matches() && startedAt.isEmpty()) {
            startedAt = Optional.of(LocalDateTime.parse(started.group(1), TIME));
        } else if (object.matches()) {
            endEntry();
            header = object;
            headerLine = number;
        }
    }

    /** Before 11, the file itself says which databases it holds; after that, a missing one leaves no trace. */
    private void requireCreatedDatabases() throws Refused {
        Set<String> missing = new LinkedHashSet<>(createdDatabases);
        parts.forEach(each -> missing.remove(each.database()));
        if (!missing.isEmpty()) {
            throw new Refused("it creates the database " + missing.iterator().next() + ", but lacks its dump", true);
        }
    }

    private void keep(String text) {
        if (header != null && definition.size() < MAX_DEFINITION) {
            definition.writeBytes(text.getBytes(charset));
        }
    }

    /** Reads a line or the rest of one. The rows of a COPY follow the line in which the command ends. */
    private void readRestOfLine() throws IOException {
        boolean copy = false;
        atLineStart = false;
        while (fill()) {
            byte c = buffer[at++];
            if (complete && c > ' ' && state == State.COMMAND) {
                throw afterTheEnd(line);
            }
            switch (state) {
                case COMMAND -> copy |= command(c);
                case STRING -> {
                    if (c == '\'') {
                        state = State.COMMAND;
                    }
                }
                case ESCAPED_STRING -> {
                    if (c == '\\' && fill()) {
                        add(c);
                        c = buffer[at++];
                    } else if (c == '\'') {
                        state = State.COMMAND;
                    }
                }
                case IDENTIFIER -> {
                    if (c == '"') {
                        state = State.COMMAND;
                    }
                }
                case DOLLAR_QUOTED -> {
                    if (c == '$' && continues(dollarQuote.substring(1))) {
                        for (int i = 1; i < dollarQuote.length(); i++) {
                            add(c);
                            c = buffer[at++];
                        }
                        state = State.COMMAND;
                    }
                }
                case COMMENT -> {
                    if (c == '*' && continues("/")) {
                        add(c);
                        c = buffer[at++];
                        commentDepth--;
                        state = commentDepth == 0 ? State.COMMAND : State.COMMENT;
                    } else if (c == '/' && continues("*")) {
                        add(c);
                        c = buffer[at++];
                        commentDepth++;
                    }
                }
            }
            add(c);
            if (c == '\n') {
                line++;
                atLineStart = true;
                if (copy) {
                    readRows();
                }
                return;
            }
        }
    }

    /** Processes a byte outside of quotes. Returns whether it ends a COPY command. */
    private boolean command(byte c) throws IOException {
        switch (c) {
            case '\\' -> throw metaCommand(line);
            case '\'' -> state = backslashEscapes || endsInEscapePrefix() ? State.ESCAPED_STRING : State.STRING;
            case '"' -> state = State.IDENTIFIER;
            case '$' -> {
                if (!isWordPart(last)) {
                    beginDollarQuote();
                }
            }
            case '/' -> {
                if (continues("*")) {
                    state = State.COMMENT;
                    commentDepth = 1;
                }
            }
            case '-' -> {
                if (continues("-")) {
                    // A comment to the end of the line.
                    while (fill() && buffer[at] != '\n') {
                        at++;
                    }
                }
            }
            case '(' -> {
                if (depth++ == 0 && inValues()) {
                    rowsOfCommand++;
                }
            }
            case ')' -> depth--;
            case ';' -> {
                return endCommand();
            }
            default -> {
                // a part of a word, or blank
            }
        }
        return false;
    }

    /** Whether an opening parenthesis begins a row of an INSERT, not its list of columns. */
    private boolean inValues() {
        values = values
                || command.toString(StandardCharsets.ISO_8859_1).stripTrailing().endsWith("VALUES");
        return values;
    }

    /** Whether the word before the quote is E or e. */
    private boolean endsInEscapePrefix() {
        return (last == 'E' || last == 'e') && !isWordPart(secondToLast);
    }

    private static boolean isWordPart(byte c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c < 0;
    }

    private void beginDollarQuote() throws IOException {
        StringBuilder tag = new StringBuilder("$");
        for (int i = 0; peek(i); i++) {
            byte c = buffer[at + i];
            if (c == '$') {
                dollarQuote = tag.append('$').toString();
                for (int skipped = 0; skipped <= i; skipped++) {
                    add(buffer[at + skipped]);
                }
                at += i + 1;
                state = State.DOLLAR_QUOTED;
                return;
            }
            if (!isWordPart(c) || i == 0 && c >= '0' && c <= '9') {
                return;
            }
            tag.append((char) (c & 0xFF));
        }
    }

    private boolean endCommand() {
        String text = command.toString(charset).strip();
        command.reset();
        Matcher encodingOf = ENCODING.matcher(text);
        Matcher strings = STRINGS.matcher(text);
        if (encodingOf.matches()) {
            encoding = encodingOf.group(1);
            charset = ServerEncoding.charset(encoding).orElse(StandardCharsets.UTF_8);
        } else if (strings.matches()) {
            backslashEscapes = strings.group(1).equalsIgnoreCase("off");
        } else if (isBetweenParts() && connected != null && text.equals(WRITABLE)) {
            dumpFollows = true;
        } else if (cluster && !inPart && text.startsWith(CREATE_DATABASE)) {
            SqlTokens.of(text).stream().skip(2).findFirst().ifPresent(name -> createdDatabases.add(name.identifier()));
        }
        if (text.startsWith("INSERT INTO ")) {
            insertedRows += Math.max(rowsOfCommand, 1); // a table without columns has DEFAULT VALUES
        }
        rowsOfCommand = 0;
        depth = 0;
        values = false;
        boolean copy = COPY.matcher(text).matches();
        if (copy) {
            copyStatement = text + ";\n";
        }
        return copy;
    }

    private void add(byte c) {
        secondToLast = last;
        last = c;
        if (command.size() < MAX_COMMAND && !(c == ';' && state == State.COMMAND)) {
            command.write(c);
        }
        if (header != null && header.group(1) == null && definition.size() < MAX_DEFINITION) {
            definition.write(c);
        }
    }

    /**
     * Reads to the end of the data. If the COPY fails, psql runs the rows as commands, so they must not contain any.
     */
    private void readRows() throws IOException {
        int first = line;
        while (fill()) {
            byte c = buffer[at];
            if (c == '\\' && continuesBehind('.')) {
                String text = readLine();
                if (!text.strip().equals("\\.")) {
                    throw metaCommand(line - 1);
                }
                return;
            }
            while (fill()) {
                c = buffer[at++];
                if (c == '\n') {
                    line++;
                    break;
                }
                if (c == '\\') {
                    if (!fill() || ESCAPES.indexOf(buffer[at] & 0xFF) < 0) {
                        if (at == end) {
                            break;
                        }
                        throw metaCommand(line);
                    }
                    at++;
                }
            }
        }
        throw new Refused("it is truncated within the rows that begin in line " + first, true);
    }

    private boolean continuesBehind(char second) throws IOException {
        return peek(1) && buffer[at + 1] == second;
    }

    private void endEntry() {
        Matcher of = header;
        if (of == null) {
            return;
        }
        boolean data = of.group(1) != null;
        String description = of.group(3);
        String text = data ? "" : trimmed(definition.toString(charset), description);
        boolean tableData = description.equals("TABLE DATA");
        entries.add(new Entry(
                headerLine,
                data,
                0,
                0,
                of.group(2),
                description,
                data || description.equals("SEQUENCE SET") || description.startsWith("BLOB")
                        ? Section.DATA
                        : POST_DATA.contains(description) ? Section.POST_DATA : Section.PRE_DATA,
                text,
                tableData ? copyStatement : "",
                orEmpty(of.group(4)),
                of.group(6) == null ? "" : of.group(6),
                "",
                "",
                orEmpty(of.group(5)),
                List.of(),
                null));
        if (insertedRows > 0) {
            insertedRowsOfEntries.put(headerLine, insertedRows);
        }
        header = null;
        definition.reset();
        copyStatement = "";
        insertedRows = 0;
    }

    private static String orEmpty(String name) {
        return name.equals("-") ? "" : name;
    }

    /** The definition in the form of an archive: without the owner and settings that follow it. */
    private static String trimmed(String text, String description) {
        if (description.equals("BLOB METADATA")) {
            return LARGE_OBJECT
                    .matcher(text)
                    .results()
                    .map(found -> found.group(1) + "\n")
                    .reduce("", String::concat);
        }
        String sql = text.replaceFirst("(?s)\\A(-- [^\\n]*\\n|--\\n|\\n)*", "");
        sql = CONNECT.matcher(sql).replaceFirst("");
        String before;
        do {
            before = sql;
            sql = sql.replaceFirst("\\n--\\s*$", "").stripTrailing();
            sql = STORAGE.matcher(sql).replaceFirst("");
            sql = OWNER.matcher(sql).replaceFirst("");
        } while (!sql.equals(before));
        return sql.isBlank() ? "" : sql + "\n";
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        atLineStart = true;
        while (fill()) {
            byte c = buffer[at++];
            if (c == '\n') {
                line++;
                break;
            }
            text.write(c);
        }
        String read = text.toString(charset);
        return read.endsWith("\r") ? read.substring(0, read.length() - 1) : read;
    }

    private boolean continues(String next) throws IOException {
        for (int i = 0; i < next.length(); i++) {
            if (!peek(i) || buffer[at + i] != (byte) next.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether there is a byte at this distance from the next one; if so, it is in the buffer. */
    private boolean peek(int behind) throws IOException {
        while (at + behind >= end) {
            System.arraycopy(buffer, at, buffer, 0, end - at);
            bufferOffset += at;
            end -= at;
            at = 0;
            int read = end == buffer.length ? -1 : in.read(buffer, end, buffer.length - end);
            if (read < 0) {
                return false;
            }
            end += read;
        }
        return true;
    }

    private boolean fill() throws IOException {
        return peek(0);
    }
}
