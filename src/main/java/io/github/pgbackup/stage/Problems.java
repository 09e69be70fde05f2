package io.github.pgbackup.stage;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.comparison.UnreadableTableException;
import io.github.pgbackup.postgres.SqlState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/** Turns failures into the reasons why verification could not run, with their remedies. */
public final class Problems {

    /** The name of the throw-away server, for the beginning of a sentence. */
    public static final String THROW_AWAY_SERVER = "The throw-away server";

    private static final String DISK_FULL = "53100";

    private Problems() {}

    /**
     * Explains a failure that ended the run. If the run was interrupted, the reason for that takes precedence.
     *
     * @param server the name of the connected server, for the beginning of a sentence
     */
    public static CannotVerifyException of(Throwable failure, Interruption.@Nullable Reason reason, String server) {
        if (reason != null) {
            return reason.worthRetrying()
                    ? CannotVerifyException.ofTransient(reason.fact(), reason.remedy(), null)
                    : new CannotVerifyException(reason.fact(), reason.remedy());
        }
        if (failure instanceof CannotVerifyException known) {
            return known;
        }
        if (failure instanceof SQLException sql) {
            return ofSql(sql, server);
        }
        if (failure instanceof IOException || failure instanceof UncheckedIOException) {
            IOException io = failure instanceof UncheckedIOException unchecked
                    ? Objects.requireNonNull(unchecked.getCause())
                    : (IOException) failure;
            return new CannotVerifyException(
                    "A file could not be read or written: " + CannotVerifyException.reason(io) + ".",
                    Remedy.CHECK_THE_DISK);
        }
        if (failure instanceof InterruptedException) {
            return new CannotVerifyException("The run was interrupted.", Remedy.RUN_IT_AGAIN);
        }
        StackTraceElement[] trace = failure.getStackTrace();
        String where = trace.length == 0 ? "" : " at " + trace[0].getFileName() + ":" + trace[0].getLineNumber();
        return new CannotVerifyException("Unexpected error" + where + ".", Remedy.REPORT_THE_DEFECT);
    }

    /** Problems with the network or caused by another session may be transient. */
    private static CannotVerifyException ofSql(SQLException e, String server) {
        CannotVerifyException known = explain(e, server);
        return SqlState.isLostConnection(e) || SqlState.of(e).isTransient() ? known.asTransient() : known;
    }

    private static CannotVerifyException explain(SQLException e, String server) {
        SqlState state = SqlState.of(e);
        if (SqlState.isLostConnection(e) || state.isOfAServerThatIsDown()) {
            if (e.getCause() instanceof SocketTimeoutException) {
                return new CannotVerifyException(server + " did not answer in time.", Remedy.LOOK_AT_THE_NETWORK);
            }
            return state.code().isEmpty()
                    ? new CannotVerifyException(
                            server + " ended the connection, or it was lost.", Remedy.LOOK_AT_THE_SERVERS_LOG)
                    : new CannotVerifyException(
                            server + " ended the connection, or it was lost (SQLSTATE " + state + ").",
                            Remedy.LOOK_AT_THE_SERVERS_LOG);
        }
        if (state.is("40001") && String.valueOf(e.getMessage()).contains("conflict with recovery")) {
            boolean ended = String.valueOf(e.getMessage()).contains("terminating connection");
            return new CannotVerifyException(
                    "The standby " + (ended ? "ended one of our sessions" : "cancelled one of our queries")
                            + ": it conflicts with recovery (SQLSTATE 40001).",
                    Remedy.LET_THE_STANDBY_WAIT);
        }
        String what = e instanceof UnreadableTableException table
                ? server + " cannot read the rows of " + table.table()
                : "A query failed";
        SQLException said =
                e instanceof UnreadableTableException && e.getCause() instanceof SQLException cause ? cause : e;
        String message = said instanceof PSQLException ps && ps.getServerErrorMessage() != null
                ? String.valueOf(ps.getServerErrorMessage().getMessage())
                : String.valueOf(e.getMessage());
        if (state.is(DISK_FULL)) {
            return new CannotVerifyException(
                    server + " has no room left on its disk: " + message + ".",
                    server.equals(THROW_AWAY_SERVER) ? Remedy.MAKE_ROOM_FOR_THE_COPY : Remedy.LOOK_AT_THE_SERVERS_LOG);
        }
        return new CannotVerifyException(
                what + (state.mayQuoteValues() ? "" : ": " + message) + " (SQLSTATE " + state + ").",
                Remedy.LOOK_UP_THE_SQLSTATE);
    }
}
