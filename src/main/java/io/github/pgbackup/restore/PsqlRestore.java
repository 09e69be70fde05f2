package io.github.pgbackup.restore;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.OwnerOnly;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Runs a plain dump with psql, as its owner would in an emergency. psql continues after an error ({@code ON_ERROR_STOP}
 * is off); the restored database shows the effect of each.
 */
public final class PsqlRestore {

    /** psql could not connect, or lost its connection (manual, psql, Exit Status). */
    private static final int CONNECTION_LOST = 2;

    /** Exit statuses from here on mean that a signal ended the program. */
    private static final int SIGNALLED = 128;

    /** The database's own settings may make it read-only. */
    private static final String WRITABLE = "-c default_transaction_read_only=off";

    private PsqlRestore() {}

    /**
     * The arguments of psql, which reads the dump from standard input. A terse message has a single line, without
     * values of rows.
     *
     * @param database the database to connect to first
     */
    public static List<String> arguments(String database) {
        return List.of(
                "--no-psqlrc",
                "--quiet",
                "--no-password",
                "--set=ON_ERROR_STOP=off",
                "--set=VERBOSITY=terse",
                "--set=SHOW_CONTEXT=never",
                "--output=/dev/null",
                "--dbname=" + database,
                "--file=-");
    }

    /**
     * Restores a plain dump.
     *
     * @param psql a command with {@link #arguments}
     * @param contents of the dump
     * @param log file for psql's messages, without values of rows; created with access for the owner only
     * @param onMessage receives each of these lines
     * @throws CannotVerifyException when psql cannot connect, loses its connection, cannot be started or is killed; the
     *     result contains every other failure
     * @throws InterruptedException when the calling thread is interrupted; psql has ended by then
     */
    public static RestoreResult run(Command psql, TableOfContents contents, Path log, Consumer<String> onMessage)
            throws InterruptedException {
        PsqlLog messages = new PsqlLog(contents);
        long start = System.nanoTime();
        int status;
        try (BufferedWriter writer =
                new BufferedWriter(Channels.newWriter(OwnerOnly.append(log), StandardCharsets.UTF_8))) {
            status = psql.environment("PGOPTIONS", WRITABLE)
                    .onErrorLine(line -> messages.accept(line).ifPresent(kept -> {
                        onMessage.accept(kept);
                        write(writer, kept);
                    }))
                    .run();
        } catch (IOException | UncheckedIOException e) {
            throw new CannotVerifyException(
                    "psql could not be run: %s.".formatted(e.getMessage()), Remedy.CHECK_THE_FOLDER_FOR_EVIDENCE, e);
        }
        Duration duration = Duration.ofNanos(System.nanoTime() - start);
        if (status >= SIGNALLED) {
            throw new CannotVerifyException(
                    "Signal %d ended psql before the restore was complete.".formatted(status - SIGNALLED),
                    Remedy.GIVE_THE_RESTORE_MEMORY);
        }
        if (status != 0) {
            throw new CannotVerifyException(
                    (status == CONNECTION_LOST
                                    ? "psql lost its connection to the throw-away server"
                                    : "psql exited with status " + status)
                            + messages.last().map(message -> ": " + message).orElse("") + ".",
                    Remedy.SEE_WHY_THE_SERVER_ENDED);
        }
        List<RestoreError> errors = messages.errors();
        return new RestoreResult(1, status, duration, errors, OptionalInt.of(errors.size()), List.of());
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
