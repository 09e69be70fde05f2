package io.github.pgbackup.restore;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.postgres.Client;
import io.github.pgbackup.postgres.InterleavedMessages;
import io.github.pgbackup.postgres.OwnerOnly;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Restores an archive into a running server. {@code --create} creates the database with the encoding, locale, provider
 * and settings of the source.
 *
 * @param client runs the client programs against the throw-away server, as its superuser
 * @param database the database to connect to: for CREATE DATABASE another one, otherwise the restored database itself
 * @param creates whether to create the database
 * @param roles whether to restore owners and privileges
 * @param jobs number of connections that restore in parallel, at least 1
 */
public record PgRestore(Client client, String database, boolean creates, Roles roles, int jobs) {

    /** Exit statuses from here on mean that a signal ended the program. */
    private static final int SIGNALLED = 128;

    /** pg_restore reconnects after it has created the database, whose own settings may make it read-only. */
    private static final String WRITABLE = "-c default_transaction_read_only=off";

    private static final Pattern ACCESS_METHOD = Pattern.compile(" USING (\\w+) \\(");

    /** Access methods that sort, or that write to the index whenever their memory is full. */
    private static final Set<String> WITH_LITTLE_MEMORY = Set.of("btree", "hash", "gin", "brin");

    /** After such an error, missing objects say nothing about the backup. */
    private static final Pattern LOST = Pattern.compile(
            "(could not execute query|error returned by PQputCopy(Data|End)|COPY failed for table \".*?\"): "
                    + "(FATAL: |server closed the connection unexpectedly|no connection to the server)",
            Pattern.DOTALL);

    public PgRestore {
        if (jobs < 1) {
            throw new IllegalArgumentException("A restore needs at least 1 job, not %d.".formatted(jobs));
        }
    }

    /** Restores a whole archive; connects to another database for CREATE DATABASE. */
    public PgRestore(Client client, String maintenanceDatabase, Roles roles, int jobs) {
        this(client, maintenanceDatabase, true, roles, jobs);
    }

    /** How to treat the roles that the archive names. */
    public enum Roles {
        /** They are created on the throw-away server; owners, privileges and policies are restored. */
        PROVISION,
        /** Owners and privileges are not restored. */
        OMIT;

        /**
         * Parses {@code provision} or {@code omit}.
         *
         * @throws IllegalArgumentException for anything else; the message is a sentence for the user
         */
        public static Roles parse(String text) {
            for (Roles roles : values()) {
                if (roles.toString().equals(text)) {
                    return roles;
                }
            }
            throw new IllegalArgumentException("'%s' is not a valid value; use provision or omit.".formatted(text));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Restores an archive.
     *
     * @param log file for pg_restore's messages, without values of rows; created with access for the owner only
     * @param onMessage receives each of these lines
     * @throws CannotVerifyException when pg_restore cannot connect, cannot be started or is killed; the result contains
     *     every other failure
     * @throws InterruptedException when the calling thread is interrupted; pg_restore has ended by then
     */
    public RestoreResult run(Archive archive, Path log, Consumer<String> onMessage) throws InterruptedException {
        return run(archive, List.of(), log, onMessage);
    }

    /**
     * Restores an archive with additional arguments.
     *
     * @param more additional arguments of pg_restore, for example {@code --use-list}
     */
    public RestoreResult run(Archive archive, List<String> more, Path log, Consumer<String> onMessage)
            throws InterruptedException {
        int jobs = jobsFor(archive);
        RestoreLog messages = new RestoreLog(archive.contents());
        RowValueFilter filter =
                new RowValueFilter(archive.contents().entries().stream().anyMatch(Entry::hasRowsAsInserts));
        InterleavedMessages ofJobs = new InterleavedMessages("pg_restore");
        long start;
        int status;
        try (BufferedWriter writer = createLog(log)) {
            List<String> arguments = new ArrayList<>(more);
            arguments.addAll(arguments(archive));
            start = System.nanoTime();
            status = client.command("pg_restore")
                    .arguments(arguments)
                    .environment("PGOPTIONS", WRITABLE + " " + settings(archive, jobs))
                    .onErrorLine(line -> {
                        String kept = filter.filter(jobs > 1 ? ofJobs.next(line) : line);
                        messages.accept(kept);
                        onMessage.accept(kept);
                        write(writer, kept);
                    })
                    .run();
        } catch (IOException | UncheckedIOException e) {
            throw new CannotVerifyException(
                    "pg_restore could not be run: %s.".formatted(e.getMessage()),
                    Remedy.CHECK_THE_FOLDER_FOR_EVIDENCE,
                    e);
        }
        restoreForeignKeysAgain(archive, messages, log);
        Duration duration = Duration.ofNanos(System.nanoTime() - start);
        RestoreResult result = new RestoreResult(
                jobs, status, duration, messages.errors(), messages.ignoredErrors(), messages.unknownLines());
        requireThatItRan(result);
        return result;
    }

    /**
     * The program with its arguments. They do not include the connection: it is in the environment.
     *
     * @param more additional arguments, as for {@link #run}
     * @throws IOException if the archive cannot be copied to where the program runs
     * @throws InterruptedException if the thread is interrupted during the copy
     */
    public List<String> commandLine(Archive archive, List<String> more) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("pg_restore"));
        line.addAll(more);
        line.addAll(arguments(archive));
        return line;
    }

    private int jobsFor(Archive archive) {
        return constraintsHaveToWait(archive.contents()) ? 1 : jobs;
    }

