package io.github.pgbackup.source;

import io.github.pgbackup.CannotVerifyException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Why a connection failed, by SQLSTATE (manual, "PostgreSQL Error Codes"; 08004 and 08006 are pgjdbc's own use). */
final class ConnectionFailure {

    private ConnectionFailure() {}

    /** A server that starts or is out of connections, a network that comes back; a wrong password stays wrong. */
    static boolean passing(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        return Set.of("08001", "08006", "53300", "57P03", "57P01", "40001", "40P01", "08003")
                        .contains(state)
                && causedBy(failure, UnknownHostException.class).isEmpty()
                && causedBy(failure, SSLException.class).isEmpty();
    }

    static CannotVerifyException of(SQLException failure, JdbcUrl url, Credentials credentials) {
        CannotVerifyException known = explain(failure, url, credentials);
        return passing(failure) ? CannotVerifyException.passing(known.fact(), known.remedy(), null) : known;
    }

    private static CannotVerifyException explain(SQLException failure, JdbcUrl url, Credentials credentials) {
        String role = url.user(credentials);
        String database = url.database(credentials);
        String servers = url.servers();
        String said = said(failure);
        String urlTag = url.tag();
        String credentialsTags = url.element().child("serverId")
                + ", or PGBACKUP_USER and PGBACKUP_PASSWORD in the environment, or ~/.pgpass";
        String state = Optional.ofNullable(failure.getSQLState()).orElse("");
        return switch (state) {
            case "08001" -> unreachable(failure, servers, urlTag);
            case "08004" ->
                said.contains("password")
                        ? failure(
                                "The server at " + servers + " asks for a password of role `" + role
                                        + "`, none was given.",
                                "Give it by " + credentialsTags + ".")
                        : failure(
                                "The server at " + servers + " does not accept the connection as it was asked for: "
                                        + said,
                                "Check sslmode and gssEncMode in " + urlTag + ".");
            case "08006" ->
                causedBy(failure, SSLException.class)
                        .map(tls -> failure(
                                "The server at " + servers + " and this machine don't agree on TLS: " + tls.getMessage()
                                        + ".",
                                "Check sslmode, sslrootcert, sslcert and sslkey in " + urlTag + "."))
                        .orElseGet(() -> failure(
                                "The connection to " + servers + " was lost or not set up: " + said,
                                "Check the server's log, and the TLS parameters in " + urlTag + "."));
            case "08P01" ->
                said.contains("startup parameter")
                        ? failure(
                                "A connection pooler answers at " + servers
                                        + " and refuses the start-up options that make our" + " sessions read-only: "
                                        + said,
                                Pooler.remedy(url))
                        : failure(
                                "The server at " + servers + " does not speak as expected: " + said,
                                "Check that a PostgreSQL server listens at the host and port in " + urlTag + ".");
            case "28P01" ->
                failure(
                        "The server at " + servers + " refused the password of role `" + role
                                + "`, or there is no such role.",
                        "Correct it in " + credentialsTags + ".");
            case "28000" ->
                failure(
                        "The server at " + servers + " does not let role `" + role + "` connect to database `"
                                + database + "` from here: " + said,
                        "Check the role, pg_hba.conf on the server, and sslmode in " + urlTag + ".");
            case "3D000" ->
                failure(
                        "The server at " + servers + " has no database `" + database + "`.",
                        "Correct the name in " + urlTag + ".");
            case "42501" ->
                failure(
                        "Role `" + role + "` may not connect to database `" + database + "` at " + servers + ": "
                                + said,
                        "Have the owner run GRANT CONNECT ON DATABASE, or use another role.");
            case "53300" ->
                failure(
                        "The server at " + servers + " has no connection left: " + said,
                        "Run the verification when fewer are connected, or raise max_connections; it needs up to two"
                                + " and one for each <backup><jobs>.");
            case "57P03" ->
                failure(
                        "The server at " + servers + " accepts no connections now: " + said,
                        "Wait until it is up, or name another server in " + urlTag + ".");
            default ->
                failure(
                        "No session with " + servers + ": " + said
                                + (state.isEmpty() ? "" : " (SQLSTATE " + state + ")"),
                        "Check " + urlTag + " and the server's log.");
        };
    }

    private static CannotVerifyException unreachable(SQLException failure, String servers, String urlTag) {
        String reason;
        if (causedBy(failure, UnknownHostException.class).isPresent()) {
            reason = "its name is not known.";
        } else if (causedBy(failure, SocketTimeoutException.class).isPresent()) {
            reason = "it did not answer in time.";
        } else if (causedBy(failure, NoRouteToHostException.class).isPresent()) {
            reason = "there is no route to it.";
        } else if (causedBy(failure, ConnectException.class).isPresent()) {
            reason = "it refused the connection.";
        } else {
            reason = said(failure);
        }
        return failure(
                "No PostgreSQL server can be reached at " + servers + ": " + reason,
                "Check host and port in " + urlTag + ", and that the server listens there.");
    }

    /** Without the cause: its stack holds nothing that the sentence doesn't say, and its text is not ours to vouch for. */
    private static CannotVerifyException failure(String fact, String remedy) {
        return new CannotVerifyException(fact, remedy);
    }

    /** The server's own first line, or else the driver's, as a sentence; neither repeats a password. */
    private static String said(SQLException failure) {
        ServerErrorMessage server = failure instanceof PSQLException psql ? psql.getServerErrorMessage() : null;
        String message = server == null ? failure.getMessage() : server.getMessage();
        String line = String.valueOf(message).lines().findFirst().orElse("");
        return line.endsWith(".") ? line : line + ".";
    }

    private static <T extends Throwable> Optional<T> causedBy(Throwable failure, Class<T> type) {
        return Stream.<Throwable>iterate(failure, cause -> cause != null, Throwable::getCause)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst();
    }
}
