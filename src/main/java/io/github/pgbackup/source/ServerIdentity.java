package io.github.pgbackup.source;

import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which server and database a session has reached, as reported by the server itself.
 *
 * @param role the session's role
 * @param superuser whether that role is a superuser
 * @param bootstrapSuperuser the name of the role that initdb created (OID 10)
 * @param systemIdentifier the random identifier from initdb; a standby and a copy of the files have the same one; empty
 *     when the role may not call pg_control_system()
 * @param address the server's end of the connection, which behind a NAT differs from the address that the client used;
 *     address and port are empty over a Unix socket
 * @param startedAt with microseconds; distinguishes a server from its clones
 * @param dataDirectory empty when the role may not read it
 */
public record ServerIdentity(
        String database,
        String role,
        boolean superuser,
        String bootstrapSuperuser,
        PostgresVersion version,
        Optional<String> systemIdentifier,
        Optional<String> address,
        OptionalInt port,
        Instant startedAt,
        boolean inRecovery,
        Optional<String> dataDirectory) {

    private static final String FACTS = """
            select current_database() as database,
                   session_user as role,
                   (select rolsuper from pg_catalog.pg_roles where rolname = session_user) as superuser,
                   (select rolname from pg_catalog.pg_roles where oid = 10) as bootstrap_superuser,
                   current_setting('server_version_num')::int as version,
                   host(inet_server_addr()) as address,
                   inet_server_port() as port,
                   pg_postmaster_start_time() as started_at,
                   pg_is_in_recovery() as in_recovery,
                   (select setting from pg_catalog.pg_settings where name = 'data_directory') as data_directory
            """;

    public static ServerIdentity of(Session session) throws SQLException {
        Optional<String> identifier = systemIdentifier(session);
        return session.one(
                FACTS,
                row -> new ServerIdentity(
                        row.getString("database"),
                        row.getString("role"),
                        row.getBoolean("superuser"),
                        row.getString("bootstrap_superuser"),
                        PostgresVersion.ofNumber(row.getInt("version")),
                        identifier,
                        Optional.ofNullable(row.getString("address")),
                        row.getObject("port") == null ? OptionalInt.empty() : OptionalInt.of(row.getInt("port")),
                        row.getObject("started_at", OffsetDateTime.class).toInstant(),
                        row.getBoolean("in_recovery"),
                        Optional.ofNullable(row.getString("data_directory"))));
    }

    private static Optional<String> systemIdentifier(Session session) throws SQLException {
        String function = "pg_catalog.pg_control_system()";
        return session.one("select has_function_privilege(?, 'EXECUTE')", row -> row.getBoolean(1), function)
                ? Optional.ofNullable(session.text("select system_identifier from " + function))
                : Optional.empty();
    }

    /**
     * Whether both sessions reached the same running server, in any database. The start time decides: a standby or a
     * file-level clone has the same system identifier, and one server may have several addresses.
     */
    public boolean sameServer(ServerIdentity other) {
        return startedAt.equals(other.startedAt)
                && (systemIdentifier.isEmpty()
                        || other.systemIdentifier.isEmpty()
                        || systemIdentifier.equals(other.systemIdentifier));
    }

    /** The facts that distinguish one server from another, in one line. */
    public String describe() {
        return "address " + address.orElse("(Unix socket)")
                + ", port " + (port.isPresent() ? "" + port.getAsInt() : "(none)")
                + ", system identifier " + systemIdentifier.orElse("(not readable)")
                + ", started at " + startedAt;
    }
}
