package io.github.pgbackup.mojo;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.handover.ConnectionFile;
import io.github.pgbackup.report.Evidence;
import io.github.pgbackup.run.KeptDatabase;
import io.github.pgbackup.signature.SigningKey;
import io.github.pgbackup.text.ExactDuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A restored database between {@code start} and {@code stop}. It ends with the build, and with this JVM, however the
 * JVM ends: its server lives only as long as a connection of this process.
 */
final class StartedDatabase {

    private final KeptDatabase database;
    private final Path evidence;
    private final @Nullable SigningKey key;
    private final Consumer<VerificationReport> conclusion;
    private final Runnable release;
    private final Thread lifetime;
    private final Thread atExit;
    private @Nullable VerificationReport ended;

    /**
     * Takes responsibility for a database that has passed.
     *
     * @param evidence folder with the evidence of its verification
     * @param key signs the final evidence; null: it is not signed
     * @param conclusion passes the last verdict on, after the evidence has been written; throws
     *     {@link CannotVerifyException} if that fails
     * @param release releases what the server needed, once the server is gone
     */
    StartedDatabase(
            KeptDatabase database,
            Path evidence,
            @Nullable SigningKey key,
            Duration maximumLifetime,
            Consumer<VerificationReport> conclusion,
            Runnable release) {
        this.database = database;
        this.evidence = evidence;
        this.key = key;
        this.conclusion = conclusion;
        this.release = release;
        this.lifetime = new Thread(() -> endAfter(maximumLifetime), "pgbackup lifetime");
        this.atExit = new Thread(this::forgetConnection, "pgbackup connection file");
    }

    /**
     * Writes the file that says how to connect, and ensures that the file and the database come to an end.
     *
     * @throws CannotVerifyException if the file cannot be written
     */
    void publish() {
        try {
            Runtime.getRuntime().addShutdownHook(atExit);
            ConnectionFile.write(connectionFile(), database.connection());
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The connection details could not be written to " + connectionFile() + ": "
                            + CannotVerifyException.reason(e) + ".",
                    Remedy.CHECK_THE_FOLDER_FOR_EVIDENCE,
                    e);
        }
        lifetime.setDaemon(true);
        lifetime.start();
    }

    KeptDatabase database() {
        return database;
    }

    Path evidence() {
        return evidence;
    }

    private Path connectionFile() {
        return evidence.resolve(ConnectionFile.NAME);
    }

    private void endAfter(Duration maximumLifetime) {
        try {
            Thread.sleep(maximumLifetime.toMillis());
            end(new CannotVerifyException(
                    "The restored database was ended after " + ExactDuration.of(maximumLifetime) + ", before stop.",
                    Remedy.ALLOW_A_LONGER_LIFE));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the database has already ended
        } catch (CannotVerifyException e) {
            return; // the database is gone; stop will report that its evidence is missing
        }
    }

    private void forgetConnection() {
        try {
            Files.deleteIfExists(connectionFile());
        } catch (IOException e) {
            return; // the password in the file no longer opens anything
        }
    }

    /**
     * Ends the database and writes its evidence, once: a second call returns the same report.
     *
     * @param problem why it ends early; null if stop ends it
     * @throws CannotVerifyException if the evidence cannot be written; the database is gone nevertheless
     */
    synchronized VerificationReport end(@Nullable CannotVerifyException problem) {
        VerificationReport known = ended;
        if (known != null) {
            return known;
        }
        VerificationReport report = remove(problem);
        try (EvidenceFolder folder = EvidenceFolder.reopen(evidence)) {
            Evidence.write(report, folder, key);
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The restored database is gone, but its evidence could not be written to " + evidence + ": "
                            + CannotVerifyException.reason(e) + ".",
                    Remedy.MAKE_ROOM_FOR_EVIDENCE,
                    e);
        }
        conclusion.accept(report);
        return report;
    }

    /** Ends the database without a message; used after writing its evidence has failed. */
    synchronized void discard() {
        if (ended == null) {
            var unused = remove(null);
        }
    }

    private VerificationReport remove(@Nullable CannotVerifyException problem) {
        forgetConnection();
        VerificationReport report = database.end(problem);
        ended = report;
        release.run();
        if (Thread.currentThread() != lifetime) {
            lifetime.interrupt();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // the JVM is shutting down
        }
        return report;
    }
}
