package io.github.pgbackup.postgres;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The SQLSTATE of an error (manual, appendix A), and what it says of whose fault it is.
 *
 * @param code empty where the driver gives none
 */
public record SqlState(String code) {

    /** Resources, a full disk among them. */
    private static final String INSUFFICIENT_RESOURCES = "53";

    private static final String SYSTEM_ERROR = "58";

    /**
     * serialization_failure (a standby too), deadlock_detected, too_many_connections, lock_not_available, admin_shutdown,
     * crash_shutdown, cannot_connect_now.
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

    /** What the server or another session did, and may do no more when it is tried again. */
    public boolean isTransient() {
        return TRANSIENT.contains(code);
    }

    /** Of the connection, which is lost or was never there. */
    public boolean isOfTheConnection() {
        return code.startsWith("08");
    }

    /** Whether an error ended the connection. The driver gives no SQLSTATE to one that it could not close. */
    public static boolean isLostConnection(SQLException error) {
        return of(error).isOfTheConnection() || of(error).code.isEmpty() && error.getCause() instanceof IOException;
    }

    /** Whether somebody shut the server down, or it is not up yet. */
    public boolean isOfAServerThatIsDown() {
        return code.startsWith("57P");
    }

    public boolean lacksResources() {
        return code.startsWith(INSUFFICIENT_RESOURCES);
    }

    /** An error outside of PostgreSQL, such as in reading a file. */
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