    private List<String> arguments(Archive archive) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>();
        if (creates) {
            arguments.add("--create");
        }
        arguments.addAll(List.of(
                "--verbose", "--no-password", "--dbname=" + connectionString(database), "--jobs=" + jobsFor(archive)));
        if (roles == Roles.OMIT) {
            arguments.add("--no-owner");
            arguments.add("--no-privileges");
        }
        arguments.add(client.pathFor(archive.path()));
        return arguments;
    }

    /**
     * Settings for building indexes and checking foreign keys. If one process builds each index, sorts and hash tables
     * that fit into the processor's caches are faster than large ones, until there are so many of them that merging
     * takes longer (docs/performance.md). PostgreSQL builds an index with several processes only if each has 32 MB.
     */
    private static String settings(Archive archive, int jobs) {
        List<Entry> indexes = archive.contents().entries().stream()
                .filter(entry -> Set.of("INDEX", "CONSTRAINT").contains(entry.description()))
                .toList();
        boolean busy = keepsJobsBusy(indexes, jobs);
        long least = busy && !needMemory(indexes) ? 8 : 64;
        return "-c maintenance_work_mem=" + Math.max(least, Math.min(archive.size() >> 28, 256)) + "MB"
                + (busy ? " -c max_parallel_maintenance_workers=0" : "");
    }

    /** Building an index with several processes takes more CPU time in total, which the other jobs then wait for. */
    private static boolean keepsJobsBusy(List<Entry> indexes, int jobs) {
        return jobs > 1 && indexes.size() >= jobs;
    }

    /** Others, such as gist or the hnsw of an extension, keep a part of the index in memory while they build it. */
    private static boolean needMemory(List<Entry> indexes) {
        return indexes.stream()
                .flatMap(entry -> ACCESS_METHOD.matcher(entry.definition()).results())
                .anyMatch(method -> !WITH_LITTLE_MEMORY.contains(method.group(1)));
    }

    /**
     * With several jobs, pg_restore may create a NOT VALID constraint before the rows that do not satisfy it are
     * loaded. For a parent table, the archive only records that the constraint depends on the parent's own rows, not on
     * those of its partitions and children. For a domain, it records no dependency at all (seen with 13 to 18).
     */
    private static boolean constraintsHaveToWait(TableOfContents contents) {
        boolean ofDomain = contents.entries().stream()
                .anyMatch(entry -> entry.description().equals("CHECK CONSTRAINT")
                        && entry.definition().startsWith("ALTER DOMAIN"));
        if (ofDomain) {
            return true;
        }
        Set<Integer> constrained = contents.entries().stream()
                .filter(entry -> Set.of("CHECK CONSTRAINT", "CONSTRAINT").contains(entry.description()))
                .filter(entry -> entry.definition().strip().endsWith(" NOT VALID;"))
                .flatMap(entry -> entry.dependencies().stream())
                .collect(Collectors.toSet());
        return contents.entries().stream()
                .filter(entry ->
                        Set.of("TABLE", "FOREIGN TABLE", "TABLE ATTACH").contains(entry.description()))
                .flatMap(entry -> entry.dependencies().stream())
                .anyMatch(constrained::contains);
    }

    /**
     * With several jobs, pg_restore may create a foreign key to a partitioned table before the last INDEX ATTACH has
     * made that table's key valid (seen with 13; the archive does not record the dependency). The error stays in the
     * log; the comparison finds that the foreign key exists.
     */
    private void restoreForeignKeysAgain(Archive archive, RestoreLog messages, Path log) throws InterruptedException {
        List<String> failed = messages.errors().stream()
                .map(RestoreError::dumpId)
                .filter(Objects::nonNull)
                .flatMap(dumpId -> archive.contents().entry(dumpId).stream())
                .filter(entry -> entry.description().equals("FK CONSTRAINT"))
                .map(entry -> entry.dumpId() + ";")
                .toList();
        if (jobs == 1 || failed.isEmpty()) {
            return;
        }
        Path list = log.resolveSibling("pg_restore.list");
        try {
            Files.write(list, failed);
            client.command("pg_restore")
                    .arguments(List.of(
                            "--use-list=" + client.pathFor(list),
                            "--no-password",
                            "--dbname=" + connectionString(archive.contents().databaseName()),
                            client.pathFor(archive.path())))
                    .environment("PGOPTIONS", WRITABLE)
                    .run();
            Files.delete(list);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names of databases may contain characters with a meaning in connection strings. */
    private static String connectionString(String database) {
        return database.matches("\\w+")
                ? database
                : "dbname='" + database.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    private static void requireThatItRan(RestoreResult result) {
        int status = result.exitStatus();
        if (status >= SIGNALLED) {
            throw new CannotVerifyException(
                    "Signal %d ended pg_restore before the restore was complete.".formatted(status - SIGNALLED),
                    Remedy.GIVE_THE_RESTORE_MEMORY);
        }
        for (RestoreError error : result.errors()) {
            if (result.exitStatus() != 0 && LOST.matcher(error.message()).lookingAt()) {
                throw new CannotVerifyException(
                        "pg_restore lost its connection to the throw-away server: %s."
                                .formatted(firstLine(error.message())),
                        Remedy.SEE_WHY_THE_SERVER_ENDED);
            }
        }
        if (!result.reachedTheEnd()) {
            for (RestoreError error : result.errors()) {
                if (error.dumpId() == null && error.message().startsWith("connection to server")) {
                    throw new CannotVerifyException(
                            "pg_restore could not connect to the throw-away server: " + error.message() + ".",
                            Remedy.READ_THE_LOG_OF_THE_SERVER);
                }
            }
        }
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("");
    }

    private static BufferedWriter createLog(Path log) throws IOException {
        return new BufferedWriter(Channels.newWriter(OwnerOnly.append(log), StandardCharsets.UTF_8));
    }

    private static void write(BufferedWriter writer, String line) {
        try {
            writer.write(line);
            writer.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
