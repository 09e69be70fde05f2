package io.github.pgbackup.verification;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.restore.RestoreError;
import io.github.pgbackup.restore.RestoreResult;
import io.github.pgbackup.verification.VerificationReport.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/** What stood in the way of the run, with its remedy. */
final class Problems {

    private static final String BUG = "This is a defect of the plugin; please report it with the output of mvn -X.";

    /** admin_shutdown, crash_shutdown, cannot_connect_now, serialization_failure (a standby), deadlock, lock_not_available. */
    private static final Set<String> PASSING = Set.of("57P01", "57P02", "57P03", "40001", "40P01", "55P03");

    private Problems() {}

    /** Whatever ended the run; a reason to end it early explains all that followed from it. */
    static Problem of(Throwable failure, Interruption.@Nullable Reason reason) {
        if (reason != null) {
            return new Problem(reason.fact(), reason.remedy());
        }
        if (failure instanceof CannotVerifyException known) {
            return new Problem(known.fact(), known.remedy());
        }
        if (failure instanceof SQLException sql) {
            return ofSql(sql);
        }
        if (failure instanceof IOException || failure instanceof UncheckedIOException) {
            Throwable io = failure instanceof UncheckedIOException unchecked && unchecked.getCause() != null
                    ? unchecked.getCause()
                    : failure;
            return new Problem(
                    "A file could not be read or written: " + io.getMessage() + ".",
                    "Check that the disk has room and that <outputDirectory> (-Dpgbackup.outputDirectory) is writable.");
        }
        if (failure instanceof InterruptedException) {
            return new Problem("The run was interrupted.", "Run it again.");
        }
        StackTraceElement[] trace = failure.getStackTrace();
        String where = trace.length == 0 ? "" : " at " + trace[0].getFileName() + ":" + trace[0].getLineNumber();
        return new Problem("Unexpected " + failure.getClass().getSimpleName() + where + ".", BUG);
    }

    /** Whether it may be gone when the verification is tried again; what the network or another session did may. */
    static boolean mayPass(Throwable failure, Interruption.@Nullable Reason reason) {
        if (reason != null) {
            return reason.mayPass();
        }
        if (failure instanceof CannotVerifyException known) {
            return known.passing();
        }
        String state = failure instanceof SQLException sql ? String.valueOf(sql.getSQLState()) : "";
        return state.startsWith("08") || PASSING.contains(state);
    }

    private static Problem ofSql(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        if (state.startsWith("08") || state.startsWith("57P")) {
            return new Problem(
                    "The connection to a server was lost (SQLSTATE " + state + ").",
                    "Look at that server's log; for the throw-away server it is logs/server.log.");
        }
        if (state.equals("40001") && String.valueOf(e.getMessage()).contains("conflict with recovery")) {
            boolean ended = String.valueOf(e.getMessage()).contains("terminating connection");
            return new Problem(
                    "The standby " + (ended ? "ended a session" : "cancelled a query")
                            + " of ours: it conflicts with recovery (SQLSTATE 40001).",
                    "Raise max_standby_streaming_delay on the standby or set hot_standby_feedback = on.");
        }
        String server = e instanceof PSQLException ps && ps.getServerErrorMessage() != null
                ? String.valueOf(ps.getServerErrorMessage().getMessage())
                : String.valueOf(e.getMessage());
        boolean quotesValues = state.startsWith("22") || state.startsWith("23");
        return new Problem(
                "A query failed" + (quotesValues ? "" : ": " + server) + " (SQLSTATE " + state + ").",
                "Look the SQLSTATE up in the PostgreSQL manual, appendix A.");
    }

    /** What a full disk leaves out of the restored database says nothing about the backup. */
    static Optional<CannotVerifyException> diskFull(RestoreResult result) {
        return result.errors().stream()
                .filter(Problems::saysDiskFull)
                .findFirst()
                .map(
                        error -> new CannotVerifyException(
                                "The disk of the throw-away server is full: " + error.message() + ".",
                                "Make room in the directory for temporary files, or name one that has room for the whole database: <workDirectory>, -Dpgbackup.workDirectory."));
    }

    /** Without an error of the system's when a block was written in part. */
    private static boolean saysDiskFull(RestoreError error) {
        return error.message().contains("No space left on device")
                || String.valueOf(error.detail()).contains("Check free disk space");
    }

    static CannotVerifyException databaseNotCreated(String database, RestoreResult result) {
        String why = result.errors().stream()
                .findFirst()
                .map(RestoreError::message)
                .orElse("pg_restore exited with " + result.exitStatus());
        return new CannotVerifyException(
                "The restore did not even create the database '" + database + "': " + why + ".",
                "If a locale is missing, install it (Debian: locales-all) or name an image that has it (<restore><image>,"
                        + " -Dpgbackup.restore.image); else read logs/pg_restore.log.");
    }
}
