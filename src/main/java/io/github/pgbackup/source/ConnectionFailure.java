package io.github.pgbackup.source;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
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

/** Why a connection failed, by SQLSTATE (manual, "PostgreSQL Error Codes"; 08004 and 08006 are pgjdbc's own use). */
final class ConnectionFailure {

    private ConnectionFailure() {}

    /** A server that starts or is out of connections, a network that comes back; a wrong password stays wrong. */
    static boolean isTransient(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        return Set.of("08001", "08006", "53300", "57P03", "57P01", "40001", "40P01", "08003")
                        .contains(state)
                && causedBy(failure, UnknownHostException.class).isEmpty()
                && causedBy(failure, SSLException.class).isEmpty()
                && !isForAnotherHost(failure);
    }

    /** Whether the certificate names another host; pgjdbc has no other sign of it than the verifier's name. */
    private static boolean isForAnotherHost(SQLException failure) {
        return String.valueOf(failure.getMessage()).contains("PgjdbcHostnameVerifier");
    }

    /** Without the cause: its stack holds nothing that the sentence doesn't say, and its text is not ours to vouch for. */
    static CannotVerifyException of(SQLException failure, JdbcUrl url, Credentials credentials) {
        CannotVerifyException known = explain(failure, url, credentials);
        return isTransient(failure) ? known.asTransient() : known;
    }

    private static CannotVerifyException explain(SQLException failure, JdbcUrl url, Credentials credentials) {
        String role = url.user(credentials);
        String database = url.database(credentials);
        String servers = url.servers();
        String said = said(failure);
        String urlTag = url.tag();
        String serverIdTag = url.element().child("serverId");
        String state = Optional.ofNullable(failure.getSQLState()).orElse("");
        return switch (state) {
            case "08001" -> unreachable(failure, servers, urlTag);
            case "08004" ->
                said.contains("password")
                        ? new CannotVerifyException(
                                "The server at " + servers + " asks for a password of role `" + role
                                        + "`, none was given.",
                                Remedy.giveThePassword(serverIdTag))
                        : new CannotVerifyException(
                                "The server at " + servers + " does not accept the connection as it was asked for: "
                                        + said,
                                Remedy.checkEncryption(urlTag));
            case "08006" -> lost(failure, servers, urlTag);
            case "08P01" ->
                said.contains("startup parameter")
                        ? new CannotVerifyException(
                                "A connection pooler answers at " + servers
                                        + " and refuses the start-up options that make our" + " sessions read-only: "
                                        + said,
                                Remedy.nameTheServerBehindThePooler(urlTag))
                        : new CannotVerifyException(
                                "The server at " + servers + " does not speak as expected: " + said,
                                Remedy.checkThatPostgresqlListens(urlTag));
            case "28P01" ->
                new CannotVerifyException(
                        "The server at " + servers + " refused the password of role `" + role
                                + "`, or there is no such role.",
                        Remedy.correctTheCredentials(serverIdTag));
            case "28000" ->
                new CannotVerifyException(
                        "The server at " + servers + " does not let role `" + role + "` connect to database `"
                                + database + "` from here: " + said,
                        Remedy.checkTheRole(serverIdTag, urlTag));
            case "3D000" ->
                new CannotVerifyException(
                        "The server at " + servers + " has no database `" + database + "`.",
                        Remedy.correctTheDatabase(urlTag));
            case "42501" ->
                new CannotVerifyException(
                        "Role `" + role + "` may not connect to database `" + database + "` at " + servers + ": "
                                + said,
                        Remedy.GRANT_CONNECT);
            case "53300" ->
                new CannotVerifyException(
                        "The server at " + servers + " has no connection left: " + said, Remedy.LEAVE_CONNECTIONS_FREE);
            case "57P03" ->
                new CannotVerifyException(
                        "The server at " + servers + " accepts no connections now: " + said,
                        Remedy.waitUntilItIsUp(urlTag));
            default ->
                new CannotVerifyException(
                        "No session with " + servers + ": " + said
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
                            + (tls == null ? said(failure) : tls.getMessage() + "."),
                    Remedy.checkTls(urlTag));
        }
        return tls == null
                ? new CannotVerifyException(
                        "The connection to " + servers + " was lost or not set up: " + said(failure),
                        Remedy.checkTheServersLogAndTls(urlTag))
                : new CannotVerifyException(
                        "The server at " + servers + " and this machine don't agree on TLS: " + tls.getMessage() + ".",
                        Remedy.checkTls(urlTag));
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
        return new CannotVerifyException(
                "No PostgreSQL server can be reached at " + servers + ": " + reason, Remedy.checkHostAndPort(urlTag));
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
