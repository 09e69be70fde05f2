package io.github.pgbackup.archive;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.postgres.Client;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads rows directly from the archive, without restoring it: pg_restore prints the data of the selected entries, and
 * this class counts rows and values in it, in constant memory. If rows are INSERT commands, it only counts them.
 */
public final class ArchiveData {

    /** Number of hashes that all counters of distinct values may hold together: 32 MB. */
    private static final int MAX_HASHES = 2_000_000;

    private static final int MAX_HASHES_OF_A_COLUMN = 1_000_000;

    private final Client client;
    private final Archive archive;

    /**
     * @param client its pg_restore is run; it must not be older than the pg_dump that wrote the archive
     * @param archive the archive to read
     */
    public ArchiveData(Client client, Archive archive) {
        this.client = client;
        this.archive = archive;
    }

    /**
     * What to count in a table.
     *
     * @param data the {@code TABLE DATA} entries whose rows are counted together: one for a table, or one for each leaf
     *     of a partitioned table
     * @param columns the columns to count in; empty to count rows only
     */
    public record TableQuestion(List<Entry> data, List<ColumnQuestion> columns) {
        public TableQuestion {
            data = List.copyOf(data);
            columns = List.copyOf(columns);
        }
    }

    /**
     * What to count in a column.
     *
     * @param column the name, not quoted
     * @param values count the rows with each of these values; written as COPY writes them, before escaping
     * @param distinct whether to count the distinct non-null values
     */
    public record ColumnQuestion(String column, Set<String> values, boolean distinct) {
        public ColumnQuestion {
            values = Set.copyOf(values);
        }
    }

    /**
     * The observations in a table.
     *
     * @param rows number of rows
     * @param columns by name; a column is missing when at least one of the entries holds no values of it, as for a
     *     generated column
     */
    public record TableObservations(long rows, Map<String, ColumnObservations> columns) {
        public TableObservations {
            columns = Map.copyOf(columns);
        }
    }

    /**
     * The observations in a column.
     *
     * @param nulls number of rows in which the column is null
     * @param values number of rows for each requested value; 0 when there are none
     * @param others number of rows with any other value
     * @param distinct number of distinct non-null values; empty when it was not requested, or when there are too many
     *     to count in bounded memory (more than a million in a column)
     */
    public record ColumnObservations(long nulls, Map<String, Long> values, long others, OptionalLong distinct) {
        public ColumnObservations {
            values = Map.copyOf(values);
        }
    }

    /** The unquoted names of the columns whose values the archive holds in a {@code TABLE DATA} entry. */
    public static List<String> columns(Entry data) {
        return CopyStatement.columns(data.copyStatement());
    }

    /**
     * Answers all questions in one pass over the archive.
     *
     * @return the answers, in the order of the questions
     * @throws CannotVerifyException when pg_restore fails, when data that the table of contents names is missing, or
     *     when a block of data has no end
     * @throws InterruptedException when the calling thread is interrupted; pg_restore has ended by then
     */
    public List<TableObservations> observations(List<TableQuestion> questions) throws InterruptedException {
        List<TableCount> counts = counts(questions);
        Map<Integer, List<TableCount>> byDumpId = new HashMap<>();
        for (int i = 0; i < questions.size(); i++) {
            for (Entry entry : questions.get(i).data()) {
                byDumpId.computeIfAbsent(entry.dumpId(), id -> new ArrayList<>())
                        .add(counts.get(i));
            }
        }
        for (Archive.Part part : archive.inParts()) {
            Map<Integer, List<TableCount>> inPart = new HashMap<>();
            // In the order of the archive, so that pg_restore need not seek backwards in a file without offsets.
            List<Entry> wanted = part.archive().contents().entries().stream()
                    .filter(entry -> byDumpId.containsKey(entry.dumpId() + part.shift()))
                    .toList();
            wanted.forEach(entry ->
                    inPart.put(entry.dumpId(), Objects.requireNonNull(byDumpId.get(entry.dumpId() + part.shift()))));
            if (!wanted.isEmpty()) {
                read(part.archive(), wanted, inPart);
            }
        }
        return counts.stream().map(TableCount::observations).toList();
    }

    private List<TableCount> counts(List<TableQuestion> questions) {
        long distinct = questions.stream()
                .flatMap(question -> question.columns().stream())
                .filter(ColumnQuestion::distinct)
                .count();
        int maxHashes = distinct == 0 ? 0 : (int) Math.min(MAX_HASHES_OF_A_COLUMN, MAX_HASHES / distinct);
        Charset charset = archive.contents().charset();
        return questions.stream()
                .map(question -> new TableCount(question, charset, maxHashes))
                .toList();
    }

