package io.github.pgbackup.postgres;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The SQLSTATE of an error (manual, appendix A), and what it says about the cause.
 *
 * @param code empty if the driver gives none
 */
public record SqlState(String code) {

    /** The class of insufficient resources, including a full disk. */
    private static final String INSUFFICIENT_RESOURCES = "53";

    private static final String SYSTEM_ERROR = "58";

    /**
     * serialization_failure (also a conflict with recovery on a standby), deadlock_detected, too_many_connections,
     * lock_not_available, admin_shutdown, crash_shutdown, cannot_connect_now.
     */
    private static final Set<String> TRANSIENT = Set.of("40001", "40P01", "53300", "55P03", "57P01", "57P02", "57P03");

    public static SqlState of(SQLException error) {
        return of(error.getSQLState());
    }

    public static SqlState of(@Nullable String code) {
        return new SqlState(code == null ? "" : code);
    }

    public boolean is(String other) {
        return code.equals(other);
    }

    /** Whether a second attempt may succeed, because the cause lies with the server or another session. */
    public boolean isTransient() {
        return TRANSIENT.contains(code);
    }

    /** Whether the connection was lost or could not be established. */
    public boolean isOfTheConnection() {
        return code.startsWith("08");
    }

    /** Whether an error ended the connection. If the driver could not close the connection, it gives no SQLSTATE. */
    public static boolean isLostConnection(SQLException error) {
        return of(error).isOfTheConnection() || of(error).code.isEmpty() && error.getCause() instanceof IOException;
    }

    /** Whether the server is shutting down or starting up. */
    public boolean isOfAServerThatIsDown() {
        return code.startsWith("57P");
    }

    public boolean lacksResources() {
        return code.startsWith(INSUFFICIENT_RESOURCES);
    }

    /** Whether the error came from outside PostgreSQL, for example from reading a file. */
    public boolean isOfTheSystem() {
        return code.startsWith(SYSTEM_ERROR);
    }

    /** Whether its message can quote values: data exceptions, violated constraints and errors raised by functions. */
    public boolean mayQuoteValues() {
        return Stream.of("22", "23", "P0").anyMatch(code::startsWith);
    }

    @Override
    public String toString() {
        return code;
    }
}
