package io.github.pgbackup.archive;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.Sha256;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.InterleavedMessages;
import io.github.pgbackup.postgres.OwnerOnly;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * A single run of pg_dump that writes the archive of the whole source database.
 *
 * @param client its pg_dump is run; it must not be older than the server
 * @param connection libpq's environment variables for the source ({@code PGHOST} and so on), including the password
 * @param snapshot the identifier that pg_export_snapshot returned; its transaction must stay open until the dump has
 *     ended
 * @param format custom or directory
 * @param compression compression of the table data
 * @param jobs number of connections that dump in parallel; must be 1 in the custom format
 * @param lockWaitTimeout how long pg_dump waits for a lock on a table before it gives up
 */
public record PgDump(
        ClientPrograms client,
        Map<String, String> connection,
        String snapshot,
        ArchiveFormat format,
        Compression compression,
        int jobs,
        Duration lockWaitTimeout) {

    /** Makes pg_dump give up an unreachable server after half a minute instead of two hours. */
    private static final String KEEPALIVES =
            "keepalives_idle=10 keepalives_interval=5 keepalives_count=3 tcp_user_timeout=25000";

    private static final Duration PROGRESS_INTERVAL = Duration.ofMillis(500);

    private static final Duration ANSWER = Duration.ofSeconds(10);

    public PgDump {
        connection = Map.copyOf(connection);
        if (jobs < 1 || (jobs > 1 && format == ArchiveFormat.CUSTOM)) {
            throw new IllegalArgumentException(
                    "pg_dump cannot write the %s format with %d jobs; use 1 job, or the directory format for several."
                            .formatted(format, jobs));
        }
    }

    /**
     * Whether this pg_dump supports a compression. Methods other than gzip need version 16, and some builds lack some
     * of them. pg_dump reports this before it connects.
     *
     * @throws InterruptedException when the calling thread is interrupted
     */
    public static boolean knows(ClientPrograms client, Compression compression) throws InterruptedException {
        StringBuilder errors = new StringBuilder();
        try {
            int status = client.command("pg_dump")
                    .arguments(compression.arguments(client.version()))
                    .arguments("--format=custom", "--no-password", "--dbname=host=/nonexistent")
                    .timeLimit(ANSWER)
                    .onErrorLine(errors::append)
                    .run();
            return status == 1 && errors.indexOf("connection to server on socket") >= 0;
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    /** Omits the connection, because it includes the password. */
    @Override
    public String toString() {
        return "PgDump[%s, %s, %s]".formatted(client, format, compression);
    }

    /**
     * Writes the archive. After a failure or an interrupt, an incomplete archive is deleted.
     *
     * @param target the file or directory to write; it must not exist
     * @param log file for pg_dump's messages
     * @param bytesWritten receives the archive's size from time to time
     * @param messages receives each line of pg_dump's messages
     * @throws CannotVerifyException when pg_dump fails, with its own message and a remedy, or when the disk is full
     * @throws InterruptedException when the calling thread is interrupted; pg_dump has ended by then
     */
    public Archive run(Path target, Path log, LongConsumer bytesWritten, Consumer<String> messages)
            throws InterruptedException {
        boolean complete = false;
        try {
            ClientErrors errors = new ClientErrors("pg_dump");
            InterleavedMessages ofJobs = new InterleavedMessages("pg_dump");
            Command command = command(target, log, line -> {
                String message = jobs > 1 ? ofJobs.next(line) : line;
                errors.accept(message);
                messages.accept(message);
            });
            Archive archive = format == ArchiveFormat.CUSTOM
                    ? writeFile(command, errors, target, bytesWritten)
                    : writeDirectory(command, errors, target, bytesWritten);
            complete = true;
            return archive;
        } finally {
            if (!complete) {
                delete(target);
            }
        }
    }

    /**
     * The program with its arguments. They do not include the connection and its password: those are in the
     * environment.
     *
     * @param target the file or directory to write
     * @throws CannotVerifyException when the client does not support the compression
     */
    public List<String> commandLine(Path target) {
        List<String> line = new ArrayList<>(List.of("pg_dump"));
        line.addAll(arguments(target));
        return line;
    }

    private List<String> arguments(Path target) {
        List<String> arguments = new ArrayList<>(List.of(
                // Settings for which libpq has no environment variables.
                "--dbname=" + KEEPALIVES,
                "--no-password",
                "--verbose",
                "--snapshot=" + snapshot,
                "--lock-wait-timeout=" + lockWaitTimeout.toMillis(),
                format.option()));
        try {
            arguments.addAll(compression.arguments(client.version()));
        } catch (IllegalArgumentException e) {
            throw new CannotVerifyException(String.valueOf(e.getMessage()), Remedy.COMPRESS_AS_THE_CLIENT_CAN, e);
        }
        if (format == ArchiveFormat.DIRECTORY) {
            arguments.add("--jobs=" + jobs);
            arguments.add("--file=" + target);
        }
        return arguments;
    }

    private Command command(Path target, Path log, Consumer<String> messages) {
        Command command = client.command("pg_dump")
                .arguments(arguments(target))
                .standardError(log)
                .onErrorLine(messages);
        for (Map.Entry<String, String> variable : connection.entrySet()) {
            command = command.environment(variable.getKey(), variable.getValue());
        }
        return command;
    }

    private Archive writeFile(Command command, ClientErrors errors, Path target, LongConsumer bytesWritten)
            throws InterruptedException {
        MessageDigest digest = Sha256.digest();
        long[] size = {0};
        int status;
        try (OutputStream file = createFile(target)) {
            status = command.run(stdout -> size[0] = copy(stdout, file, digest, bytesWritten));
        } catch (IOException e) {
            throw cannotWrite(target, e);
        }
        requireSuccess(status, errors);
        return Archive.ofFile(target, HexFormat.of().formatHex(digest.digest()), size[0]);
    }

    private static long copy(InputStream stdout, OutputStream file, MessageDigest digest, LongConsumer bytesWritten)
            throws IOException {
        byte[] buffer = new byte[1 << 17];
        long size = 0;
        for (int read = stdout.read(buffer); read >= 0; read = stdout.read(buffer)) {
            file.write(buffer, 0, read);
            digest.update(buffer, 0, read);
            size += read;
            bytesWritten.accept(size);
        }
        return size;
    }

    private Archive writeDirectory(Command command, ClientErrors errors, Path target, LongConsumer bytesWritten)
            throws InterruptedException {
        Timer progress = new Timer("pgbackup dump progress", true);
        try {
            Files.createDirectory(target, OwnerOnly.directory());
            progress.schedule(
                    new TimerTask() {
                        @Override
                        public void run() {
                            bytesWritten.accept(sizeOf(target));
                        }
                    },
                    PROGRESS_INTERVAL.toMillis(),
                    PROGRESS_INTERVAL.toMillis());
            requireSuccess(command.run(), errors);
            return Archive.ofDirectory(target);
        } catch (IOException e) {
            throw cannotWrite(target, e);
        } finally {
            progress.cancel();
        }
    }

    private static long sizeOf(Path directory) {
        try (Stream<Path> members = Files.list(directory)) {
            return members.mapToLong(member -> member.toFile().length()).sum();
        } catch (IOException e) {
            return 0;
        }
    }

    private void requireSuccess(int status, ClientErrors errors) {
        if (status != 0) {
            throw DumpFailure.explain(client.version(), status, errors.text());
        }
    }

    private static CannotVerifyException cannotWrite(Path target, IOException e) {
        return new CannotVerifyException(
                "The archive %s could not be written: %s.".formatted(target, e.getMessage()),
                Remedy.MAKE_ROOM_FOR_THE_ARCHIVE,
                e);
    }

    private static OutputStream createFile(Path file) throws IOException {
        return Channels.newOutputStream(Files.newByteChannel(
                file, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OwnerOnly.file()));
    }

    private static void delete(Path target) {
        try (Stream<Path> files = Files.walk(target)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // The original failure matters more; Files.walk also fails when nothing was written.
            return;
        }
    }
}