    private void read(Archive archive, List<Entry> wanted, Map<Integer, List<TableCount>> counts)
            throws InterruptedException {
        ClientErrors errors = new ClientErrors("pg_restore");
        try {
            if (archive.contents().isOfAPlainDump()) {
                try (InputStream script = Files.newInputStream(archive.path())) {
                    count(script, archive, wanted, counts);
                }
                return;
            }
            Path list = Files.createTempFile("pgbackup-", ".list");
            try {
                // pg_restore reads only the number before the semicolon.
                Files.write(
                        list, wanted.stream().map(entry -> entry.dumpId() + ";").toList());
                int status = client.command("pg_restore")
                        .arguments(
                                "--data-only",
                                "--use-list=" + client.pathFor(list),
                                "--file=-",
                                client.pathFor(archive.path()))
                        .onErrorLine(errors::accept)
                        .run(stdout -> count(stdout, archive, wanted, counts));
                if (status != 0) {
                    throw failed(archive, status, errors);
                }
            } finally {
                Files.deleteIfExists(list);
            }
        } catch (PlainDumpReader.Refused e) {
            throw errors.text().isEmpty()
                    ? new CannotVerifyException(
                            "The rows in the archive %s cannot be counted: %s."
                                    .formatted(archive.path(), e.getMessage()),
                            Remedy.TAKE_THE_BACKUP_AGAIN,
                            e)
                    : failed(archive, 1, errors);
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The rows in the archive %s cannot be read: %s.".formatted(archive.path(), e.getMessage()),
                    Remedy.MAKE_ROOM_FOR_TEMPORARY_FILES,
                    e);
        } catch (MissingDataException e) {
            // pg_restore's own message comes first: after a truncated archive its output ends early, too.
            throw errors.text().isEmpty()
                    ? new CannotVerifyException(String.valueOf(e.getMessage()), Remedy.TAKE_THE_BACKUP_AGAIN, e)
                    : failed(archive, 1, errors);
        }
    }

    private static CannotVerifyException failed(Archive archive, int status, ClientErrors errors) {
        return new CannotVerifyException(
                "pg_restore cannot read the rows in the archive %s (status %d). It says:%n%s%n"
                        .formatted(archive.path(), status, errors.text()),
                Remedy.TAKE_THE_BACKUP_AGAIN_OR_USE_A_NEWER_CLIENT);
    }

    private static void count(
            InputStream script, Archive archive, List<Entry> wanted, Map<Integer, List<TableCount>> counts)
            throws IOException {
        if (wanted.stream().anyMatch(Entry::hasRowsAsInserts)) {
            countInserts(script, archive, wanted, counts);
        } else {
            scan(script, wanted, counts);
        }
    }

    /**
     * pg_restore writes a script with only the wanted entries, in their order. In a plain dump, their numbers identify
     * them.
     */
    private static void countInserts(
            InputStream script, Archive archive, List<Entry> wanted, Map<Integer, List<TableCount>> counts)
            throws IOException {
        PlainDumpReader.Contents contents = PlainDumpReader.readOne(script);
        List<Entry> read = archive.contents().isOfAPlainDump()
                ? wanted
                : contents.entries().stream().filter(Entry::isTableData).toList();
        if (read.size() != wanted.size()) {
            throw new MissingDataException(
                    "The archive holds data for %d of the %d tables that its table of contents names."
                            .formatted(read.size(), wanted.size()));
        }
        for (int i = 0; i < wanted.size(); i++) {
            long rows = contents.insertedRows().getOrDefault(read.get(i).dumpId(), 0L);
            counts.getOrDefault(wanted.get(i).dumpId(), List.of()).forEach(count -> count.addUnread(rows));
        }
    }

    private static void scan(InputStream stdout, List<Entry> wanted, Map<Integer, List<TableCount>> counts)
            throws IOException {
        CopyScanner scanner = new CopyScanner(stdout);
        for (Entry entry : wanted) {
            scan(scanner, entry, counts.getOrDefault(entry.dumpId(), List.of()));
        }
    }

    /** Reads one block of rows. */
    static void scan(CopyScanner scanner, Entry entry, List<TableCount> counts) throws IOException {
        for (TableCount count : counts) {
            count.begin(entry);
        }
        if (!scanner.skipTo(entry.copyStatement(), counts.get(0).charset)) {
            throw new MissingDataException(
                    "The archive holds no data for %s, or the data before it has no end.".formatted(entry.object()));
        }
        List<String> columns = columns(entry);
        List<List<ColumnCounter>> countersOfColumns = columns.stream()
                .map(column -> counts.stream()
                        .map(count -> count.columns.get(column))
                        .filter(counter -> counter != null)
                        .toList())
                .toList();
        OptionalLong rows = scanner.scanRows(countersOfColumns);
        if (rows.isEmpty()) {
            throw new MissingDataException("The archive's data for %s has no end.".formatted(entry.object()));
        }
        for (TableCount count : counts) {
            count.rows += rows.getAsLong();
        }
    }

    /** The data that the table of contents names is missing. */
    static final class MissingDataException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        MissingDataException(String message) {
            super(message);
        }
    }

    /** The running count for a question. */
    static final class TableCount {

        final Map<String, ColumnCounter> columns = new LinkedHashMap<>();
        private final Charset charset;
        private long rows;

        TableCount(TableQuestion question, Charset charset, int maxHashes) {
            this.charset = charset;
            for (ColumnQuestion column : question.columns()) {
                columns.put(column.column(), new ColumnCounter(column, charset, maxHashes));
            }
        }

        /** Rows whose values are not read. */
        private void addUnread(long more) {
            rows += more;
            columns.clear();
        }

        private void begin(Entry entry) {
            columns.keySet().retainAll(columns(entry));
        }

        TableObservations observations() {
            Map<String, ColumnObservations> observations = new HashMap<>();
            columns.forEach((name, counter) -> observations.put(name, counter.observations()));
            return new TableObservations(rows, observations);
        }
    }
}
