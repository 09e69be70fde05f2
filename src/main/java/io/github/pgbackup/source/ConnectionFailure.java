package io.github.pgbackup.source;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.postgres.SqlState;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Why a connection failed, by SQLSTATE (manual, "PostgreSQL Error Codes"; 08004 and 08006 are specific to pgjdbc). */
final class ConnectionFailure {

    private ConnectionFailure() {}

    /** A starting server, exhausted connections or a network failure may go away; a wrong password stays wrong. */
    static boolean isTransient(SQLException failure) {
        SqlState state = SqlState.of(failure);
        return (state.isTransient() || Set.of("08001", "08003", "08006").contains(state.code()))
                && causedBy(failure, UnknownHostException.class).isEmpty()
                && causedBy(failure, SSLException.class).isEmpty()
                && !isForAnotherHost(failure);
    }

    /** Whether the certificate names another host. Only the verifier's name in pgjdbc's message shows that. */
    private static boolean isForAnotherHost(SQLException failure) {
        return String.valueOf(failure.getMessage()).contains("PgjdbcHostnameVerifier");
    }

    /** Drops the cause: its stack adds nothing to the sentence, and its text might contain secrets. */
    static CannotVerifyException of(SQLException failure, JdbcUrl url, Credentials credentials) {
        CannotVerifyException known = explain(failure, url, credentials);
        return isTransient(failure) ? known.asTransient() : known;
    }

    private static CannotVerifyException explain(SQLException failure, JdbcUrl url, Credentials credentials) {
        String role = url.user(credentials);
        String database = url.database(credentials);
        String servers = url.servers();
        String serverMessage = serverMessage(failure);
        String urlTag = url.tag();
        String serverIdTag = url.element().child("serverId");
        String state = Optional.ofNullable(failure.getSQLState()).orElse("");
        return switch (state) {
            case "08001" -> unreachable(failure, servers, urlTag);
            case "08004" ->
                serverMessage.contains("password")
                        ? new CannotVerifyException(
                                "The server at " + servers + " requires a password for role `" + role
                                        + "`, but none is configured.",
                                Remedy.giveThePassword(serverIdTag))
                        : new CannotVerifyException(
                                "The server at " + servers + " rejected the connection: " + serverMessage,
                                Remedy.checkEncryption(urlTag));
            case "08006" -> lost(failure, servers, urlTag);
            case "08P01" ->
                serverMessage.contains("startup parameter")
                        ? new CannotVerifyException(
                                "A connection pooler at " + servers
                                        + " rejects the startup options that make our sessions read-only: "
                                        + serverMessage,
                                Remedy.nameTheServerBehindThePooler(urlTag))
                        : new CannotVerifyException(
                                "The server at " + servers + " does not speak PostgreSQL's protocol: " + serverMessage,
                                Remedy.checkThatPostgresqlListens(urlTag));
            case "28P01" ->
                new CannotVerifyException(
                        "The server at " + servers + " refused the password of role `" + role
                                + "`, or the role does not exist.",
                        Remedy.correctTheCredentials(serverIdTag));
            case "28000" ->
                new CannotVerifyException(
                        "The server at " + servers + " does not let role `" + role + "` connect to database `"
                                + database + "` from here: " + serverMessage,
                        Remedy.checkTheRole(serverIdTag, urlTag));
            case "3D000" ->
                new CannotVerifyException(
                        "The server at " + servers + " has no database `" + database + "`.",
                        Remedy.correctTheDatabase(urlTag));
            case "42501" ->
                new CannotVerifyException(
                        "Role `" + role + "` may not connect to database `" + database + "` at " + servers + ": "
                                + serverMessage,
                        Remedy.GRANT_CONNECT);
            case "53300" ->
                new CannotVerifyException(
                        "The server at " + servers + " has no free connections: " + serverMessage,
                        Remedy.LEAVE_CONNECTIONS_FREE);
            case "57P03" ->
                new CannotVerifyException(
                        "The server at " + servers + " does not accept connections at the moment: " + serverMessage,
                        Remedy.waitUntilItIsUp(urlTag));
            default ->
                new CannotVerifyException(
                        "Cannot connect to " + servers + ": " + serverMessage
                                + (state.isEmpty() ? "" : " (SQLSTATE " + state + ")"),
                        Remedy.checkTheUrlAndTheServersLog(urlTag));
        };
    }

    private static CannotVerifyException lost(SQLException failure, String servers, String urlTag) {
        SSLException tls = causedBy(failure, SSLException.class).orElse(null);
        if (isForAnotherHost(failure)) {
            return new CannotVerifyException(
                    "The certificate of the server at " + servers + " is for another host name.",
                    Remedy.checkTls(urlTag));
        }
        if (causedBy(failure, CertPathValidatorException.class).isPresent()
                || causedBy(failure, CertPathBuilderException.class).isPresent()) {
            return new CannotVerifyException(
                    "The certificate of the server at " + servers
                            + " is not signed by an authority that is trusted here, or it is not valid: "
                            + (tls == null ? serverMessage(failure) : tls.getMessage() + "."),
                    Remedy.checkTls(urlTag));
        }
        return tls == null
                ? new CannotVerifyException(
                        "The connection to " + servers + " was lost or could not be established: "
                                + serverMessage(failure),
                        Remedy.checkTheServersLogAndTls(urlTag))
                : new CannotVerifyException(
                        "TLS negotiation with the server at " + servers + " failed: " + tls.getMessage() + ".",
                        Remedy.checkTls(urlTag));
    }

    private static CannotVerifyException unreachable(SQLException failure, String servers, String urlTag) {
        String reason;
        if (causedBy(failure, UnknownHostException.class).isPresent()) {
            reason = "the host name is unknown.";
        } else if (causedBy(failure, SocketTimeoutException.class).isPresent()) {
            reason = "it did not answer in time.";
        } else if (causedBy(failure, NoRouteToHostException.class).isPresent()) {
            reason = "there is no route to it.";
        } else if (causedBy(failure, ConnectException.class).isPresent()) {
            reason = "it refused the connection.";
        } else {
            reason = serverMessage(failure);
        }
        return new CannotVerifyException(
                "No PostgreSQL server can be reached at " + servers + ": " + reason, Remedy.checkHostAndPort(urlTag));
    }

    /** The first line of the server's message, or else of the driver's, as a sentence. Neither contains a password. */
    private static String serverMessage(SQLException failure) {
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
